"""What must not become known again about a person whose data were erased: everything until then, however late it is reported.

Chatwoot still has it, so a late webhook, a search or a replay may tell of it again. Numbers, times and states pass, so
that queue and clocks stay right; words, names and addresses do not. What the person writes afterwards is known as ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from ..models import Contact, Conversation, Delivery
from ..parsing import identifier
from . import attribute_changes, authorship, fold, payloads

Payload = dict[str, Any]
ERASED = "(erased)"  # stands where people would look for words
NOBODY = {"name": "", "email": "", "phone_number": ""}
# What passes: everything else is left out, whatever Chatwoot may add.
OF_CONVERSATION = (
    "event", "id", "status", "priority", "labels", "inbox_id", "channel", "can_reply", "created_at", "updated_at",
    "last_activity_at", "timestamp", "waiting_since", "first_reply_created_at", "snoozed_until", "unread_count", "deleted_at",
)  # fmt: skip
OF_MESSAGE = (
    "event", "id", "message_type", "private", "content_type", "created_at", "sender_type", "status", "conversation_id",
    "external_source_ids",
)  # fmt: skip
OF_ATTRIBUTES = (
    "automation_rule_id", "campaign_id", "external_echo", "external_sender_name", "deleted", "is_reaction", "auto_reply",
    "support_reply", "support_note",
)  # fmt: skip
OF_CHANGES = (*attribute_changes.HISTORY, "status", "updated_at", "assignee_type")


@dataclass(frozen=True)
class Erased:
    """until: what happened by then is forgotten. returned: the person wrote again, so who they are may be known."""

    until: datetime
    returned: bool

    def covers(self, at: float) -> bool:
        return at <= self.until.timestamp()


def whose(conversation: Conversation, about: Payload) -> Erased | None:
    """about: the conversation as Chatwoot tells of it. Asks the database only where somebody was erased, or is new."""
    told = contact_of(about)
    known = _dict(fold.values(conversation.registers).get("contact")).get("id")
    if conversation.erased_at is None and told in (None, known):
        return None
    number = known if told is None else told
    contact = Contact.objects.filter(source=conversation.source_id, contact_id=number or 0).first()
    until = conversation.erased_at or (contact.erased_at if contact else None)
    return Erased(until, bool(contact and contact.returned_at)) if until else None


def contact_of(about: Payload) -> int | None:
    return identifier(_dict(_dict(about.get("meta")).get("sender")).get("id"))


def filter_payload(
    delivery: Delivery, conversation: Conversation | None, payload: Payload, *, now: datetime
) -> tuple[Payload, bool]:
    """A filter of deliveries (settings.PAYLOAD_FILTERS): the event as handlers may see it, and whether its body must go.

    conversation: locked; None where no handler runs, or the event is about no conversation.
    """
    if conversation is not None:
        kept = redact(delivery, conversation, payload, now=now)
        return kept, kept is not payload
    keeps_no_words = not settings.IN_HANDLERS.get(delivery.event) or delivery.event.startswith("contact_")
    return payload, keeps_no_words and is_about(delivery, payload)


def redact(delivery: Delivery, conversation: Conversation, payload: Payload, *, now: datetime) -> Payload:
    """The event without what is forgotten: the same object where nothing is. The conversation is locked."""
    is_message = delivery.event.startswith("message_")
    about = _dict(payload.get("conversation")) if is_message else payload
    payload = without_guests(conversation, payload)
    erased = whose(conversation, about)
    if erased is None:
        return payload
    if conversation.erased_at is None:  # its contact was erased before we heard of it
        conversation.erased_at = erased.until
        Conversation.objects.filter(pk=conversation.pk).update(erased_at=erased.until)
    if is_message and not erased.returned and _wrote_again(payload, erased):
        gone = Contact.objects.filter(
            source=conversation.source_id, contact_id=contact_of(about) or 0, returned_at=None
        )
        gone.update(returned_at=now)
        erased = Erased(erased.until, returned=True)
    return message(payload, erased) if is_message else conversation_object(payload, erased)


def _wrote_again(payload: Payload, erased: Erased) -> bool:
    return payload.get("message_type") in ("incoming", 0) and not erased.covers(
        payloads.number(payload.get("created_at"))
    )


def redacted_message(conversation: Conversation, payload: Payload) -> Payload:
    """A message of the conversation, as the API has it."""
    payload, erased = without_guests(conversation, payload), whose(conversation, {})
    return message(payload, erased) if erased else payload


def redacted(
    conversation: Conversation, state: Payload, rows: Iterable[Payload] = ()
) -> tuple[Payload, list[Payload]]:
    """The conversation and messages of it, as the API has them."""
    erased = whose(conversation, state)
    state, rows = without_guests(conversation, state), [without_guests(conversation, row) for row in rows]
    if erased is None:
        return state, rows
    return conversation_object(state, erased), [message(row, erased) for row in rows]


def without_guests(conversation: Conversation, payload: Payload) -> Payload:
    """Without what somebody erased wrote in another's conversation: a message, or what is shown as its newest."""
    about = _dict(payload.get("conversation"))
    shown = [payload, *newest(payload), *newest(about)]
    hosts = (contact_of(about), contact_of(payload))
    guests = {number for one in shown if (number := author(one)) and number not in hosts}
    if guests:  # the host's own is asked of the erased conversation (whose)
        guests.discard(_dict(fold.values(conversation.registers).get("contact")).get("id") or 0)
    if not guests:
        return payload
    gone = Contact.objects.filter(
        source=conversation.source_id, contact_id__in=guests, erased_at__isnull=False
    )
    until = {contact.contact_id: contact.erased_at for contact in gone if contact.erased_at}

    def is_erased(one: Payload) -> bool:
        return author(one) in until and Erased(until[author(one) or 0], returned=True).covers(
            payloads.number(one.get("created_at"))
        )

    def redacted_newest(of: Payload) -> Payload:
        listed = newest(of)
        if not any(map(is_erased, listed)):
            return of
        return of | {"messages": [_version(one) if is_erased(one) else one for one in listed]}

    payload = _differs(redacted_newest(payload), {"conversation": redacted_newest(about)} if about else {})
    return without_words(payload) if is_erased(payload) else payload


