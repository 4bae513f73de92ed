"""What Chatwoot's API shows and the mirror lacks, recorded as deliveries: the mirror is only ever written by deliveries.

A webhook that arrives later is a duplicate by its semantic key, or brings the same state (the fold). Which conversations
are read, and when, is decided in steps.py and runs.py.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from .. import deliveries
from ..mirror import fold, mail_parts, payloads, tombstones
from ..models import Conversation, Delivery, Message, Source
from ..outbound import chatwoot
from ..parsing import identifier

# Fields whose changes trigger a webhook, and fields that change without one (a reply window that closes, a contact's name).
SENT = (
    "status",
    "priority",
    "labels",
    "assignee",
    "assignee_kind",
    "team",
    "custom_attributes",
    "snoozed_until",
    "inbox_id",
)
UNSENT = ("window_closed", "contact", "blocked")


@dataclass(frozen=True)
class Missed:
    """An event whose webhook never arrived. at: when it happened, if known. change: it changed something known."""

    at: datetime | None
    change: bool = False


def record_missing(
    conversation: Conversation,
    state: dict[str, Any],
    rows: Iterable[dict[str, Any]],
    *,
    now: datetime,
    read_at: datetime | None = None,
) -> list[Missed]:
    """state: the conversation, rows: its messages, both as the API returns them. Repeating it adds nothing.

    conversation: need not be stored. read_at: when it was read, by Chatwoot's clock, which versions go by.
    """
    source, number = conversation.source, conversation.display_id
    known = Conversation.objects.filter(source=source, display_id=number).first()
    state, rows = tombstones.redacted(known or conversation, _as_in_webhook(state) | {"id": number}, rows)
    visible = {row["id"]: row for row in rows if _has_webhook(row)}
    mirrored = {row.message_id: row for row in _messages(source, number).filter(message_id__in=list(visible))}
    received = _received(source, set(visible) - set(mirrored))
    backlog = _has_backlog(source, number)
    missed = []
    if known is None and _record(source, state | {"event": "conversation_created"}, f"created:{number}", now):
        at = payloads.number(state.get("created_at"))
        missed.append(Missed(payloads.moment(at) if at else now))
    # Newest first, so that no draft is made for a message that was answered or followed by another.
    for message_id in sorted(visible, reverse=True):
        row = visible[message_id]
        if message_id not in mirrored and message_id not in received:
            event = _message_event("message_created", row, state, read_at)
            if _record(source, event, f"message:{message_id}", now):
                missed.append(Missed(payloads.moment(payloads.number(row["created_at"]))))
        elif message_id in mirrored and read_at and not backlog:
            missed += _record_change(mirrored[message_id], row, state, read_at=read_at, now=now)
    if known is not None and not backlog:
        missed += _record_state(known, _as_merged(known, state, read_at or now), now=now)
    return missed


def record_deleted(conversation: Conversation, *, now: datetime) -> bool:
    """Chatwoot answers 404 for it. Deletions have no webhook, and what is stored stays readable. Returns whether it is new."""
    number = conversation.display_id
    event = {"event": "conversation_deleted", "id": number, "deleted_at": now.timestamp()}
    return _record(conversation.source, event, f"gone:{number}", now)


def record_deleted_message(
    message: Message, state: dict[str, Any], *, read_at: datetime, now: datetime
) -> list[Missed]:
    """A complete read of its time range no longer contains it."""
    if message.deleted:
        return []
    row = {
        "id": message.message_id, "message_type": message.kind, "private": message.private,
        "created_at": int(message.created_at.timestamp()), "content_attributes": {"deleted": True},
        "sender": {"id": message.sender_id, "type": message.sender_type, "name": message.sender_name},
    }  # fmt: skip
    about = message.conversation
    state, _ = tombstones.redacted(about, _as_in_webhook(state) | {"id": about.display_id})
    event = _message_event("message_updated", row, state, read_at)
    source = message.conversation.source
    new = _record(source, event, f"message-gone:{message.message_id}", now)
    return [Missed(None, change=True)] if new else []


def _record_change(
    message: Message, row: dict[str, Any], state: dict[str, Any], *, read_at: datetime, now: datetime
) -> list[Missed]:
    """Later changes of a message: a failure, a deletion, a survey's answer. None of them changes the conversation."""
    if _outcome(row) == _outcome(fold.values(message.registers)):
        return []
    digest = _digest([message.registers, _outcome(row)])
    event = _message_event("message_updated", row, state, read_at)
    new = _record(message.conversation.source, event, f"update:{message.message_id}:{digest}", now)
    return [Missed(None, change=True)] if new else []


def _outcome(facts: dict[str, Any]) -> tuple:
    """Ignores the text, since webhooks strip it and add a survey's link, and the states sent, delivered and read."""
    attributes = facts.get("content_attributes") or {}
    deleted = bool(attributes.get("deleted") or facts.get("deleted"))
    incoming = (facts.get("kind") or facts.get("message_type")) in (0, "incoming")
    said = fold.digest(mail_parts.content(facts)) if incoming and not deleted else ""
    return deleted, {} if deleted else attributes, facts.get("status") == "failed", said


