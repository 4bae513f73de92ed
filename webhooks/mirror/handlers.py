"""Handlers that apply the fold to our rows: what Chatwoot told us, and who is waiting because of it."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from .. import deliveries
from ..errors import Permanent
from ..models import AttributeChange, Contact, Conversation, Delivery, Inbox, Message, Source, StatusChange
from ..outbound import chatwoot
from ..parsing import identifier
from . import fold, names, status_history, tombstones

CLOSED = ("resolved",)
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


def apply_conversation(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    apply_conversation_object(conversation, payload)
    refresh_waiting(conversation)


def apply_message(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    if isinstance(payload.get("conversation"), dict):
        apply_conversation_object(conversation, payload["conversation"], inbox=_dict(payload.get("inbox")))
    try:
        seen = fold.message(payload)
    except (KeyError, ValueError, TypeError) as error:
        raise Permanent(f"Not a message as Chatwoot sends them: {type(error).__name__}.") from error
    message = store_message(conversation, seen)
    names.keep(delivery.source, fold.named(payload), at=fold.number(payload.get("created_at")))
    if fold.is_unversioned_update(payload):
        deliveries.post(
            delivery.source, event="message.refresh", key=f"message.refresh:{delivery.pk}", lane="slow",
            payload={"message": message.message_id, "conversation": conversation.display_id}, at=now, now=now,
            conversation_id=conversation.display_id, message_id=message.message_id,
        )  # fmt: skip
    refresh_waiting(conversation)


def handle_refresh(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Any:
    """Read one message again: an update came that says nothing of its own order."""
    client = chatwoot.client(delivery.source)
    found = client.message(payload["conversation"], payload["message"])
    # By Chatwoot's clock, which versions are told by: ours, running ahead, would outrank what happens next.
    read_at = client.answered_at or now

    def commit() -> None:
        conversation = Conversation.objects.locked(delivery.source, payload["conversation"])
        if found is not None:
            seen = tombstones.redacted_message(conversation, found)
            store_message(conversation, fold.read_message(seen, read_at=read_at))
        refresh_waiting(conversation)

    return commit


def keep_own_message(conversation: Conversation, answer: dict[str, Any]) -> None:
    """What Chatwoot answered to our own POST: the customer is answered, even if its webhook never reaches us."""
    try:
        seen = fold.message(answer)
    except (KeyError, ValueError, TypeError):
        return  # a proxy's idea of an answer; the id was enough
    store_message(conversation, seen)
    refresh_waiting(conversation)


def _conversation(delivery: Delivery) -> Conversation:
    if delivery.conversation_id is None:
        raise Permanent("The event names no conversation.")
    return Conversation.objects.get(source=delivery.source, display_id=delivery.conversation_id)


def apply_conversation_object(
    conversation: Conversation, payload: dict[str, Any], *, inbox: dict[str, Any] | None = None
) -> None:
    told = fold.told_of_status(payload)
    conversation.registers = fold.join(conversation.registers, fold.conversation(payload) | told)
    state = fold.values(conversation.registers)
    conversation.status = str(state.get("status") or "open")[:10]
    conversation.priority = str(state.get("priority") or "")[:10]
    conversation.labels = state.get("labels") or []
    conversation.assignee = str(state.get("assignee") or "")[:200]
    conversation.team = str(state.get("team") or "")[:200]
    conversation.custom_attributes = state.get("custom_attributes") or {}
    conversation.can_reply = not state.get("window_closed")
    for field in ("created_at", "last_activity_at", "deleted_at"):
        if state.get(field):
            setattr(conversation, field, fold.moment(state[field]))
    conversation.inbox = _inbox(conversation.source, state, inbox or {}) or conversation.inbox
    conversation.contact = (
        _contact(conversation.source, conversation.registers.get("contact")) or conversation.contact
    )
    conversation.save()
    names.keep(conversation.source, fold.named(payload), at=fold.version_of(payload))
    if told:
        _keep_status_history(conversation)
    AttributeChange.objects.bulk_create(
        [
            AttributeChange(conversation=conversation, at=at, field=field, previous=before, current=after)
            for at, field, before, after in fold.changes(payload)
        ],
        ignore_conflicts=True,
    )


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


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _inbox(source: Source, state: dict[str, Any], named: dict[str, Any]) -> Inbox | None:
    number = identifier(state.get("inbox_id") or named.get("id"))
    if number is None:
        return None
    name = str(named.get("name") or "")[:200] if named.get("id") == number else ""
    channel = str(state.get("channel") or "")[:60]
    fallback = f"Inbox {number}"
    row, _ = Inbox.objects.get_or_create(
        source=source, inbox_id=number, defaults={"name": name or fallback, "channel": channel}
    )
    if (channel and row.channel != channel) or (name and row.name == fallback):
        row.channel, row.name = channel or row.channel, name or row.name
        row.save(update_fields=["channel", "name"])
    return row


def _contact(source: Source, register: list | None) -> Contact | None:
    """The contact as the newest of its conversations has it, whichever event arrives last."""
    if register is None:
        return None
    version, said = register
    facts = {
        "name": str(said["name"])[:255],
        "email": str(said["email"])[:254],
        "phone_number": str(said["phone_number"])[:40],
    }
    row, created = Contact.objects.get_or_create(
        source=source, contact_id=said["id"], defaults=facts | {"version": version}
    )
    known = (row.version, row.name, row.email, row.phone_number)
    if not created and (version, *facts.values()) > known:
        same = Contact.objects.filter(
            pk=row.pk, erased_at=row.erased_at
        )  # erased meanwhile: this was known before
        same.update(version=version, **facts)
    return row


def store_message(conversation: Conversation, seen: fold.Registers) -> Message:
    number = seen["id"][1]
    row = conversation.messages.filter(message_id=number).first() or Message(
        conversation=conversation, message_id=number
    )
    row.registers = fold.join(row.registers, seen)
    state = fold.values(row.registers)
    who = state["sender"]
    row.kind, row.private, row.created_at = state["kind"], state["private"], fold.moment(state["created_at"])
    row.sender_id = identifier(who["id"])
    row.sender_type, row.sender_name = who["type"][:20], who["name"][:255]
    row.content, row.content_type = state.get("content") or "", str(state.get("content_type") or "text")[:30]
    row.content_attributes = state.get("content_attributes") or {}
    row.attachments = state.get("attachments") or []
    row.status, row.deleted = str(state.get("status") or "")[:10], bool(state.get("deleted"))
    row.milliseconds = state.get("milliseconds")
    row.withdrawn_at = _withdrawn_at(state)
    row.is_person_answer = fold.is_person_answer(state)
    row.is_customer_message = fold.is_customer_message(state)
    row.looks_automatic = fold.looks_automatic(state)
    row.save()
    return row


def _withdrawn_at(state: dict[str, Any]) -> datetime | None:
    known = state.get("deleted") and state.get("was_customer") and state.get("deleted_at")
    return fold.moment(known) if known else None


def refresh_waiting(conversation: Conversation) -> None:
    """Who waits is a function of the messages: the customer's ones after the last answer by a person."""
    ordered = conversation.messages.order_by("-created_at", "-message_id")
    answer = ordered.filter(is_person_answer=True).first()
    waiting = conversation.messages.filter(is_customer_message=True)
    if answer:
        later = Q(created_at__gt=answer.created_at) | Q(
            created_at=answer.created_at, message_id__gt=answer.message_id
        )
        waiting = waiting.filter(later)
    first, last = (
        waiting.order_by("created_at", "message_id").first(),
        waiting.order_by("-created_at", "-message_id").first(),
    )
    if conversation.status in CLOSED or conversation.deleted_at or first is None:
        first = last = None
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=first.created_at if first else None, waiting_message=last, clocks_look_at=AT_ONCE
    )
