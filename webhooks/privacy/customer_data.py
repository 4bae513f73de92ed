"""Which fields hold customers' data, and what happens to each when a person is erased: the table of the webhooks app.

The others are knowledge/privacy/customer_data.py and reports/customer_data.py. A test fails if a model has a text, JSON or
binary field that no table names.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from ..deliveries import redaction
from ..mirror import fold, message_index, submitted, tombstones
from ..mirror.tombstones import ERASED
from ..models import Contact, Conversation, Delivery, Message, Rejection, Source
from ..parsing import NotAnEvent, parse

NUMBERS = re.compile(rb'"id"\s*:\s*(\d{1,18})\b')
CONTACT_EVENTS = ("contact_created", "contact_updated", "webwidget_triggered")


@dataclass(frozen=True)
class Person:
    """numbers: all contact IDs that Chatwoot used for the person (merged_contacts.py); contacts: those that are known here."""

    source: Source
    numbers: list[int]
    contacts: tuple[Contact, ...]

    @property
    def conversations(self) -> QuerySet[Conversation]:
        return Conversation.objects.filter(contact__in=[contact.pk for contact in self.contacts])

    @property
    def messages(self) -> QuerySet[Message]:
        """All messages of their conversations, and what they wrote in other people's."""
        # A list, no subquery: beside an OR, PostgreSQL would read every message for it.
        theirs = Q(conversation__in=list(self.conversations.values_list("pk", flat=True)))
        elsewhere = Q(conversation__source=self.source, sender_type="contact", sender_id__in=self.numbers)
        return Message.objects.filter(theirs | elsewhere)


# What happens to a field: nothing if it holds no personal data, its empty value, or a placeholder for text.
Treatment = str | Callable[[Any], Any]
KEPT, EMPTIED, REPLACED = "", "emptied", "replaced"
Rows = Callable[[Person], QuerySet]


@dataclass(frozen=True)
class Holds:
    """What one model holds. rows: a person's rows; erase: (rows, treatments, now) → count, if overwriting is not enough."""

    fields: Mapping[str, Treatment]
    rows: Rows | None = None
    erase: Callable[[Any, Mapping[str, Treatment], datetime], int] | None = None

    @property
    def theirs(self) -> dict[str, Treatment]:
        return {name: treatment for name, treatment in self.fields.items() if treatment != KEPT}


def none(*names: str) -> Holds:
    """None of its fields holds customer text or personal data."""
    return Holds(dict.fromkeys(names, KEPT))


def overwritten(rows: Iterable[models.Model], treatments: Mapping[str, Treatment], now: datetime) -> int:
    count = 0
    for row in rows:
        for name, treatment in treatments.items():
            setattr(row, name, _treated(row, name, treatment))
        row.save(update_fields=list(treatments))
        count += 1
    return count


def _treated(row: models.Model, name: str, treatment: Treatment) -> Any:
    value, of = getattr(row, name), row._meta.get_field(name)
    if callable(treatment):
        return treatment(row)
    if treatment == REPLACED:
        return ERASED if value else value
    return None if of.null else of.get_default()  # type: ignore[union-attr]


def deleted(rows: Any, treatments: Mapping[str, Treatment], now: datetime) -> int:
    return rows.delete()[1].get(rows.model._meta.label, 0)


# The mirror


def _conversation_registers(row: Conversation) -> fold.Registers:
    registers = dict(row.registers)
    if "contact" in registers:
        version, facts = registers["contact"]
        registers["contact"] = [version, facts | tombstones.NOBODY]
    if "custom_attributes" in registers:
        registers["custom_attributes"] = [registers["custom_attributes"][0], {}]
    return registers


def _message_registers(row: Message) -> fold.Registers:
    """As if the message had arrived without its text: late events are redacted the same way (tombstones.py)."""
    registers = dict(row.registers)
    state = fold.values(registers)
    redacted = {
        "content": ERASED if state.get("content") else "", "attachments": [], "content_attributes": tombstones.marks(state),
        "additional_attributes": tombstones.campaign(state.get("additional_attributes")),
    }  # fmt: skip
    if isinstance(state.get("sender"), dict):
        redacted["sender"] = tombstones.without_name(state["sender"])
    kept = {name: one for name, one in registers.items() if not name.startswith(submitted.REGISTERS)}
    return kept | {name: [kept[name][0], value] for name, value in redacted.items() if name in kept}


def _marks(row: Message) -> dict[str, Any]:
    return tombstones.marks(fold.values(row.registers) or {"content_attributes": row.content_attributes})