def author(message: Payload) -> int | None:
    """The customer who wrote it."""
    who = payloads.sender(message)
    return identifier(who["id"] or message.get("sender_id")) if who["type"] == "contact" else None


def newest(about: Payload) -> list[Payload]:
    """The messages that a conversation's object shows."""
    listed = about.get("messages")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _version(message: Payload) -> Payload:
    return {name: message.get(name) for name in ("id", "message_type", "updated_at", "status")}


def message(payload: Payload, erased: Erased) -> Payload:
    about = payload.get("conversation")
    if isinstance(about, dict):
        payload = _differs(payload, {"conversation": conversation_object(about, erased)})
    return without_words(payload) if erased.covers(payloads.number(payload.get("created_at"))) else payload


def without_words(payload: Payload) -> Payload:
    """A message without what was said in it, and by which customer."""
    kept = {name: payload[name] for name in OF_MESSAGE if name in payload}
    kept |= {
        name: _named(payload[name]) for name in ("account", "inbox") if isinstance(payload.get(name), dict)
    }
    if isinstance(payload.get("conversation"), dict):
        kept["conversation"] = payload["conversation"]
    if isinstance(payload.get("sender"), dict):
        kept["sender"] = without_name(payloads.sender(payload))
    kept["content"] = ERASED if payload.get("content") else ""
    kept["additional_attributes"] = campaign(payload.get("additional_attributes"))
    kept["content_attributes"] = marks(payload | {"kind": _kind(payload)})
    return kept


