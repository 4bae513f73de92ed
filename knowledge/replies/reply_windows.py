"""A channel's reply window: Chatwoot sends no event when it closes, so it is calculated from the customer's last message.

The table below is what channels promise; what Chatwoot itself said last of a conversation (can_reply) counts for more.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from webhooks.models import Conversation

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
LASTS = {
    "Channel::Whatsapp": DAY,
    "Channel::FacebookPage": DAY,
    "Channel::Instagram": DAY,
    "Channel::Tiktok": timedelta(hours=48),
}
HUMAN_AGENT = (
    "Channel::FacebookPage",
    "Channel::Instagram",
)  # with Meta's permission a person has seven days
NAMES = {
    "Channel::FacebookPage": "Messenger", "Channel::Instagram": "Instagram", "Channel::Tiktok": "TikTok",
}  # fmt: skip
MARGIN = timedelta(minutes=2)  # beside the time to undo: a send that is tried again must still find it open
CLOSED = gettext_noop(
    "The channel's reply window has closed. Only an approved WhatsApp template can be sent, in Chatwoot."
)


def closes_at(conversation: Conversation) -> datetime | None:
    """None where the channel has no window, or nobody waits."""
    last, lasts = conversation.waiting_message, _lasts(conversation)
    if last is None or lasts is None:
        return None
    closes = last.created_at + lasts
    if _said_open_after(conversation, closes):
        return last.created_at + WEEK if _channel(conversation) in HUMAN_AGENT else None
    return closes


def trouble(conversation: Conversation, *, now: datetime) -> str:
    """Why nothing can be approved any more, or nothing. In words for the person."""
    closes = closes_at(conversation)
    if not conversation.can_reply or (closes and closes <= now):
        return closed(conversation)
    if closes and closes < now + timedelta(seconds=settings.UNDO_SECONDS) + MARGIN:
        if has_templates(conversation):
            return _(
                "The channel's reply window closes too soon to send this safely. Answer in Chatwoot, or send an approved "
                "template there."
            )
        return _("The channel's reply window closes too soon to send this safely. Answer in Chatwoot.")
    return ""


def closed(conversation: Conversation) -> str:
    """By the channel's own rules: templates are WhatsApp's alone."""
    if has_templates(conversation):
        return _(CLOSED)
    name = NAMES.get(_channel(conversation))
    if name is None:
        return _(
            "The channel's reply window has closed. It accepts no reply until the customer writes again."
        )
    return _(
        "The channel's reply window has closed. %(name)s accepts no reply until the customer writes again."
    ) % {"name": name}


def has_templates(conversation: Conversation) -> bool:
    return conversation.is_whatsapp


def _lasts(conversation: Conversation) -> timedelta | None:
    if conversation.is_whatsapp:
        return DAY
    if _channel(conversation) in HUMAN_AGENT and conversation.inbox and conversation.inbox.human_agent:
        return WEEK
    return LASTS.get(_channel(conversation))


def _said_open_after(conversation: Conversation, closes: datetime) -> bool:
    """Chatwoot called it open when our table has it closed: it knows the channel's permissions, and we do not."""
    return bool(conversation.can_reply and conversation.can_reply_at and conversation.can_reply_at > closes)


def _channel(conversation: Conversation) -> str:
    return conversation.inbox.channel if conversation.inbox else ""