def _erase_messages(rows: QuerySet[Message], treatments: Mapping[str, Treatment], now: datetime) -> int:
    count = overwritten(rows, treatments, now)
    message_index.drop_erased()
    return count


# Deliveries


def _deliveries(person: Person) -> QuerySet[Delivery]:
    """Each part by source and conversation, which have an index together. Contacts' events and broken ones name none."""
    own = set(person.conversations.values_list("display_id", flat=True))
    wrote = list(person.messages.values_list("conversation__display_id", "message_id"))
    messages = {message for _, message in wrote}
    # What they wrote in other people's conversations.
    elsewhere = Q(source=person.source, conversation_id__in={display for display, _ in wrote} - own)
    nowhere = Q(source=person.source, conversation_id=None)
    about = Q(source=person.source, conversation_id__in=own)
    about |= (elsewhere & Q(message_id__in=messages)) | (nowhere & Q(message_id__in=messages))
    named = Delivery.objects.filter(nowhere, event__in=CONTACT_EVENTS, redacted_at=None)
    found = [row.pk for row in named.iterator(50) if _is_about(row, person)]
    # Waiting deliveries are redacted when they are processed (tombstones.py).
    finished = Delivery.objects.filter(
        elsewhere, redacted_at=None, status__in=redaction.FINAL, direction="IN"
    )
    found += [row.pk for row in finished.iterator(50) if _quotes(row, person)]
    return Delivery.objects.filter(about | Q(pk__in=found))


def _is_about(row: Delivery, person: Person) -> bool:
    body = bytes(row.body)
    if not any(str(number).encode() in body for number in person.numbers):
        return False  # most are about others, and parsing takes its time
    try:
        return tombstones.event_contact(row.event, row.payload()) in person.numbers
    except NotAnEvent:
        return False


def _quotes(row: Delivery, person: Person) -> bool:
    """Whether an event of another person's conversation contains their text, as the newest message."""
    try:
        payload = row.payload()
    except NotAnEvent:
        return False
    about = payload.get("conversation") if isinstance(payload.get("conversation"), dict) else payload
    return any(tombstones.author(one) in person.numbers for one in tombstones.newest(about or {}))


def _erase_deliveries(rows: QuerySet[Delivery], treatments: Mapping[str, Treatment], now: datetime) -> int:
    """Finished deliveries lose their body. Others continue, with the person removed from the body."""
    pks = list(rows.values_list("pk", flat=True))
    count = redaction.remove(
        Delivery.objects.filter(pk__in=pks, status__in=redaction.FINAL),
        why=Delivery.Redacted.ERASURE,
        now=now,
    )
    waiting = Delivery.objects.filter(pk__in=pks, redacted_at=None).exclude(status__in=redaction.FINAL)
    for row in waiting.select_for_update(of=("self",)):
        count += waiting.filter(pk=row.pk).update(body=_without_them(row, now))
    return count


def _without_them(row: Delivery, now: datetime) -> bytes:
    try:
        payload = row.payload()
    except NotAnEvent:
        return b"{}"
    if row.direction == "OUT":  # IDs of this site, and a person's instructions to the drafter
        return json.dumps({name: value for name, value in payload.items() if name != "instructions"}).encode()
    erased = tombstones.Erased(now, returned=False)
    if row.event.startswith("message_"):
        return json.dumps(tombstones.message(payload, erased)).encode()
    if row.event.startswith("conv"):
        return json.dumps(tombstones.conversation_object(payload, erased)).encode()
    return json.dumps({"event": row.event, "id": payload.get("id")}).encode()


def is_theirs(body: bytes, person: Person) -> bool:
    """For a body outside the deliveries: by conversation, contact or author. An unreadable body counts as theirs if it contains
    their address or any of their IDs, since it is better to delete one broken body too many.
    """
    conversations = set(person.conversations.values_list("display_id", flat=True))
    try:
        payload = parse(body)
    except NotAnEvent:
        addresses = {one for row in person.contacts for one in (row.email, row.phone_number) if one}
        numbers = {int(one) for one in NUMBERS.findall(body)}
        return any(one.encode() in body for one in addresses) or bool(
            numbers & {*conversations, *person.numbers}
        )
    about = payload.get("conversation") if isinstance(payload.get("conversation"), dict) else payload
    number = tombstones.contact_of(about or {}) or tombstones.event_contact(
        str(payload.get("event")), payload
    )
    authors = {tombstones.author(one) for one in (payload, *tombstones.newest(about or {}))}
    theirs = number in person.numbers or not authors.isdisjoint(person.numbers)
    return theirs or (about or {}).get("id") in conversations


