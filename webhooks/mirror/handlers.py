"""Handlers that apply the fold to our rows: what Chatwoot told us, and who is waiting because of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from .. import deliveries
from ..errors import Permanent
from ..models import AttributeChange, Contact, Conversation, Delivery, Inbox, Message, Source, StatusChange
from ..outbound import chatwoot
from ..parsing import identifier
from . import attribute_changes, authorship, fold, names, payloads, status_history, tombstones

CLOSED = ("resolved",)
SEVEN_DAYS = ("Channel::FacebookPage", "Channel::Instagram")
MOST_ADDRESSES = 500  # characters, as the column has it
REOPENS_WITHIN = timedelta(seconds=30)  # of a customer's message, where Chatwoot's own queue is not late
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


def apply_conversation(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    apply_conversation_object(conversation, payload)
    names.keep(delivery.source, fold.named(payload), at=payloads.version_of(payload))
    refresh_waiting(conversation)


def apply_message(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    conversation = _conversation(delivery)
    if isinstance(payload.get("conversation"), dict):
        apply_conversation_object(
            conversation, payload["conversation"], inbox=_dict(payload.get("inbox")),
            at=payloads.number(payload.get("created_at")),
        )  # fmt: skip
    try:
        seen = fold.message(payload)
    except (KeyError, ValueError, TypeError) as error:
        raise Permanent(f"Not a message as Chatwoot sends them: {type(error).__name__}.") from error
    message = store_message(conversation, seen)
    about = _dict(payload.get("conversation"))
    named_at = payloads.version_of(about) or payloads.number(payload.get("created_at"))
    names.keep(delivery.source, fold.named(about) + fold.named(payload), at=named_at)
    if fold.is_unversioned_update(payload):
        deliveries.enqueue(
            delivery.source, event="message.refresh", key=f"message.refresh:{delivery.pk}", lane="slow",
            payload={"message": message.message_id, "conversation": conversation.display_id}, at=now, now=now,
            conversation_id=conversation.display_id, message_id=message.message_id,
        )  # fmt: skip
    refresh_waiting(conversation)


def handle_refresh(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Any:
    """Read one message again: an update came that says nothing of its own order."""
    client = chatwoot.client(delivery.source)
    found = client.message(payload["conversation"], payload["message"])
    # By Chatwoot's clock, which dates the versions: this host's, running ahead, would outrank what happens next.
    read_at = client.answered_at or now

    def commit() -> None:
        conversation = Conversation.objects.locked(delivery.source, payload["conversation"])
        if found is not None:
            seen = tombstones.redacted_message(conversation, found)
            before = conversation.messages.filter(message_id=payload["message"]).first()
            after = store_message(conversation, fold.read_message(seen, read_at=read_at))
            if before and _matters(before) != _matters(after):
                _tell_as_read(delivery, seen, read_at=read_at, now=now)
        refresh_waiting(conversation)

    return commit


def _matters(message: Message) -> tuple:
    """What drafts, clocks and the queue go by."""
    said = fold.digest(message.content) if message.kind == Message.Kind.INCOMING else ""
    return said, message.deleted, message.is_customer_message, message.is_person_answer


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
    store_message(conversation, seen)
    refresh_waiting(conversation)


def _conversation(delivery: Delivery) -> Conversation:
    if delivery.conversation_id is None:
        raise Permanent("The event names no conversation.")
    return Conversation.objects.get(source=delivery.source, display_id=delivery.conversation_id)


def apply_conversation_object(
    conversation: Conversation,
    payload: dict[str, Any],
    *,
    inbox: dict[str, Any] | None = None,
    at: float = payloads.FIXED,
) -> None:
    """at: unix seconds of the message that it came with."""
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
    conversation.inbox = _inbox(conversation.source, state, inbox or {}, at=at) or conversation.inbox
    conversation.contact = (
        _contact(conversation.source, conversation.registers.get("contact")) or conversation.contact
    )
    conversation.save()
    if told:
        _keep_status_history(conversation)
    AttributeChange.objects.bulk_create(
        [
            AttributeChange(conversation=conversation, at=at, field=field, previous=before, current=after)
            for at, field, before, after in attribute_changes.changes(payload)
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


def _inbox(source: Source, state: dict[str, Any], named: dict[str, Any], *, at: float) -> Inbox | None:
    number = identifier(state.get("inbox_id") or named.get("id"))
    if number is None:
        return None
    name = str(named.get("name") or "")[:200] if named.get("id") == number else ""
    channel = str(state.get("channel") or "")[:60]
    fallback = f"Inbox {number}"
    row, _ = Inbox.objects.get_or_create(
        source=source, inbox_id=number, defaults={"name": name or fallback, "channel": channel, "version": at}
    )
    if channel and row.channel != channel:
        row.channel = channel
        row.save(update_fields=["channel"])
    if name:
        _name_inbox(row, name, at=at)
    return row


def _name_inbox(row: Inbox, name: str, *, at: float) -> None:
    """The newest name, whichever event arrives last. at: unix seconds when it was reported, or a moment before."""
    if row.name == name:
        return  # every message tells it: no write for each
    known = (row.version, row.name) if row.name != f"Inbox {row.inbox_id}" else (-1.0, "")
    if (at, name) > known:
        row.name, row.version = name, at
        row.save(update_fields=["name", "version"])


def apply_inbox(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """It was renamed, or has other addresses. One that nobody has written to is not kept."""
    about = _dict(payload.get("inbox")) or payload
    number = identifier(about.get("id"))
    row = Inbox.objects.select_for_update().filter(source=delivery.source_id, inbox_id=number or 0).first()
    if number is None or row is None:
        return
    if name := str(about.get("name") or "")[:200]:
        _name_inbox(row, name, at=_told_at(delivery, payload))
    told = authorship.addresses([about.get("email"), about.get("forward_to_email")])
    wanted = ", ".join(dict.fromkeys([*row.addresses, *told]))
    if told and set(told) - set(row.addresses) and len(wanted) <= MOST_ADDRESSES:
        row.email = wanted
        row.save(update_fields=["email"])


def apply_contact(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """A name or an address was corrected. Contacts who never wrote are not kept, nor what was erased."""
    number = identifier(payload.get("id"))
    known = Contact.objects.filter(source=delivery.source_id, contact_id=number or 0).first()
    if known is None or (known.erased_at and not known.returned_at):
        return
    said = {key: payload.get(key) or "" for key in ("name", "email", "phone_number")}
    _contact(delivery.source, [_told_at(delivery, payload), {"id": number, **said}])


def _told_at(delivery: Delivery, payload: dict[str, Any]) -> float:
    """Unix seconds. Such events carry no version: the change's own time, or else when we heard of it."""
    changed = _dict(payloads.changed_attributes(payload).get("updated_at")).get("current_value")
    return (
        payloads.number(changed)
        or payloads.number(payload.get("updated_at"))
        or delivery.received_at.timestamp()
    )


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
    row.is_person_answer = authorship.is_person_answer(state)
    row.is_customer_message = authorship.is_customer_message(state)
    row.looks_automatic = authorship.looks_automatic(state)
    row.save()
    return row


