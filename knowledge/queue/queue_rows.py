"""What a queue row shows besides its conversation: assignee, state of the draft, who is typing. Read once for all rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from webhooks.models import Conversation, Delivery

from ..models import Assignment, Draft, Escalation, NoDraft, TypingInChatwoot
from ..search import articles
from ..text import languages

SHOWN = ("PROPOSED", "SECOND_LOOK", "APPROVED", "SENDING", "PARKED")
TYPING_LASTS = timedelta(
    seconds=60
)  # Chatwoot sends "off" after a pause; if that event is lost, the note must still go
READ_FOR_LANGUAGE = 400  # characters
NAME = ("username", "first_name", "last_name")
OF_DRAFT = (
    "conversation", "in_reply_to", "status", "author", "confidence", "risk", "created_at", "decided_at", "why",
    "first_look_by", "changed_by", "rules_seen",
    "claimed_until", *(f"{by}__{part}" for by in ("claimed_by", "decided_by") for part in NAME),
)  # fmt: skip


class State(TextChoices):
    """The state of the draft for a waiting customer."""

    READY = "ready", _("Ready")
    SECOND_LOOK = "second-look", _("Second look")
    ESCALATED = "escalated", _("Escalated")
    DRAFTING = "drafting", _("Being drafted")
    ON_ITS_WAY = "on-its-way", _("Sending")
    RETRYING = "retrying", _("Sending failed, retrying")
    PARKED = "parked", _("Parked")
    REJECTED = "rejected", _("Rejected")
    NONE = "none", _("No draft")


# An approved reply that was stopped since the customer began to wait.
HALTED = Q(status="STALE", decided_at__gte=F("conversation__waiting_since")) | Q(status="PARKED")
OF_STATUS = {
    "PROPOSED": State.READY, "SECOND_LOOK": State.SECOND_LOOK, "APPROVED": State.ON_ITS_WAY, "SENDING": State.ON_ITS_WAY,
    "PARKED": State.PARKED,
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """By conversation. An assignment from before the customer began to wait does not count; an open escalation does."""

    drafts: dict[int, list[Draft]]  # newest first
    owners: dict[int, tuple[datetime, User | None]]
    escalations: dict[int, list[User]]  # the owners of open ones
    typing: dict[int, str]
    drafting: set[tuple[int, int]]  # (source, conversation's number in Chatwoot)
    no_drafts: dict[int, NoDraft]  # by message
    languages: tuple[str, ...]  # of the articles
    retrying: set[tuple[int, int]]  # the same: their approved reply failed at least once

    def owner_of(self, conversation: Conversation) -> User | None:
        at, owner = self.owners.get(conversation.pk, (None, None))
        return owner if _in_this_wait(at, conversation) else None

    def escalated_to(self, conversation: Conversation) -> tuple[User, ...]:
        return tuple(dict.fromkeys(self.escalations.get(conversation.pk, [])))

    def state_of(self, conversation: Conversation, draft: Draft | None, *, rejected: bool) -> State:
        state = OF_STATUS[draft.status] if draft else State.NONE
        if state == State.ON_ITS_WAY:
            number = (conversation.source_id, conversation.display_id)
            return State.RETRYING if number in self.retrying else state
        if state == State.PARKED:
            return state
        if self.escalated_to(conversation):
            return State.ESCALATED
        if draft:
            return state
        if (conversation.source_id, conversation.display_id) in self.drafting:
            return State.DRAFTING
        return State.REJECTED if rejected else State.NONE


def _in_this_wait(at: datetime | None, conversation: Conversation) -> bool:
    return bool(at and conversation.waiting_since and at >= conversation.waiting_since)


def read(*, now: datetime) -> Facts:
    wait = {"conversation__waiting_since__isnull": False}
    owners = Assignment.objects.filter(**wait).order_by("pk")
    escalations = Escalation.objects.filter(closed_at=None, **wait).order_by("pk")
    typing = TypingInChatwoot.objects.filter(types=True, at__gt=now - TYPING_LASTS).order_by("at")
    # The filter on lane and time uses the claim's index: without it, a flood of webhooks would be read row by row.
    requests = Delivery.objects.filter(lane="slow", next_attempt_at__isnull=False, event="draft.request")
    sends = Delivery.objects.filter(lane="send", next_attempt_at__isnull=False, event="reply.send")
    drafts, escalated = defaultdict(list), defaultdict(list)
    for escalation in _with_owner(escalations):
        escalated[escalation.conversation_id].append(escalation.owner)
    for draft in _drafts().filter(**wait):
        drafts[draft.conversation_id].append(draft)
    return Facts(
        drafts=drafts,
        owners={row.conversation_id: (row.at, row.owner) for row in _with_owner(owners, "at")},
        escalations=escalated,
        typing=dict(typing.values_list("conversation", "name")),
        drafting={
            (source, number or 0) for source, number in requests.values_list("source", "conversation_id")
        },
        no_drafts={
            row.message_id: row
            for row in NoDraft.objects.filter(message__conversation__waiting_message=F("message"))
        },
        languages=articles.languages(),
        retrying={
            (source, number or 0)
            for source, number in sends.exclude(last_error="").values_list("source", "conversation_id")
        },
    )


def _with_owner(rows: QuerySet, *columns: str) -> QuerySet:
    return rows.select_related("owner").only("conversation", *columns, *(f"owner__{part}" for part in NAME))


def _drafts() -> QuerySet[Draft]:
    """Newest first: drafts for the waiting message, and approved ones that were stopped since the customer began to wait."""
    about = Q(in_reply_to=F("conversation__waiting_message")) | HALTED
    return (
        Draft.objects.filter(about).select_related("claimed_by", "decided_by").only(*OF_DRAFT).order_by("-id")
    )


def stopped(drafts: Iterable[Draft]) -> Draft | None:
    """Among drafts, newest first: the approved reply that was not sent, unless another is on its way by now."""
    for draft in drafts:
        if draft.status in ("APPROVED", "SENDING"):
            return None
        if draft.status == "PARKED" or (draft.status == "STALE" and draft.decided_by_id is not None):
            return draft
    return None


def language_of(text: str, *, likely: Iterable[str]) -> str:
    return languages.language(text[:READ_FOR_LANGUAGE], likely=likely)