def _rejections(person: Person) -> QuerySet[Rejection]:
    stored = Rejection.objects.filter(source=person.source, body__isnull=False)
    return stored.filter(
        pk__in=[row.pk for row in stored.iterator(20) if is_theirs(bytes(row.body or b""), person)]
    )


TABLE: dict[str, Holds] = {
    "webhooks.Contact": Holds(
        {"name": EMPTIED, "email": EMPTIED, "phone_number": EMPTIED},
        rows=lambda person: Contact.objects.filter(pk__in=[contact.pk for contact in person.contacts]),
    ),
    "webhooks.Conversation": Holds(
        {
            "custom_attributes": EMPTIED, "registers": _conversation_registers,
            "status": KEPT, "priority": KEPT, "labels": KEPT, "assignee": KEPT, "team": KEPT,
            "clocks_memory": KEPT,  # times and counts
        },
        rows=lambda person: person.conversations,
    ),
    "webhooks.Message": Holds(
        {
            "content": REPLACED, "content_attributes": _marks, "attachments": EMPTIED, "registers": _message_registers,
            "sender_name": lambda row: tombstones.without_name({"type": row.sender_type, "name": row.sender_name})["name"],
            "sender_type": KEPT, "content_type": KEPT, "status": KEPT,
        },
        rows=lambda person: person.messages, erase=_erase_messages,
    ),
    "webhooks.Delivery": Holds(
        {
            "body": EMPTIED, "event": KEPT, "variant": KEPT, "delivery_key": KEPT, "semantic_key": KEPT, "headers": KEPT,
            "running_on": KEPT, "origin": KEPT, "last_error": KEPT, "error_fingerprint": KEPT, "body_sha256": KEPT,
        },
        rows=_deliveries, erase=_erase_deliveries,
    ),
    "webhooks.Rejection": Holds(
        {"body": EMPTIED, "code": KEPT, "detail": KEPT, "delivery_key": KEPT, "remote": KEPT, "headers": KEPT},
        rows=_rejections,
    ),
    "webhooks.KnownName": none("kind", "name", "email"),  # of agents and teams
    "webhooks.StatusChange": none("previous", "current"),
    "webhooks.AttributeChange": none("field", "previous", "current"),  # assignee, labels, priority
    "webhooks.Attempt": none("error_class", "message", "policy_version"),  # errors never contain customer text
    "webhooks.DeliveryAudit": none("action", "reason"),
    "webhooks.Source": none(
        "slug", "base_url", "moved_from", "api_token", "mode_reason", "legacy_url", "chatwoot_version", "sender_name",
        "webhook_url", "unsigned_token",
    ),
    "webhooks.SourceSecret": none("secret", "label"),
    "webhooks.SendingSwitch": none("reason"),
    "webhooks.Inbox": none("name", "channel", "email"),
    "webhooks.ApiToken": none("digest", "token_key"),
    "webhooks.Membership": none(),
    "webhooks.Profile": none("time_zone", "language", "chat_url", "muted"),
    "webhooks.Notice": none("kind", "cause", "text", "page"),  # names inboxes and conversations, no customers
    "webhooks.HealthSample": none(),
    "webhooks.SignInRule": none(),
    "webhooks.SecondFactor": none("name", "key", "recovery_codes"),
    "webhooks.Alert": none("kind", "key", "text"),  # of sources, inboxes and clocks
    "webhooks.AlertRule": none("kind", "addresses", "chat_url", "quiet_zone"),
    "webhooks.Upstream": none("key", "last_error"),
    "webhooks.WorkerHost": none("host", "clusters"),
    "webhooks.ReplayRun": none("filters", "reason"),
    "webhooks.ReplayItem": none("note"),
    "webhooks.FailureNote": none("fingerprint", "note"),
    "webhooks.ModeChange": none("reason"),
    "webhooks.ModeNotice": none(),
    "webhooks.RetryPolicy": none("name", "event_pattern", "delays", "give_up_on", "hold_on", "retry_on"),
    "webhooks.ReconcileRun": none("holder", "trouble"),
    "webhooks.ReconcileItem": none("note"),
    "webhooks.RejectionCount": none("code"),
    "webhooks.RetentionRule": none("name"),
    "webhooks.PruneRun": none("counts", "rules"),
    "webhooks.PrivacyAction": none("contact_ids", "reason", "counts"),
}  # fmt: skip
