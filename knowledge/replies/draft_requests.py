"""Enqueues a request for a draft. It runs in the slow lane (knowledge/drafting/)."""

from datetime import datetime
from typing import Any

from django.conf import settings

from webhooks import deliveries
from webhooks.models import Conversation, Message

EVENT = "draft.request"
BY_MODEL = "model"  # has its own retry policy: the customer does not wait for a model that is away


def enqueue(
    conversation: Conversation, message: Message, *, cause: str, at: datetime, now: datetime, built_in: bool = False,
    **request: Any,
) -> None:  # fmt: skip
    """Once for each message and cause, no matter who asks: the key is derived from both. built_in: ask no model."""
    by_model = bool(settings.DRAFTER_URL) and not built_in
    deliveries.enqueue(
        conversation.source, event=EVENT, key=f"{EVENT}:{message.message_id}{cause}", lane="slow", at=at, now=now,
        payload={"message": message.pk, **({"built_in": True} if built_in else {}), **request},
        conversation_id=conversation.display_id, message_id=message.message_id, variant=BY_MODEL if by_model else "",
    )  # fmt: skip
