"""Verbs on drafts: approve, reject, undo. Before a decision: proposals.py; after a send went wrong: parked.py.

Every transition comes from the table in states.py and is a compare-and-set: a lost race is an error that the person sees.
Sending itself is in sending.py and reads only what approve() froze.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks import deliveries
from webhooks.models import Conversation

from ..learning import learning_signals
from ..models import Draft, draft_texts
from ..risk import evaluate
from ..text.plain import is_visible
from . import attachments, first_look, guards, notices, proposals, recipients, sending
from .escalations import escalate, owners
from .guards import GRADES, LIVE, Grades, may_approve
from .parked import arrived, close, resend, settle
from .proposals import carry_over, claim, edit, propose, set_recipients
from .states import Refused, outcome_of, transition

__all__ = [
    "GRADES", "LIVE", "Grades", "Refused", "approve", "arrived", "carry_over", "claim", "close", "edit", "escalate",
    "may_approve", "propose", "reject", "resend", "set_recipients", "settle", "undo",
]  # fmt: skip

S = Draft.Status


def approve(
    draft: Draft, *, by: User, revision: int, grades: Grades, now: datetime, text: str | None = None,
    note: str | None = None, then: str | None = None, seen: int | None = None,
    named: Mapping[str, Any] | None = None, of_any_author: bool = False,
) -> None:  # fmt: skip
    """Freeze the text, recipients and files as this person saw them, and enqueue the send, once, after the undo window.

    named: the recipients that this person saw, {"to", "cc"} or {"contact_id"}; None if unknown.
    seen: the newest customer message that this person saw; None if unknown.
    then: what happens to the conversation after sending: "resolved", "pending" or nothing.
    of_any_author: asks for grades of a person's draft, too, as the API does.
    note, then: None means nothing; at a second look, what the first person chose. Other values make it a first look again.
    Raises Refused: forbidden, grades_required, attachments, already_decided, stale, revision_changed, second_person_required.
    """
    guards.approval(draft, by, text=text)
    if then not in (None, *Draft.Then.values):
        raise Refused(
            "then", _("After sending, a conversation can be resolved, set to pending, or left as it is.")
        )
    with transaction.atomic():
        conversation = Conversation.objects.locked(draft.conversation.source, draft.conversation.display_id)
        draft.refresh_from_db()
        _check(
            draft, conversation, by=by, revision=revision, grades=grades, text=text, seen=seen, named=named, now=now,
            of_any_author=of_any_author,
        )  # fmt: skip
        _keep_risk(draft)
        note, then = _as_at_the_first_look(draft, note=note, then=then)
        if draft.status == S.SECOND_LOOK:
            guards.second_person_changes_nothing(draft, text=text)
            if not first_look.is_of(draft, note=note, then=then):
                proposals.void_first_look(draft, by=by, now=now)
        if text is not None and text != draft.body:
            proposals.write_text(draft, text=text, by=by, now=now)
        if draft.needs_second_person and draft.status == S.PROPOSED:
            _ask_for_a_second_look(draft, by=by, grades=grades, note=note, then=then, now=now)
            return
        if draft.status == S.SECOND_LOOK:
            guards.second_person(draft, by)
        _freeze(draft, conversation, by=by, grades=grades, note=note, then=then, now=now)


def _check(
    draft: Draft, conversation: Conversation, *, by: User, revision: int, grades: Grades, text: str | None,
    seen: int | None, named: Mapping[str, Any] | None, now: datetime, of_any_author: bool,
) -> None:  # fmt: skip
    """All that an approval needs, of the rows that are locked now. Raises Refused."""
    body = draft.body if text is None else text
    draft.risk = evaluate.flags_of(draft, text=text)
    wanted = (of_any_author or guards.is_graded(draft)) and guards.grades_wanted(draft, text=body)
    guards.graded_if(wanted, grades)
    guards.undecided(draft)
    guards.seen(draft, revision)
    guards.fresh(draft, conversation, seen=seen, now=now)
    guards.addressed(draft, named=named)
    guards.approval(draft, by, text=text)
    guards.says_something(body, refusal=_("An empty reply cannot be approved."))
    attachments.check(draft, text=body)


def _ask_for_a_second_look(
    draft: Draft, *, by: User, grades: Grades, note: str, then: str, now: datetime
) -> None:
    transition(
        draft, S.SECOND_LOOK, now=now, action="first look", by=by, detail=_reasons(draft), first_look_by=by, note=note,
        first_look_of=first_look.digest(draft, note=note, then=then), after_send=then, **grades,
    )  # fmt: skip
    notices.second_look(draft, second_people(draft), by=by, now=now)


def _freeze(
    draft: Draft, conversation: Conversation, *, by: User, grades: Grades, note: str, then: str, now: datetime
) -> None:
    """What sending reads from now on. Other drafts for the same message are withdrawn."""
    send_after = now + timedelta(seconds=settings.UNDO_SECONDS)
    transition(
        draft, S.APPROVED, now=now, action="approved", by=by, text=draft.body, detail=note,
        approval=draft.approval + 1, approved_text=draft.body,
        approved_recipients=recipients.for_contact_of(conversation, draft.recipients),
        approved_attachments=attachments.listed(draft),
        approved_revision=draft.revision, decided_by=by, decided_at=now, send_after=send_after, note=note,
        after_send=then, call_started_at=None, sender_id=None, why="", **grades,
    )  # fmt: skip
    learning_signals.approved(draft, by=by, now=now)
    sending.enqueue(draft, at=send_after, now=now)
    others = Draft.objects.filter(in_reply_to=draft.in_reply_to, status__in=[S.PROPOSED, S.STALE])
    for other in others.exclude(pk=draft.pk):
        transition(
            other, S.WITHDRAWN, now=now, action="withdrawn", why=draft_texts.OTHER_APPROVED % {"n": draft.pk}
        )


def _as_at_the_first_look(draft: Draft, *, note: str | None, then: str | None) -> tuple[str, str]:
    first = draft.status == S.SECOND_LOOK
    kept = (draft.note, draft.after_send) if first else ("", "")
    return kept[0] if note is None else note, kept[1] if then is None else then


def second_people(draft: Draft) -> list[User]:
    """Who may approve it as the second person: people who decide in its inbox, and the guard lets pass."""
    return [user for user in owners(draft.conversation) if guards.may_be_second(draft, user)]


def _keep_risk(draft: Draft) -> None:
    """Labels, messages and rules change while a draft waits: the current flags decide."""
    Draft.objects.filter(pk=draft.pk, revision=draft.revision).update(risk=draft.risk)


def _reasons(draft: Draft) -> str:
    return " ".join(flag["reason"] for flag in draft.risk if flag.get("second_person"))


def reject(
    draft: Draft, *, by: User, revision: int, grades: Grades, reason: str, now: datetime, no_article: bool = False,
    of_any_author: bool = False,
) -> None:  # fmt: skip
    """The draft is not sent. The conversation stays in the queue. no_article: because no article fits the question."""
    guards.may_decide(by)
    guards.graded_if(of_any_author or guards.is_graded(draft), grades)
    if not is_visible(reason):
        raise Refused("reason_required", _("Give a reason. It helps to improve the articles."))
    guards.undecided(draft)
    guards.seen(draft, revision)
    with transaction.atomic():
        transition(
            draft, S.REJECTED, now=now, action="rejected", by=by, detail=reason, decided_by=by, decided_at=now,
            note=reason, **grades,
        )  # fmt: skip
        learning_signals.rejected(draft, by=by, now=now, no_article=no_article)


def undo(draft: Draft, *, by: User, now: datetime) -> None:
    """Undo an approval, as long as the call has not started. Everyone may undo their own."""
    if draft.decided_by_id != by.pk:
        guards.may_decide(by)
    if draft.status != S.APPROVED:
        raise Refused("already_decided", outcome_of(draft))
    with transaction.atomic():
        transition(
            draft,
            S.PROPOSED,
            now=now,
            action="undone",
            by=by,
            send_after=None,
            decided_by=None,
            decided_at=None,
            first_look_by=None,
            first_look_of="",
        )
        learning_signals.undone(draft, now=now)
        # A send that has begun finds the draft no longer APPROVED and stops by itself.
        deliveries.cancel(draft.conversation.source, draft.send_key, now=now)
