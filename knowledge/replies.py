"""Verbs on drafts: propose, claim, edit, approve, reject, escalate, undo, carry over, and what settles a parked one.

Every move comes from the table in moves.py and is a compare-and-set: a lost race is an error the person sees.
Sending itself is in sending.py and reads only what approve() froze.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from webhooks import access, inbox
from webhooks.models import Conversation, Message, Source

from . import recipients
from .models import Draft, DraftEvent, Escalation
from .moves import Refused, move, whose

S = Draft.Status
CLAIM_FOR = timedelta(minutes=10)
LIVE = (S.PROPOSED, S.SECOND_LOOK)
Grades = Mapping[str, Any]  # tone, accuracy and policy, each 1 to 5
GRADES = ("tone", "accuracy", "policy")


def propose(
    message: Message, *, text: str, author: str, kind: str, now: datetime, evidence: list | None = None,
    risk: list | None = None, confidence: float | None = None, by: User | None = None,
) -> tuple[Draft, bool]:  # fmt: skip
    """Offer a reply to the customer's newest message. The same again returns the same; a new text replaces the old.

    Returns (draft, created). Raises Refused("stale") when a newer message came, or nobody waits any more.
    """
    if not text.strip():
        raise Refused("empty", "A draft needs a text.")
    with transaction.atomic():
        conversation = Conversation.objects.locked(
            message.conversation.source, message.conversation.display_id
        )
        if conversation.waiting_message_id != message.pk:
            raise Refused(
                "stale", "This message is no longer the one to answer: read the conversation again."
            )
        mine = Draft.objects.filter(in_reply_to=message, author=author, author_kind=kind)
        same = mine.filter(proposed_text=text).exclude(status__in=[S.WITHDRAWN, S.STALE, S.EXPIRED]).first()
        if same:
            return same, False
        for old in mine.filter(status=S.PROPOSED):
            move(old, S.WITHDRAWN, now=now, action="replaced", by=by, why="Replaced by its author.")
        draft = Draft.objects.create(
            conversation=conversation, in_reply_to=message, proposed_text=text, body=text, author=author, author_kind=kind,
            confidence=confidence, evidence=evidence or [], risk=risk or [], created_at=now,
            recipients=recipients.for_reply(conversation, message),
        )  # fmt: skip
        DraftEvent.objects.create(draft=draft, at=now, by=by, action="proposed", after=S.PROPOSED, text=text)
    return draft, True


def claim(draft: Draft, *, by: User, now: datetime, take_over: bool = False) -> None:
    """Reserve it for ten minutes. Raises Refused("claimed") while another person has it."""
    held = draft.claimed_by_id not in (None, by.pk) and draft.claimed_until and draft.claimed_until > now
    if held and not take_over:
        raise Refused("claimed", f"{draft.claimed_by} has it until {draft.claimed_until:%H:%M}.")
    Draft.objects.filter(pk=draft.pk).update(claimed_by=by, claimed_until=now + CLAIM_FOR)
    draft.refresh_from_db()


def edit(draft: Draft, *, text: str, by: User, revision: int, now: datetime) -> None:
    """Change the text of an undecided draft; a revision is one text, so the number moves on."""
    _check_open(draft)
    _check_revision(draft, revision)
    if not text.strip():
        raise Refused("empty", "A draft needs a text.")
    if text == draft.body:
        return
    with transaction.atomic():
        _write_text(draft, text=text, by=by, now=now)


def _write_text(draft: Draft, *, text: str, by: User, now: datetime) -> None:
    editors = sorted({*draft.changed_by, by.pk})
    changed = Draft.objects.filter(pk=draft.pk, status=draft.status, revision=draft.revision).update(
        body=text, revision=draft.revision + 1, changed_by=editors
    )
    if not changed:
        raise Refused("revision_changed", "Somebody changed this draft meanwhile: reload to see it.")
    draft.refresh_from_db()
    DraftEvent.objects.create(
        draft=draft, at=now, by=by, action="edited", before=draft.status, after=draft.status, text=text
    )


def approve(
    draft: Draft, *, by: User, revision: int, grades: Grades, now: datetime, text: str | None = None,
    note: str = "",
) -> None:  # fmt: skip
    """Freeze the text and recipients as this person saw them, and put the send in, once, after the undo window.

    Raises Refused: forbidden, grades_required, already_decided, stale, revision_changed, second_person_required.
    """
    if not may_approve(draft, by, text=text):
        raise Refused("forbidden", "Approving is for Leads and Managers.")
    _check_grades(grades)
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        draft.refresh_from_db()
        _check_open(draft)
        _check_revision(draft, revision)
        _check_fresh(draft, conversation)
        if text is not None and not text.strip():
            raise Refused("empty", "An empty reply cannot be approved.")
        if text is not None and text != draft.body:
            _write_text(draft, text=text, by=by, now=now)
        if draft.needs_second_person and draft.status == S.PROPOSED:
            move(
                draft,
                S.SECOND_LOOK,
                now=now,
                action="first look",
                by=by,
                first_look_by=by,
                note=note,
                **grades,
            )
            return
        if draft.status == S.SECOND_LOOK and by.pk in {draft.first_look_by_id, *draft.changed_by}:
            raise Refused(
                "second_person_required",
                "A second person must approve this: not who looked first or wrote it.",
            )
        send_after = now + timedelta(seconds=settings.UNDO_SECONDS)
        move(
            draft, S.APPROVED, now=now, action="approved", by=by, text=draft.body, detail=note,
            approval=draft.approval + 1, approved_text=draft.body, approved_recipients=draft.recipients,
            approved_revision=draft.revision, decided_by=by, decided_at=now, send_after=send_after, note=note,
            call_started_at=None, why="", **grades,
        )  # fmt: skip
        post_send(draft, at=send_after, now=now)
        for other in Draft.objects.filter(
            in_reply_to=draft.in_reply_to, status__in=[S.PROPOSED, S.STALE]
        ).exclude(pk=draft.pk):
            move(other, S.WITHDRAWN, now=now, action="withdrawn", why=f"Draft {draft.pk} was approved.")


def post_send(draft: Draft, *, at: datetime, now: datetime) -> None:
    conversation = draft.conversation
    inbox.post(
        conversation.source, event="reply.send", key=draft.send_key, lane="send", at=at, now=now,
        variant="email" if conversation.inbox and conversation.inbox.is_email else "",
        payload={"draft": draft.pk, "approval": draft.approval},
        conversation_id=conversation.display_id, message_id=draft.in_reply_to.message_id,
    )  # fmt: skip


def reject(draft: Draft, *, by: User, revision: int, grades: Grades, reason: str, now: datetime) -> None:
    """No. The conversation stays in the queue."""
    _check_may_decide(by)
    _check_grades(grades)
    if not reason.strip():
        raise Refused("reason_required", "Say why: whoever improves the articles reads it.")
    _check_open(draft)
    _check_revision(draft, revision)
    move(
        draft, S.REJECTED, now=now, action="rejected", by=by, detail=reason, decided_by=by, decided_at=now, note=reason, **grades
    )  # fmt: skip


def escalate(draft: Draft, *, by: User, reason: str, owner: User | None, now: datetime) -> Escalation:
    """Somebody else should look; the draft stays proposed."""
    _check_may_decide(by)
    _check_open(draft)
    if not reason.strip():
        raise Refused("reason_required", "Say why, for whoever takes it.")
    row = Escalation.objects.create(
        conversation=draft.conversation,
        draft=draft,
        reason=reason[:500],
        owner=owner or by,
        raised_by=by,
        raised_at=now,
    )
    DraftEvent.objects.create(
        draft=draft,
        at=now,
        by=by,
        action="escalated",
        before=draft.status,
        after=draft.status,
        detail=reason[:500],
    )
    return row


def undo(draft: Draft, *, by: User, now: datetime) -> None:
    """Take an approval back, as long as the call has not begun. Everybody may take back their own."""
    if draft.decided_by_id != by.pk:
        _check_may_decide(by)
    if draft.status != S.APPROVED:
        raise Refused("already_decided", whose(draft))
    with transaction.atomic():
        move(
            draft,
            S.PROPOSED,
            now=now,
            action="undone",
            by=by,
            send_after=None,
            decided_by=None,
            decided_at=None,
        )
        # A send that has begun finds the draft no longer APPROVED and stops by itself.
        inbox.cancel(draft.conversation.source, draft.send_key, now=now)


def carry_over(draft: Draft, *, by: User, now: datetime) -> Draft:
    """The same text, bound to the customer's newest message; its author is the person who carries it."""
    if draft.status not in (S.PROPOSED, S.STALE):
        raise Refused("already_decided", whose(draft))
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        draft.refresh_from_db()
        if conversation.waiting_message is None:
            raise Refused("stale", "Nobody waits in this conversation any more.")
        if conversation.waiting_message_id == draft.in_reply_to_id:
            raise Refused("already_decided", "This draft already answers the newest message.")
        move(
            draft,
            S.WITHDRAWN,
            now=now,
            action="carried over",
            by=by,
            why="Carried over to the newest message.",
        )
        fresh, _ = propose(
            conversation.waiting_message, text=draft.body, author=by.get_username(), kind=Draft.AuthorKind.PERSON,
            now=now, evidence=draft.evidence, risk=draft.risk, by=by,
        )  # fmt: skip
        claim(fresh, by=by, now=now, take_over=True)
    return fresh


