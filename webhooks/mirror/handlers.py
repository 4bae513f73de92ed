"""Handlers that apply the fold to our rows: what Chatwoot told us, and who is waiting because of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .. import deliveries
from ..database import inserts
from ..errors import Permanent
from ..models import AttributeChange, Contact, Conversation, Delivery, Inbox, Message, StatusChange
from ..outbound import chatwoot
from ..parsing import identifier
from . import (
    attribute_changes,
    authorship,
    contacts,
    fold,
    message_parts,
    names,
    payloads,
    status_history,
    submitted,
    tombstones,
    waiting,
)

MOST_ADDRESSES = 500  # characters, as the column has it


@dataclass
class Applied:
    """What the mirror made of an event, for the handlers that run after it.

    message: the one that a message event is about. news: messages that count for the clocks and are new with this event;
    None: something else about the messages changed. replies: the drafts that the message is, once they are known.
    """

    conversation: Conversation
    message: Message | None = None
    news: list[Message] | None = None
    replies: list[Any] | None = None


def applied(delivery: Delivery) -> Applied:
    """Of a delivery that process() runs, what is in hand; of a handler that is called alone, read again."""
    known: Applied | None = getattr(delivery, "applied", None)
    return known or Applied(_conversation(delivery))


def apply_conversation(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    apply_conversation_object(conversation, payload)
    names.keep(delivery.source, fold.named(payload), at=payloads.version_of(payload))
    _finish(delivery, Applied(conversation, news=[]))


def apply_message(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    try:
        seen = fold.message(payload)
    except (KeyError, ValueError, TypeError) as error:
        raise Permanent(f"Not a message as Chatwoot sends them: {type(error).__name__}.") from error
    about, created_at = (
        payloads.as_dict(payload.get("conversation")),
        payloads.number(payload.get("created_at")),
    )
    if isinstance(payload.get("conversation"), dict):
        inbox = payloads.as_dict(payload.get("inbox"))
        apply_conversation_object(conversation, about, inbox=inbox, at=created_at)
    message, news = store_message(conversation, seen)
    named = fold.named(about) + fold.named(payload)
    names.keep(delivery.source, named, at=payloads.version_of(about) or created_at)
    if payloads.needs_reading(payload):
        deliveries.enqueue(
            delivery.source, event="message.refresh", key=f"message.refresh:{delivery.pk}", lane="slow",
            payload={"message": message.message_id, "conversation": conversation.display_id,
                     "heard_at": delivery.received_at.timestamp()},
            at=now, now=now, conversation_id=conversation.display_id, message_id=message.message_id,
        )  # fmt: skip
    _finish(delivery, Applied(conversation, message, news))


def _finish(delivery: Delivery, done: Applied) -> None:
    """One write for all handlers, by the one that locked the conversation: process(), or this handler if called alone."""
    waiting.refresh(done.conversation, known=done.message)
    if done.news is None:
        done.conversation.clocks_memory = None
    if done.conversation is not getattr(delivery, "conversation", None):
        done.conversation.save_changes()
    delivery.applied = done


def handle_refresh(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Any:
    """Read one message again: its event does not say all (payloads.needs_reading)."""
    client = chatwoot.client(delivery.source)
    found = client.message(payload["conversation"], payload["message"])
    # By Chatwoot's clock, which dates the versions: this host's, running ahead, would outrank what happens next.
    read_at = client.answered_at or now
    heard_at = payloads.moment(payload["heard_at"]) if "heard_at" in payload else None

    def commit() -> None:
        conversation = Conversation.objects.locked(delivery.source, payload["conversation"])
        if found is not None:
            seen = tombstones.redacted_message(conversation, found)
            before = conversation.messages.filter(message_id=payload["message"]).first()
            known = fold.read_message(seen, read_at=read_at, heard_at=heard_at)
            after, news = store_message(conversation, known)
            if before and _matters(before) != _matters(after):
                _tell_as_read(delivery, seen, read_at=read_at, now=now)
            _finish_outside_events(conversation, news)

    return commit


def _matters(message: Message) -> tuple:
    """What drafts, clocks and the queue go by."""
    said = fold.digest(message.content) if message.kind == Message.Kind.INCOMING else ""
    return said, message.deleted, message.is_customer_message, message.is_person_answer, message.submitted_at


def _tell_as_read(delivery: Delivery, row: dict[str, Any], *, read_at: datetime, now: datetime) -> None:
    """Handlers of updates also receive what only a read has shown: an edit, a deletion, a failure."""
    version = {"id": row["id"], "updated_at": read_at.timestamp(), "status": row.get("status")}
    about = {"id": delivery.conversation_id, "messages": [version]}
    event = row | {
        "event": "message_updated",
        "conversation": about,
        "account": {"id": delivery.source.account_id},
    }
    deliveries.record(
        delivery.source_id, body=json.dumps(event).encode(), headers={}, key=f"refreshed:{delivery.pk}", now=now,
        origin="reconciled",
    )  # fmt: skip


def keep_own_message(conversation: Conversation, answer: dict[str, Any]) -> None:
    """What Chatwoot answered to our own POST: the customer is answered, even if its webhook never reaches us."""
    try:
        seen = fold.message(answer)
    except (KeyError, ValueError, TypeError):
        return  # a proxy's idea of an answer; the id was enough
    _, news = store_message(conversation, seen)
    _finish_outside_events(conversation, news)


def _finish_outside_events(conversation: Conversation, news: list[Message] | None) -> None:
    """The clocks follow with the next event or the sweep, whichever comes first, and then look for what is new."""
    waiting.refresh(conversation)
    memory = conversation.clocks_memory
    conversation.clocks_memory = memory | {"behind": True} if memory and news is not None else None
    conversation.save_changes()


def _conversation(delivery: Delivery) -> Conversation:
    """Locked by process()."""
    if delivery.conversation_id is None:
        raise Permanent("The event names no conversation.")
    locked: Conversation | None = getattr(delivery, "conversation", None)
    return locked or Conversation.objects.locked(delivery.source, delivery.conversation_id)


def apply_conversation_object(
    conversation: Conversation,
    payload: dict[str, Any],
    *,
    inbox: dict[str, Any] | None = None,
    at: float = payloads.FIXED,
) -> None:
    """Not saved, unlike what stands in other tables. at: unix seconds of the message that it came with."""
    before = conversation.registers.get("contact")
    told = attribute_changes.told_of_status(payload)
    conversation.registers = fold.join(conversation.registers, fold.conversation(payload, at=at) | told)
    state = fold.values(conversation.registers)
    conversation.status = str(state.get("status") or "open")[:10]
    conversation.priority = str(state.get("priority") or "")[:10]
    conversation.labels = state.get("labels") or []
    conversation.assignee = str(state.get("assignee") or "")[:200]
    conversation.team = str(state.get("team") or "")[:200]
    conversation.custom_attributes = state.get("custom_attributes") or {}
    conversation.can_reply = not state.get("window_closed")
    said_at = conversation.registers.get("window_closed", [0])[0]
    conversation.can_reply_at = payloads.moment(said_at) if said_at else None
    conversation.is_over_whatsapp = bool(state.get("is_over_whatsapp"))
    for field in ("created_at", "last_activity_at", "deleted_at"):
        if state.get(field):
            setattr(conversation, field, payloads.moment(state[field]))
    conversation.inbox = contacts.inbox_of(conversation, state, inbox or {}, at=at)
    conversation.contact = contacts.of_conversation(conversation, before)
    if told:
        _keep_status_history(conversation)
    changes = [
        AttributeChange(conversation=conversation, at=at, field=field, previous=before, current=after)
        for at, field, before, after in attribute_changes.changes(payload)
    ]
    if changes:
        AttributeChange.objects.bulk_create(changes, ignore_conflicts=True)
    if told or changes:
        conversation.clocks_memory = None


def _keep_status_history(conversation: Conversation) -> None:
    """A later telling may show that one known was the same change, or when it was."""
    wanted = set(status_history.history(conversation.registers))
    known = {
        status_history.Transition(row.at, row.previous, row.current): row.pk
        for row in conversation.status_changes.all()
    }
    if gone := [pk for transition, pk in known.items() if transition not in wanted]:
        conversation.status_changes.filter(pk__in=gone).delete()
    StatusChange.objects.bulk_create(
        [StatusChange(conversation=conversation, **one._asdict()) for one in sorted(wanted - set(known))]
    )


def apply_inbox(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """It was renamed, or has other addresses. One that nobody has written to is not kept."""
    about = payloads.as_dict(payload.get("inbox")) or payload
    number = identifier(about.get("id"))
    row = Inbox.objects.select_for_update().filter(source=delivery.source_id, inbox_id=number or 0).first()
    if number is None or row is None:
        return
    if name := str(about.get("name") or "")[:200]:
        contacts.name_inbox(row, name, at=_told_at(delivery, payload))
    told = authorship.addresses([about.get("email"), about.get("forward_to_email")])
    wanted = ", ".join(dict.fromkeys([*row.addresses, *told]))
    if told and set(told) - set(row.addresses) and len(wanted) <= MOST_ADDRESSES:
        row.email = wanted
    row.save_changes()


def apply_contact(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """A name or an address was corrected. Contacts who never wrote are not kept, nor what was erased."""
    number = identifier(payload.get("id"))
    known = Contact.objects.filter(source=delivery.source_id, contact_id=number or 0).first()
    if known is None or (known.erased_at and not known.returned_at):
        return
    contacts.tell(known, _told_at(delivery, payload), payload)


def _told_at(delivery: Delivery, payload: dict[str, Any]) -> float:
    """Unix seconds. Such events carry no version: the change's own time, or else when we heard of it."""
    changed = payloads.as_dict(payloads.changed_attributes(payload).get("updated_at")).get("current_value")
    return (
        payloads.number(changed)
        or payloads.number(payload.get("updated_at"))
        or delivery.received_at.timestamp()
    )