def conversation_object(payload: Payload, erased: Erased) -> Payload:
    is_old = erased.covers(payloads.number(payload.get("created_at")))
    if erased.returned and not is_old:
        return payload
    kept = {name: payload[name] for name in OF_CONVERSATION if name in payload}
    kept |= {name: _named(payload[name]) for name in ("account",) if isinstance(payload.get(name), dict)}
    meta = _dict(payload.get("meta"))
    sender = _dict(meta.get("sender"))
    shown: Payload = {name: _named(meta[name]) for name in ("assignee", "team") if name in meta}
    shown |= {name: meta[name] for name in ("assignee_type",) if name in meta}
    if sender:
        shown["sender"] = (
            sender if erased.returned else {"id": sender.get("id"), "blocked": sender.get("blocked")}
        )
    return kept | {
        "meta": shown, "custom_attributes": {}, "changed_attributes": _changes(payload.get("changed_attributes")),
        "messages": [_version(one) for one in newest(payload)],
    }  # fmt: skip


def without_name(sender: Payload) -> Payload:
    """A colleague is still named: what they answered, and when, is ours."""
    return sender if sender.get("type") in ("user", "agent_bot") else sender | {"name": ""}


def campaign(attributes: Any) -> Payload:
    return {name: value for name, value in _dict(attributes).items() if name == "campaign_id"}


def marks(facts: Payload) -> Payload:
    """Of a message's attributes, what queue and figures go by. facts: as authorship.is_customer_message takes them."""
    attributes = _dict(facts.get("content_attributes"))
    kept = {name: attributes[name] for name in OF_ATTRIBUTES if name in attributes}
    rating = _dict(_dict(attributes.get("submitted_values")).get("csat_survey_response")).get("rating")
    if isinstance(rating, int):
        kept["submitted_values"] = {"csat_survey_response": {"rating": rating}}
    if attributes.get("external_error"):
        kept["external_error"] = ERASED
    if facts.get("content_type") == "voice_call":
        kept["data"] = {"status": _dict(attributes.get("data")).get("status")}
    is_survey = facts.get("content_type") == "input_csat"
    incoming = facts.get("kind") == "incoming" and not is_survey and not attributes.get("deleted")
    if incoming and not authorship.is_customer_message(facts):
        kept["auto_reply"] = True  # by its headers or its stickers, which are gone
    return kept


def _kind(payload: Payload) -> str:
    try:
        return payloads.kind(payload.get("message_type"))
    except ValueError:
        return ""


def _changes(listed: Any) -> list[Payload]:
    return [
        kept
        for one in (listed if isinstance(listed, list) else [])
        if (kept := {name: change for name, change in _dict(one).items() if name in OF_CHANGES})
    ]


def _named(value: Any) -> Any:
    """Which inbox, colleague or team it is."""
    return (
        {name: value[name] for name in ("id", "name", "type") if name in value}
        if isinstance(value, dict)
        else None
    )


def _differs(payload: Payload, changed: Payload) -> Payload:
    same = all(payload.get(name) is value for name, value in changed.items())
    return payload if same else payload | changed


def _dict(value: Any) -> Payload:
    return value if isinstance(value, dict) else {}


def is_about(delivery: Delivery, payload: Payload) -> bool:
    """Whether an event that nothing handles tells of somebody erased: then its body goes once it is done."""
    if delivery.conversation_id is not None:
        known = Conversation.objects.filter(source=delivery.source_id, display_id=delivery.conversation_id)
        return known.filter(erased_at__isnull=False).exists()
    number = event_contact(delivery.event, payload)
    if number is None:
        return False
    gone = Contact.objects.filter(source=delivery.source_id, contact_id=number, erased_at__isnull=False)
    return gone.filter(returned_at=None).exists()


def event_contact(event: str, payload: Payload) -> int | None:
    """Of an event that is about a contact and no conversation."""
    about = payload if event.startswith("contact_") else _dict(payload.get("contact"))
    return identifier(about.get("id"))