def _as_merged(known: Conversation, state: dict[str, Any], read_at: datetime) -> dict[str, Any]:
    """Merging contacts gives a conversation another contact and no new version: as of when that was read."""
    register = known.registers.get("contact")
    contact = tombstones.contact_of(state)
    if register is None or contact is None or register[1].get("id") == contact:
        return state
    return state | {"contact_as_of": read_at.timestamp()}


def _record_state(known: Conversation, state: dict[str, Any], *, now: datetime) -> list[Missed]:
    before = known.registers
    after = fold.join(before, fold.conversation(state))
    sent, unsent = (_differ(before, after, fields) for fields in (SENT, UNSENT))
    if not sent and not unsent:
        return []
    version = payloads.number(state.get("updated_at"))
    contact = tombstones.contact_of(state) if "contact_as_of" in state else ""
    seen = f"{state.get('updated_at')}:{state.get('status')}:{state.get('can_reply')}:{contact}"
    event = state | {"event": "conversation_updated"}
    new = _record(known.source, event, f"conversation:{known.display_id}:{seen}", now)
    return [Missed(payloads.moment(version) if version else now, change=True)] if new and sent else []


def _differ(before: fold.Registers, after: fold.Registers, fields: Iterable[str]) -> bool:
    known, seen = fold.values(before), fold.values(after)
    return any(_plain(field, known.get(field)) != _plain(field, seen.get(field)) for field in fields)


def _plain(field: str, value: Any) -> Any:
    """Normalised, since the API and webhooks write the same value differently."""
    if field == "snoozed_until":
        return int(payloads.number(value))
    if field == "labels":
        return sorted(map(str, value or []))
    return value or None


def _as_in_webhook(state: dict[str, Any]) -> dict[str, Any]:
    """The API leaves out an empty assignee or team; a webhook has them as null. It shows its newest messages in two places."""
    meta = {"assignee": None, "team": None} | payloads.as_dict(state.get("meta"))
    spoken = payloads.as_dict(state.get("last_non_activity_message"))
    shown = [*tombstones.newest(state), *([spoken] if spoken else [])]
    return state | {"meta": meta, "messages": shown, "last_non_activity_message": None}


def _message_event(
    event: str, row: dict[str, Any], state: dict[str, Any], read_at: datetime | None
) -> dict[str, Any]:
    """The API gives a message no version, so the time of reading is used.

    given_at: when what is filled in on a survey or a form was, at the latest; 0.0 where nothing says so.
    """
    if read_at:
        version = {"id": row["id"], "updated_at": read_at.timestamp(), "status": row.get("status")}
        state = state | {"messages": [version | {"given_at": _changed_at(row, state)}]}
    return row | {"event": event, "conversation": state}


def _changed_at(row: dict[str, Any], state: dict[str, Any]) -> float:
    """In unix seconds; 0.0 for all but the messages that the conversation shows as its newest."""
    known = (
        payloads.number(one.get("updated_at"))
        for one in tombstones.newest(state)
        if one.get("id") == row["id"]
    )
    return next(known, 0.0)


def _messages(source: Source, number: int) -> QuerySet[Message]:
    rows = Message.objects.filter(conversation__source=source, conversation__display_id=number)
    return rows.select_related("conversation__source")


def _received(source: Source, numbers: Iterable[int]) -> set[int]:
    """Messages that did arrive but are not in the mirror yet, or could not be processed: they were not missed."""
    keys = [f"message_created:{number}" for number in numbers]
    known = Delivery.objects.filter(semantic_key__in=keys, source=source)
    return {number for number in known.values_list("message_id", flat=True) if number is not None}


def _has_backlog(source: Source, number: int) -> bool:
    """Whether deliveries of the conversation still wait here, so that its state is not up to date."""
    rows = Delivery.objects.filter(source=source, conversation_id=number, direction="IN")
    return rows.filter(status__in=["PENDING", "HELD"]).exists()


def _has_webhook(row: dict[str, Any]) -> bool:
    """Whether Chatwoot sends webhooks for it: not for its own activity messages. What has no number or time is no message."""
    try:
        is_told = payloads.kind(row.get("message_type")) != "activity"
    except ValueError:
        return False
    return is_told and identifier(row.get("id")) is not None and bool(payloads.number(row.get("created_at")))


def _record(source: Source, event: dict[str, Any], key: str, now: datetime) -> bool:
    """Whether it is new."""
    body = json.dumps(event | {"account": {"id": source.account_id}}).encode()
    return deliveries.record(
        source.pk, body=body, headers={}, key=f"reconciled:{key}"[:200], now=now, origin="reconciled"
    )[1]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def request_refresh(conversation: Conversation, *, after: int, cause: str, now: datetime) -> None:
    """Read a conversation again, from the message after `after` on; once for each cause."""
    deliveries.enqueue(
        conversation.source, event="conversation.refresh", key=f"conversation.refresh:{cause}", lane="slow",
        payload={"conversation": conversation.display_id, "after": after}, at=now, now=now,
        conversation_id=conversation.display_id,
    )  # fmt: skip


def handle_refresh(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], None]:
    """Only reads; new messages are recorded as deliveries like any event."""
    client, number = chatwoot.client(delivery.source), payload["conversation"]
    rows, state = client.messages_after(number, payload["after"]), client.conversation(number)
    conversation = Conversation.objects.select_related("source").get(
        source=delivery.source, display_id=number
    )

    def commit() -> None:
        record_missing(conversation, state, rows, now=now)

    return commit
