"""The customer at a glance: what a reviewer should know besides the conversation on the screen."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from webhooks.accounts.access import in_inboxes_of
from webhooks.mirror.csat import answer_of
from webhooks.models import Conversation, Message

from ..models import Escalation

LAST = 3
MOST_ATTRIBUTES = 12


@dataclass(frozen=True)
class Rating:
    stars: int
    comment: str
    given: Message


@dataclass(frozen=True)
class Strip:
    others: list[Conversation]
    rating: Rating | None
    ratings: int
    escalations: QuerySet[Escalation]
    attributes: list[tuple[str, str]]


def strip(conversation: Conversation, *, user: User) -> Strip:
    """Only from inboxes that this person has access to."""
    theirs = _theirs(conversation, user)
    others = (
        theirs.exclude(pk=conversation.pk)
        .order_by("-last_activity_at", "-pk")
        .select_related("inbox", "source")
    )
    rated = list(_ratings(theirs))
    return Strip(
        others=list(others.defer("registers")[:LAST]), rating=rated[0] if rated else None, ratings=len(rated),
        escalations=Escalation.objects.filter(conversation__in=theirs, closed_at=None).select_related("owner", "raised_by"),
        attributes=_attributes(conversation.custom_attributes),
    )  # fmt: skip


def _theirs(conversation: Conversation, user: User) -> QuerySet[Conversation]:
    if conversation.contact_id is None:
        return Conversation.objects.filter(pk=conversation.pk)
    return Conversation.objects.filter(
        in_inboxes_of(user, path="inbox"), contact=conversation.contact_id
    ).distinct()


def _ratings(theirs: QuerySet[Conversation]) -> Any:
    """Newest first. Chatwoot keeps the answer in the survey's own message."""
    surveys = Message.objects.filter(conversation__in=theirs, content_type="input_csat", deleted=False)
    for message in surveys.order_by("-created_at", "-pk")[:50]:
        if (answer := answer_of(message.content_attributes)) is not None:
            yield Rating(stars=answer[0], comment=answer[1], given=message)


def _attributes(custom: Any) -> list[tuple[str, str]]:
    named = custom.items() if isinstance(custom, dict) else []
    return [
        (str(name).replace("_", " ")[:60], str(value)[:200])
        for name, value in named
        if value not in (None, "")
    ][:MOST_ATTRIBUTES]
