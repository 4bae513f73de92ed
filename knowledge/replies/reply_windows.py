"""A channel's reply window: Chatwoot sends no event when it closes, so it is reckoned from the customer's last message."""

from datetime import datetime, timedelta

from django.conf import settings

from webhooks.models import Conversation

LASTS = {
    "Channel::Whatsapp": timedelta(hours=24),
    "Channel::FacebookPage": timedelta(hours=24),
    "Channel::Instagram": timedelta(hours=24),
    "Channel::Tiktok": timedelta(hours=48),
}
MARGIN = timedelta(minutes=2)  # beside the time to undo: a send that is tried again must still find it open
CLOSED = "The channel's reply window has closed. Only an approved WhatsApp template can be sent, in Chatwoot."


def closes_at(conversation: Conversation) -> datetime | None:
    """None where the channel has no window, or nobody waits."""
    lasts = LASTS.get(conversation.inbox.channel) if conversation.inbox else None
    last = conversation.waiting_message
    return last.created_at + lasts if lasts and last else None


def trouble(conversation: Conversation, *, now: datetime) -> str:
    """Why nothing can be approved any more, or nothing. In words for the person."""
    closes = closes_at(conversation)
    if not conversation.can_reply or (closes and closes <= now):
        return CLOSED
    if closes and closes < now + timedelta(seconds=settings.UNDO_SECONDS) + MARGIN:
        return (
            "The channel's reply window closes too soon to send this safely. Answer in Chatwoot, or send an approved"
            " template there."
        )
    return ""