def _withdrawn_at(state: dict[str, Any]) -> datetime | None:
    known = state.get("deleted") and state.get("was_customer") and state.get("deleted_at")
    return payloads.moment(known) if known else None


def refresh_waiting(conversation: Conversation) -> None:
    """Who waits is a function of the messages: the customer's ones after the last answer by a person.

    Pending and snoozed conversations wait as open ones do; one that a bot has does not.
    """
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
    _learn_permission(conversation, last)
    if conversation.status in CLOSED or conversation.deleted_at or is_with_bot(conversation):
        first = last = None
    Conversation.objects.filter(pk=conversation.pk).update(
        waiting_since=first.created_at if first else None, waiting_message=last, clocks_look_at=AT_ONCE
    )


def _learn_permission(conversation: Conversation, last: Message | None) -> None:
    """Whether Meta lets this inbox answer for seven days: of the newest that was said between a day and a week after."""
    inbox, said_at = conversation.inbox, conversation.can_reply_at
    if not (inbox and inbox.channel in SEVEN_DAYS and said_at and last):
        return
    since = said_at - last.created_at
    if timedelta(days=1) < since < timedelta(days=7) and inbox.human_agent != conversation.can_reply:
        Inbox.objects.filter(pk=inbox.pk).update(human_agent=conversation.can_reply)


def is_with_bot(conversation: Conversation) -> bool:
    """A bot or an assistant answers there: by its assignee, or because it has been pending for one all the time."""
    if fold.values(conversation.registers).get("assignee_kind") == fold.BOT:
        handed_over = conversation.status_changes.filter(previous="pending", current="open")
        return conversation.status != "open" or not handed_over.exists()
    if conversation.status != "pending":
        return False
    became = conversation.status_changes.filter(current="pending").order_by("-at", "-pk").first()
    if became is None:  # pending since it began, unless a colleague has written there
        return not conversation.messages.filter(is_person_answer=True).exists()
    # Where a bot is active, a message from the customer turns a resolved conversation pending, not open.
    reopening = conversation.messages.filter(
        kind=Message.Kind.INCOMING, created_at__gte=became.at - REOPENS_WITHIN, created_at__lte=became.at + REOPENS_WITHIN
    )  # fmt: skip
    return became.previous == "resolved" and reopening.exists()
