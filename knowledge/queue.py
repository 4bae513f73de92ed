"""Who is waiting, in what order: every open conversation whose last word from a person is the customer's, once."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet

from webhooks.access import in_inboxes_of
from webhooks.models import Conversation

from . import deadlines, desk_calendars, windows
from .models import Draft

SHOWN = ("PROPOSED", "SECOND_LOOK", "APPROVED", "SENDING", "PARKED")


@dataclass(frozen=True)
class Waiting:
    conversation: Conversation
    waiting_since: datetime
    reply_due_at: datetime
    window_closes_at: datetime | None
    review_due_at: datetime | None
    draft: Draft | None
    claimed_by: str | None


def conversations(user: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(
        in_inboxes_of(user, path="inbox"), status="open", waiting_since__isnull=False, inbox__drafting=True
    )


def waiting(user: User, *, now: datetime) -> list[Waiting]:
    """The whole queue of this user, most urgent first."""
    drafts = Draft.objects.filter(status__in=SHOWN).select_related("claimed_by").order_by("-id")
    rows = conversations(user).select_related("inbox", "contact", "source", "waiting_message")
    calendars = desk_calendars.in_force()
    found = [
        _row(row, calendars=calendars, now=now) for row in rows.prefetch_related(Prefetch("drafts", drafts))
    ]
    return sorted(found, key=_urgency)


def _urgency(row: Waiting) -> tuple[datetime, datetime]:
    return min(filter(None, (row.reply_due_at, row.window_closes_at))), row.waiting_since


def _row(conversation: Conversation, *, calendars: desk_calendars.InForce, now: datetime) -> Waiting:
    since = conversation.waiting_since or now
    # The prefetch keeps its order: the newest draft for the message that waits.
    draft = next(
        (one for one in conversation.drafts.all() if one.in_reply_to_id == conversation.waiting_message_id),
        None,
    )
    undecided = draft if draft and draft.status in ("PROPOSED", "SECOND_LOOK") else None
    return Waiting(
        conversation=conversation,
        waiting_since=since,
        reply_due_at=deadlines.reply_due_at(conversation, calendars=calendars, now=now),
        window_closes_at=windows.closes_at(conversation),
        review_due_at=deadlines.review_due_at(undecided, conversation, calendars=calendars)
        if undecided
        else None,
        draft=draft,
        claimed_by=_claimed_by(draft, now=now),
    )


def _claimed_by(draft: Draft | None, *, now: datetime) -> str | None:
    if draft is None or draft.claimed_by is None or draft.claimed_until is None or draft.claimed_until <= now:
        return None
    return draft.claimed_by.get_username()
