"""Who is waiting, in what order: every conversation that a bot does not hold and in which the customer wrote last, once.

Open, pending or snoozed: who wrote last decides (webhooks/mirror/waiting.py). A bot's does not wait.

A person's own stopped sends come first; then the earlier of the reply's deadline and the closing of the window.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models import F as Column

from webhooks.accounts.access import in_inboxes_of
from webhooks.models import Conversation

from ..calendars import deadlines, inbox_calendars
from ..models import Dismissal, Draft, NoDraft
from ..replies import reply_windows
from . import mine, queue_rows
from .queue_rows import SHOWN, State

__all__ = ["SHOWN", "State", "Waiting", "conversations", "dismissed", "waiting"]
# A thousand rows are read for one page: of each only what a row shows, or is ordered by.
OF_CONVERSATION = (
    "display_id", "status", "can_reply", "can_reply_at", "is_over_whatsapp", "waiting_since", "reply_due_at",
    "inbox__name", "inbox__channel", "inbox__human_agent", "inbox__drafting", "contact__name",
    "contact__email", "contact__phone_number", "contact__contact_id", "source__slug", "waiting_message__message_id",
    "waiting_message__content", "waiting_message__created_at", "waiting_message__conversation",
    "waiting_message__looks_automatic", "waiting_message__kind", "waiting_message__content_type",
)  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    conversation: Conversation
    waiting_since: datetime
    reply_due_at: datetime
    window_closes_at: datetime | None
    review_due_at: datetime | None
    draft: Draft | None  # the newest for the message that waits, unless it is settled or stale
    claimed_by: User | None  # reads it now
    owner: User | None  # was given it
    state: State
    language: str
    no_draft: NoDraft | None  # why there is no draft, if the drafter has looked at the message
    stopped: Draft | None  # an approved reply that did not go out, with its `why`
    is_own_stop: bool  # and the person who looks at the queue had approved it
    rejected_by: User | None
    escalated_to: tuple[User, ...]  # who owns its open escalations
    is_second_look: bool  # this person may give it
    typing: str | None  # the agent who types in Chatwoot
    status: str  # the conversation's in Chatwoot: open, pending or snoozed
    looks_automatic: bool  # the message may be a machine's (authorship.looks_automatic)

    @property
    def holders(self) -> tuple[User, ...]:
        """The person who works on it now, else the owners of its escalations, else the assignee."""
        if self.claimed_by:
            return (self.claimed_by,)
        return self.escalated_to or ((self.owner,) if self.owner else ())


def conversations(user: User) -> QuerySet[Conversation]:
    """Of those who wait. One that a person dismissed does not wait until its customer writes again."""
    return _unanswered(user).filter(~Exists(_dismissals()))


def dismissed(user: User) -> QuerySet[Dismissal]:
    """What would wait, had nobody said that it needs no answer. Newest first."""
    rows = Dismissal.objects.filter(
        put_back_at=None, conversation__in=_unanswered(user), message=Column("conversation__waiting_message")
    )
    return rows.select_related("conversation__contact", "conversation__inbox", "message", "by").order_by(
        "-pk"
    )


def count_all() -> tuple[int, int]:
    """In all inboxes: customers who wait for an answer, and approved replies that are not sent yet."""
    waiting = Conversation.objects.filter(waiting_since__isnull=False, inbox__drafting=True).filter(
        ~Exists(_dismissals())
    )
    return waiting.count(), Draft.objects.filter(status__in=("APPROVED", "SENDING")).count()


def count_mine(user: User, *, now: datetime) -> int:
    """How many the filter “Me” shows, without reading the queue."""
    return mine.count(conversations(user), user=user, now=now)


def _unanswered(user: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(
        in_inboxes_of(user, path="inbox"), waiting_since__isnull=False, inbox__drafting=True
    )


def _dismissals() -> QuerySet[Dismissal]:
    return Dismissal.objects.filter(message=OuterRef("waiting_message"), put_back_at=None)


def waiting(user: User, *, now: datetime) -> list[Waiting]:
    """The whole queue of this user, most urgent first. The number of queries does not grow with it."""
    rows = conversations(user).select_related("inbox", "contact", "source", "waiting_message")
    calendars, facts = inbox_calendars.in_force(), queue_rows.read(now=now)
    looks = mine.second_looks(user, (draft for drafts in facts.drafts.values() for draft in drafts))
    found = [
        _row(row, user=user, calendars=calendars, facts=facts, looks=looks, now=now)
        for row in rows.only(*OF_CONVERSATION)
    ]
    return sorted(found, key=_urgency)


def _urgency(row: Waiting) -> tuple[bool, datetime, datetime, int]:
    due = min(filter(None, (row.reply_due_at, row.window_closes_at)))
    return not row.is_own_stop, due, row.waiting_since, row.conversation.pk


def _row(
    conversation: Conversation, *, user: User, calendars: inbox_calendars.InForce, facts: queue_rows.Facts,
    looks: set[int], now: datetime,
) -> Waiting:  # fmt: skip
    about = facts.drafts.get(conversation.pk, [])
    drafts = [one for one in about if one.in_reply_to_id == conversation.waiting_message_id]
    draft = next((one for one in drafts if one.status in SHOWN), None)
    undecided = draft if draft and draft.status in ("PROPOSED", "SECOND_LOOK") else None
    stopped = queue_rows.stopped(about)
    rejected = drafts[0] if drafts and drafts[0].status == "REJECTED" else None
    message = conversation.waiting_message
    return Waiting(
        conversation=conversation,
        waiting_since=conversation.waiting_since or now,
        reply_due_at=deadlines.reply_due_at(conversation, calendars=calendars, now=now),
        window_closes_at=reply_windows.closes_at(conversation),
        review_due_at=deadlines.review_due_at(undecided, conversation, calendars=calendars)
        if undecided
        else None,
        draft=draft,
        claimed_by=_claimed_by(draft or stopped, now=now),
        owner=facts.owner_of(conversation),
        state=facts.state_of(conversation, draft, rejected=rejected is not None),
        language=queue_rows.language_of(message.content if message else "", likely=facts.languages),
        no_draft=None if draft else facts.no_drafts.get(conversation.waiting_message_id or 0),
        stopped=stopped,
        is_own_stop=stopped is not None and stopped.decided_by_id == user.pk,
        rejected_by=rejected.decided_by if rejected else None,
        escalated_to=facts.escalated_to(conversation),
        is_second_look=bool(draft and draft.pk in looks),
        typing=facts.typing.get(conversation.pk),
        status=conversation.status,
        looks_automatic=bool(message and message.looks_automatic),
    )


def _claimed_by(draft: Draft | None, *, now: datetime) -> User | None:
    if draft is None or draft.claimed_by is None or draft.claimed_until is None or draft.claimed_until <= now:
        return None
    return draft.claimed_by