def store_message(conversation: Conversation, seen: fold.Registers) -> tuple[Message, list[Message] | None]:
    """The row, and what is new for the clocks (Applied.news). Most messages are new: then one INSERT is all."""
    row = Message(conversation=conversation, message_id=seen["id"][1])
    _set_columns(row, seen)
    if message_parts.submitted(fold.values(seen)):
        conversation.registers = conversation.registers | {waiting.HAS_SUBMITTED: [payloads.FIXED, True]}
    if inserts.insert(row, unless_known=True):
        return row, [row] if row.is_customer_message or row.is_person_answer else []
    row = conversation.messages.get(message_id=row.message_id)
    row.conversation = conversation
    before = _counted(row)
    _set_columns(row, fold.join(row.registers, seen))
    row.save_changes()
    return row, [] if _counted(row) == before else None


def _set_columns(row: Message, registers: fold.Registers) -> None:
    row.registers = registers
    state = fold.values(registers)
    who = state["sender"]
    row.kind, row.private, row.created_at = (
        state["kind"],
        state["private"],
        payloads.moment(state["created_at"]),
    )
    row.sender_id = identifier(who["id"])
    row.sender_type, row.sender_name = who["type"][:20], who["name"][:255]
    row.content, row.content_type = state.get("content") or "", str(state.get("content_type") or "text")[:30]
    row.content_attributes = state.get("content_attributes") or {}
    row.attachments = state.get("attachments") or []
    row.status, row.deleted = str(state.get("status") or "")[:10], bool(state.get("deleted"))
    row.milliseconds = state.get("milliseconds")
    row.withdrawn_at = _withdrawn_at(state)
    row.submitted_at = submitted.at(registers)
    row.is_person_answer = authorship.is_person_answer(state)
    row.is_customer_message = authorship.is_customer_message(state)
    row.looks_automatic = authorship.looks_automatic(state)


def _counted(row: Message) -> tuple[Any, ...]:
    """What the clocks go by (reports/clocks/conversation_facts.py)."""
    return (
        row.is_customer_message, row.is_person_answer, row.withdrawn_at, row.created_at, row.milliseconds,
        row.sender_type, row.sender_id, row.sender_name,
    )  # fmt: skip


def _withdrawn_at(state: dict[str, Any]) -> datetime | None:
    known = state.get("deleted") and state.get("was_customer") and state.get("deleted_at")
    return payloads.moment(known) if known else None
