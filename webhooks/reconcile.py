"""What a read of Chatwoot shows and our mirror lacks, recorded as deliveries: the mirror has one way in.

A webhook that comes later tells the same happening (its semantic key) or the same state (the fold).
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from . import chatwoot, fold, inbox
from .models import Conversation, Delivery, Message


def keep(
    conversation: Conversation, state: dict[str, Any], rows: Iterable[dict[str, Any]], *, now: datetime
) -> None:
    """state: the conversation, rows: messages of it, both as the API has them. Doing it again adds nothing."""
    state = state | {"id": conversation.display_id}
    told = {row["id"]: row for row in rows if _is_told(row)}
    known = Message.objects.filter(conversation=conversation, message_id__in=list(told))
    for number in sorted(set(told) - set(known.values_list("message_id", flat=True))):
        event = told[number] | {"event": "message_created", "conversation": state}
        _record(conversation, event, key=f"message:{number}", now=now)
    seen = f"{state.get('updated_at')}:{state.get('status')}:{state.get('can_reply')}"
    event = state | {"event": "conversation_updated"}
    _record(conversation, event, key=f"conversation:{conversation.display_id}:{seen}", now=now)


def _is_told(row: dict[str, Any]) -> bool:
    """Whether a webhook would tell of it: never of what Chatwoot itself notes in a conversation."""
    try:
        return fold.kind(row.get("message_type")) != "activity"
    except ValueError:
        return False


def _record(conversation: Conversation, event: dict[str, Any], *, key: str, now: datetime) -> None:
    source = conversation.source
    body = json.dumps(event | {"account": {"id": source.account_id}}).encode()
    inbox.record(
        source.pk, body=body, headers={}, key=f"reconciled:{key}"[:200], now=now, origin="reconciled"
    )


def ask(conversation: Conversation, *, after: int, cause: str, now: datetime) -> None:
    """Have a conversation read again, from the message `after` on; once a cause."""
    inbox.post(
        conversation.source, event="conversation.refresh", key=f"conversation.refresh:{cause}", lane="slow",
        payload={"conversation": conversation.display_id, "after": after}, at=now, now=now,
        conversation_id=conversation.display_id,
    )  # fmt: skip


def handle_refresh(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], None]:
    """Reads only; what is new takes the way of every event."""
    client, number = chatwoot.client(delivery.source), payload["conversation"]
    rows, state = client.messages_after(number, payload["after"]), client.conversation(number)
    conversation = Conversation.objects.select_related("source").get(
        source=delivery.source, display_id=number
    )
    return lambda: keep(conversation, state, rows, now=now)
