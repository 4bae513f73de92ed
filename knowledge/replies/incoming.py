"""Handlers that run after the mirror: what a message or a status means for drafts. Our database only."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from webhooks import deliveries
from webhooks.models import Conversation, Delivery, Message

from ..learning import learning_signals
from ..models import Draft
from . import decisions, states

S = Draft.Status
STALE_FROM = (S.PROPOSED, S.SECOND_LOOK, S.APPROVED)
# A message this old when it reaches us was found later, or replayed: a person looks, nothing drafts by itself.
DRAFT_WITHIN = timedelta(hours=24)


def on_message(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    message = conversation.messages.get(message_id=payload["id"])
    marker = message.content_attributes.get("support_reply")
    if marker and message.kind == "outgoing" and not message.private:
        decisions.settle(conversation, str(marker), message_id=message.message_id, now=now)
    withdraw_overtaken(conversation, now=now)
    if message.kind == "outgoing" and not message.private:
        learning_signals.answered(message, now=now)
    if delivery.event == "message_created":
        request_draft(conversation, message, now=now)


def on_conversation(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    withdraw_overtaken(conversation, now=now)
    # A bot handed over: its customer has waited since before the conversation was open.
    if conversation.waiting_message:
        request_draft(conversation, conversation.waiting_message, now=now)


def request_draft(conversation: Conversation, message: Message, *, now: datetime) -> None:
    """Once a message, whoever asks: the key is the message's."""
    if not wants_draft(conversation, message, now=now):
        return
    deliveries.post(
        conversation.source, event="draft.request", key=f"draft.request:{message.message_id}", lane="slow",
        payload={"message": message.pk}, at=now + timedelta(seconds=settings.DRAFT_SETTLE_SECONDS), now=now,
        conversation_id=conversation.display_id, message_id=message.message_id,
    )  # fmt: skip


def _conversation(delivery: Delivery) -> Conversation:
    return Conversation.objects.select_related("inbox", "contact", "source", "waiting_message").get(
        source=delivery.source, display_id=delivery.conversation_id or 0
    )


def wants_draft(
    conversation: Conversation, message: Message, *, now: datetime, however_old: bool = False
) -> bool:
    return (
        conversation.waiting_message_id == message.pk
        and bool(conversation.inbox and conversation.inbox.drafting)
        and (however_old or message.created_at > now - DRAFT_WITHIN)
    )


def _why_nobody_waits(conversation: Conversation) -> str:
    if conversation.deleted_at:
        return "The conversation was deleted in Chatwoot."
    resolved = conversation.status == "resolved"
    return "The conversation was resolved." if resolved else "Somebody answered in Chatwoot."


def withdraw_overtaken(conversation: Conversation, *, now: datetime) -> None:
    """Drafts for anything but the message that waits now are stale: newer message, answered, resolved, window closed."""
    drafts = Draft.objects.filter(conversation=conversation, status__in=STALE_FROM)
    if conversation.waiting_message_id is None:
        why = _why_nobody_waits(conversation)
    elif not conversation.can_reply:
        why = "The channel's reply window has closed."
    else:
        drafts, why = drafts.exclude(in_reply_to=conversation.waiting_message_id), "The customer wrote again."
    for draft in drafts.select_related("decided_by"):
        approved = draft.status == S.APPROVED
        states.move(draft, S.STALE, now=now, action="stale", detail=why, why=why)
        if approved:
            deliveries.cancel(conversation.source, draft.send_key, now=now)