def arrived(draft: Draft, *, by: User, now: datetime) -> None:
    """A person saw the parked reply stand in Chatwoot."""
    _check_parked(draft, by)
    move(draft, S.SENT, now=now, action="arrived", by=by, why="A person found it in Chatwoot.")


def close(draft: Draft, *, by: User, now: datetime) -> None:
    """Leave the parked reply: it is not sent again, and the conversation keeps its place in the queue."""
    _check_parked(draft, by)
    move(draft, S.CLOSED, now=now, action="closed", by=by)


def resend(draft: Draft, *, by: User, now: datetime) -> None:
    """A person decided that it did not arrive: send again, as a new approval of the same text."""
    _check_parked(draft, by)
    with transaction.atomic():
        move(
            draft, S.APPROVED, now=now, action="resend", by=by, approval=draft.approval + 1, call_started_at=None,
            send_after=now, decided_by=by, decided_at=now, why="",
        )  # fmt: skip
        post_send(draft, at=now, now=now)


def _check_parked(draft: Draft, by: User) -> None:
    _check_may_decide(by)
    if draft.status != S.PARKED:
        raise Refused("already_decided", whose(draft))


def _check_may_decide(by: User) -> None:
    if not access.may(by, "decide"):
        raise Refused("forbidden", "Approving and rejecting is for Leads and Managers.")


