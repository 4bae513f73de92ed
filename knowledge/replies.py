"""Verbs on drafts: propose, claim, edit, approve, reject, undo, carry over, and what settles a parked one.

Every move comes from the table in moves.py and is a compare-and-set: a lost race is an error the person sees.
Whatever changes the text weighs its risk anew. Sending itself is in sending.py and reads only what approve() froze.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from webhooks import inbox
from webhooks.models import Conversation, Message, Source

from . import guards, learning_signals, outgoing, recipients, risk_facts
from .escalations import escalate
from .guards import GRADES, LIVE, Grades, may_approve
from .models import Draft, DraftEvent
from .moves import CLAIM_FOR, Refused, move, whose

__all__ = [
    "GRADES", "LIVE", "Grades", "Refused", "approve", "arrived", "carry_over", "claim", "close", "edit", "escalate",
    "may_approve", "post_send", "propose", "reject", "resend", "set_recipients", "settle", "undo",
]  # fmt: skip

S = Draft.Status


def propose(
    message: Message, *, text: str, author: str, kind: str, now: datetime, evidence: list | None = None,
    confidence: float | None = None, by: User | None = None, changed_by: Iterable[int] = (),
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
        flags = risk_facts.flags(text, message=message, evidence=evidence or [], confidence=confidence)
        draft = Draft.objects.create(
            conversation=conversation, in_reply_to=message, proposed_text=text, body=text, author=author, author_kind=kind,
            confidence=confidence, evidence=evidence or [], risk=flags, created_at=now, changed_by=sorted(changed_by),
            recipients=recipients.for_reply(conversation, message),
        )  # fmt: skip
        DraftEvent.objects.create(draft=draft, at=now, by=by, action="proposed", after=S.PROPOSED, text=text)
        outgoing.mirror(draft, now=now)
    return draft, True


def claim(draft: Draft, *, by: User, now: datetime, take_over: bool = False, reason: str = "") -> None:
    """Reserve it for ten minutes. Raises Refused("claimed") while another person has it, unless it is taken over."""
    held = draft.claimed_by_id not in (None, by.pk) and draft.claimed_until and draft.claimed_until > now
    if held and not take_over:
        raise Refused("claimed", f"{draft.claimed_by} has it until {draft.claimed_until:%H:%M}.")
    mine = draft.claimed_by_id == by.pk and draft.claimed_until and draft.claimed_until > now
    since = (draft.claimed_at if mine else None) or now
    with transaction.atomic():
        if held:
            told = f"From {draft.claimed_by}. {reason}"[:500].strip()
            DraftEvent.objects.create(
                draft=draft, at=now, by=by, action="taken over", before=draft.status, after=draft.status, detail=told
            )  # fmt: skip
        Draft.objects.filter(pk=draft.pk).update(
            claimed_by=by, claimed_at=since, claimed_until=now + CLAIM_FOR
        )
    draft.refresh_from_db()


def edit(draft: Draft, *, text: str, by: User, revision: int, now: datetime) -> None:
    """Change the text of an undecided draft; a revision is one text, so the number moves on."""
    guards.undecided(draft)
    guards.seen(draft, revision)
    if not text.strip():
        raise Refused("empty", "A draft needs a text.")
    if text == draft.body:
        return
    with transaction.atomic():
        _write_text(draft, text=text, by=by, now=now)


def _write_text(draft: Draft, *, text: str, by: User, now: datetime) -> None:
    flags = risk_facts.flags_of(draft, text=text)
    _change(draft, by=by, now=now, action="edited", text=text, body=text, risk=flags)


def _change(
    draft: Draft, *, by: User, now: datetime, action: str, text: str = "", detail: str = "", **changes: Any
) -> None:
    """Of what a person approves: so the revision moves on, and whoever changes it is one of its authors."""
    editors = sorted({*draft.changed_by, by.pk})
    changed = Draft.objects.filter(pk=draft.pk, status=draft.status, revision=draft.revision).update(
        revision=draft.revision + 1, changed_by=editors, **changes
    )
    if not changed:
        raise Refused("revision_changed", "Somebody changed this draft meanwhile: reload to see it.")
    draft.refresh_from_db()
    DraftEvent.objects.create(
        draft=draft, at=now, by=by, action=action, before=draft.status, after=draft.status, text=text, detail=detail[:500]
    )  # fmt: skip


def set_recipients(
    draft: Draft, *, to: Iterable[str], cc: Iterable[str], by: User, revision: int, now: datetime
) -> None:
    """Whom an undecided reply by e-mail goes to. Raises Refused: recipients says which address is wrong, and why."""
    guards.undecided(draft)
    guards.seen(draft, revision)
    try:
        wanted = recipients.checked(draft.conversation.inbox, to=to, cc=cc)
    except recipients.Unfit as error:
        raise Refused("recipients", str(error)) from error
    if all(draft.recipients.get(name, []) == addresses for name, addresses in wanted.items()):
        return
    detail = "; ".join(
        f"{name.upper() if name == 'cc' else 'To'} {', '.join(addresses) or 'nobody'}" for name, addresses in wanted.items()
    )  # fmt: skip
    with transaction.atomic():
        _change(
            draft, by=by, now=now, action="recipients", detail=detail, recipients=draft.recipients | wanted
        )


def approve(
    draft: Draft, *, by: User, revision: int, grades: Grades, now: datetime, text: str | None = None,
    note: str = "", then: str = "", seen: int | None = None,
) -> None:  # fmt: skip
    """Freeze the text and recipients as this person saw them, and put the send in, once, after the undo window.

    seen: the newest of the customer's messages that stood before this person; None where nobody says.
    then: what becomes of the conversation once the reply is sent, "resolved", "pending" or nothing.
    Raises Refused: forbidden, grades_required, already_decided, stale, revision_changed, second_person_required.
    """
    guards.approval(draft, by, text=text)
    if then not in Draft.Then.values:
        raise Refused("then", "After sending, a conversation is resolved, set to pending, or left as it is.")
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        draft.refresh_from_db()
        draft.risk = risk_facts.flags_of(draft, text=text)
        guards.graded_where_wanted(draft, grades, text=draft.body if text is None else text)
        guards.undecided(draft)
        guards.seen(draft, revision)
        guards.fresh(draft, conversation, seen=seen, now=now)
        guards.approval(draft, by, text=text)
        if text is not None and not text.strip():
            raise Refused("empty", "An empty reply cannot be approved.")
        _keep_risk(draft)
        if text is not None and text != draft.body:
            _write_text(draft, text=text, by=by, now=now)
        if draft.needs_second_person and draft.status == S.PROPOSED:
            move(
                draft, S.SECOND_LOOK, now=now, action="first look", by=by, detail=_reasons(draft), first_look_by=by, note=note,
                after_send=then, **grades,
            )  # fmt: skip
            return
        if draft.status == S.SECOND_LOOK:
            guards.second_person(draft, by)
        send_after = now + timedelta(seconds=settings.UNDO_SECONDS)
        move(
            draft, S.APPROVED, now=now, action="approved", by=by, text=draft.body, detail=note,
            approval=draft.approval + 1, approved_text=draft.body, approved_recipients=draft.recipients,
            approved_revision=draft.revision, decided_by=by, decided_at=now, send_after=send_after, note=note,
            after_send=then, call_started_at=None, sender_id=None, why="", **grades,
        )  # fmt: skip
        learning_signals.approved(draft, by=by, now=now)
        post_send(draft, at=send_after, now=now)
        for other in Draft.objects.filter(
            in_reply_to=draft.in_reply_to, status__in=[S.PROPOSED, S.STALE]
        ).exclude(pk=draft.pk):
            move(other, S.WITHDRAWN, now=now, action="withdrawn", why=f"Draft {draft.pk} was approved.")


def _keep_risk(draft: Draft) -> None:
    """Labels, messages and rules change while a draft waits: what stands now decides."""
    Draft.objects.filter(pk=draft.pk, revision=draft.revision).update(risk=draft.risk)


def _reasons(draft: Draft) -> str:
    return " ".join(flag["reason"] for flag in draft.risk if flag.get("second_person"))


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
    guards.may_decide(by)
    guards.graded(grades)
    if not reason.strip():
        raise Refused("reason_required", "Say why: whoever improves the articles reads it.")
    guards.undecided(draft)
    guards.seen(draft, revision)
    with transaction.atomic():
        move(
            draft, S.REJECTED, now=now, action="rejected", by=by, detail=reason, decided_by=by, decided_at=now,
            note=reason, **grades,
        )  # fmt: skip
        learning_signals.rejected(draft, by=by, now=now)


def undo(draft: Draft, *, by: User, now: datetime) -> None:
    """Take an approval back, as long as the call has not begun. Everybody may take back their own."""
    if draft.decided_by_id != by.pk:
        guards.may_decide(by)
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
        learning_signals.undone(draft, now=now)
        # A send that has begun finds the draft no longer APPROVED and stops by itself.
        inbox.cancel(draft.conversation.source, draft.send_key, now=now)


def carry_over(draft: Draft, *, by: User, now: datetime, text: str | None = None) -> Draft:
    """The same text, or the editor's, bound to the customer's newest message; its author is the person who carries it."""
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
            conversation.waiting_message, text=text if text and text.strip() else draft.body,
            author=by.get_username(), kind=Draft.AuthorKind.PERSON,
            now=now, evidence=draft.evidence, by=by, changed_by={*guards.authors(draft), by.pk},
        )  # fmt: skip
        claim(fresh, by=by, now=now, take_over=True)
    return fresh


def arrived(draft: Draft, *, by: User, now: datetime) -> None:
    """A person saw the parked reply stand in Chatwoot."""
    guards.parked(draft, by)
    outgoing.mark_sent(draft, now=now, action="arrived", by=by, why="A person found it in Chatwoot.")


def close(draft: Draft, *, by: User, now: datetime) -> None:
    """Leave the parked reply: it is not sent again, and the conversation keeps its place in the queue."""
    guards.parked(draft, by)
    move(draft, S.CLOSED, now=now, action="closed", by=by)


def resend(draft: Draft, *, by: User, now: datetime) -> None:
    """A person decided that it did not arrive: send again, as a new approval of the same text."""
    guards.parked(draft, by)
    with transaction.atomic():
        move(
            draft, S.APPROVED, now=now, action="resend", by=by, approval=draft.approval + 1, call_started_at=None,
            sender_id=None, send_after=now, decided_by=by, decided_at=now, why="",
        )  # fmt: skip
        post_send(draft, at=now, now=now)


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
        outgoing.mark_sent(draft, now=now, sent_message_id=message_id)
        inbox.cancel(source, draft.send_key, now=now)