def may_approve(draft: Draft, by: User, *, text: str | None = None) -> bool:
    """Leads and Managers; Agents, where the Manager allows it, only a machine's unflagged words as they stand."""
    box = draft.conversation.inbox
    unchanged = not draft.changed_by and text in (None, draft.body)
    unflagged_machine = draft.author_kind != Draft.AuthorKind.PERSON and not draft.risk and unchanged
    as_agent = bool(box and box.agents_may_approve and unflagged_machine and access.may(by, "drafts"))
    return as_agent or access.may(by, "decide")


def _check_grades(grades: Grades) -> None:
    missing = [name for name in GRADES if grades.get(name) not in (1, 2, 3, 4, 5)]
    if missing:
        raise Refused(
            "grades_required",
            f"Grade {', '.join(missing)} from 1 to 5: the grades judge the draft as proposed.",
        )


def _check_open(draft: Draft) -> None:
    if draft.status == S.STALE:
        raise Refused("stale", draft.why or "A newer message came: carry the text over or draft again.")
    if draft.status not in LIVE:
        raise Refused("already_decided", whose(draft))


def _check_revision(draft: Draft, revision: int) -> None:
    if revision != draft.revision:
        raise Refused("revision_changed", f"The draft is at revision {draft.revision} by now: read it again.")


def _check_fresh(draft: Draft, conversation: Conversation) -> None:
    if conversation.waiting_message_id != draft.in_reply_to_id:
        raise Refused("stale", "The conversation moved on: a newer message, an answer, or it was resolved.")
    if not conversation.can_reply:
        raise Refused(
            "stale", "The channel's reply window has closed: only a template can be sent, in Chatwoot."
        )


def settle(source: Source, marker: str, *, message_id: int, now: datetime) -> None:
    """Our marker stands on a message in Chatwoot: that approval is SENT, whatever we thought of it."""
    if not re.fullmatch(r"[0-9]{1,18}:[0-9]{1,9}", marker):
        return
    number, _, approval = marker.partition(":")
    draft = Draft.objects.filter(pk=int(number), conversation__source=source).first()
    if (
        draft is None
        or draft.status not in (S.APPROVED, S.SENDING, S.PARKED)
        or draft.approval < int(approval)
    ):
        return
    with transaction.atomic():
        move(draft, S.SENT, now=now, action="sent", sent_message_id=message_id, why="")
        inbox.cancel(source, draft.send_key, now=now)
