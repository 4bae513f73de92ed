"""The convergent part of the mirror. Pure: (known state, event) → state.

State is a dict of registers, field → [version, value]; joining takes the higher version and, at equal versions, the
value that ranks higher. Join is commutative, associative and idempotent, so any order and any repetition of the same
events ends in the same state. Facts about Chatwoot's payloads: its updated_at orders two versions of a conversation,
though not everything; a message has a version only inside conversation.messages[0].
"""

import hashlib
import html
import json
import re
from datetime import datetime
from typing import Any

from ..parsing import identifier
from . import authorship, csat, first_seen, identities, mail_parts, message_parts
from .payloads import FIXED, as_dict, changed_attributes, current_value, kind, nested_message, number, sender

Registers = dict[str, list]

# Field → what it may be; anything else is left out, so that an odd detail does not keep the rest from being known.
CONVERSATION_FIELDS: dict[str, Any] = {
    "status": str, "priority": str | None, "labels": list, "custom_attributes": dict, "snoozed_until": object,
    "inbox_id": int, "channel": str,
}  # fmt: skip
MESSAGE_FIELDS: dict[str, Any] = {
    "content": str, "content_type": str, "content_attributes": dict, "additional_attributes": dict, "attachments": list,
}  # fmt: skip
BOT, USER = "bot", "user"  # whose a conversation is


def join(known: Registers, seen: Registers) -> Registers:
    """The least state that knows what both know."""
    joined = dict(known)
    for field, register in seen.items():
        mine = joined.get(field)
        joined[field] = register if mine is None or _rank(register) > _rank(mine) else mine
    return joined


def _rank(register: list) -> tuple:
    version, value = register
    return version, json.dumps(value, sort_keys=True, ensure_ascii=True)


def values(registers: Registers) -> dict[str, Any]:
    return {field: value for field, (_, value) in registers.items()}


def conversation(payload: dict[str, Any], *, at: float = FIXED) -> Registers:
    """A conversation object (top of conversation_* events, nested in message events, or from the API) → registers.

    at: unix seconds of the message that it came with, for a version where it has none of its own.
    """
    versions = _Versions(payload, at)
    seen = (
        _own_values(payload, versions)
        | _people(payload, versions)
        | _contact(payload, versions.version)
        | _times(payload)
    )
    return seen | first_seen.registers(seen, number(payload.get("updated_at")))


class _Versions:
    """The version of each field of a conversation object."""

    def __init__(self, payload: dict[str, Any], at: float) -> None:
        self.payload, self.changed = payload, changed_attributes(payload)
        own = number(payload.get("updated_at"))
        self.version, self.has_own = own or self._before_4_1(at), bool(own)

    def of(self, field: str) -> float:
        return self.version if self.has_own else self.version + self._tie(field)

    def _before_4_1(self, at: float) -> float:
        """Chatwoot 4.0 and 3.x send no updated_at: the last activity, or the change that the event names, is as old."""
        named = (
            self.payload.get("last_activity_at"),
            self.payload.get("timestamp"),
            current_value(self.changed, "updated_at"),
        )
        return max([*map(number, named), at])

    def _tie(self, field: str) -> float:
        """Seconds by which a field that the event says has changed is newer than the last activity, in whole seconds.

        If a conversation was closed and opened within one second, open counts: nobody is lost by it.
        """
        name = {"assignee": "assignee_id", "team": "team_id", "labels": "label_list"}.get(field, field)
        if name not in self.changed:
            return 0.0
        if field == "status" and current_value(self.changed, name) != self.payload.get(field):
            return 0.0
        return 0.5 if self.payload.get(field) == "open" else 0.25


def _own_values(payload: dict[str, Any], versions: _Versions) -> Registers:
    seen: Registers = {
        field: [versions.of(field), payload[field]]
        for field, kinds in CONVERSATION_FIELDS.items()
        if field in payload and isinstance(payload[field], kinds)
    }
    if isinstance(payload.get("can_reply"), bool):
        # The clock closes a window without a new version, and only a new message, so a new version, opens it again: of
        # two equal versions the closed one is the later. Stored so that it ranks higher.
        seen["window_closed"] = [versions.version, not payload["can_reply"]]
    if _is_over_whatsapp(payload):
        seen["is_over_whatsapp"] = [FIXED, True]
    return seen


def _people(payload: dict[str, Any], versions: _Versions) -> Registers:
    """Whose the conversation is, and what they are called: changes name them by number."""
    meta, seen = as_dict(payload.get("meta")), Registers()
    assignee_kind = _assignee_kind(payload, meta)
    if "assignee" in meta or assignee_kind:
        seen["assignee_kind"] = [versions.of("assignee"), assignee_kind]
    for field in ("assignee", "team"):
        if field in meta:
            name, who = as_dict(meta[field]).get("name") or "", _whose(meta, field)
            seen[field] = [versions.of(field), name]
            seen[f"{field}_key"] = [versions.of(field), who]
            if who:
                seen[who] = [versions.version, name]
    return seen


def _contact(payload: dict[str, Any], version: float) -> Registers:
    contact, seen = as_dict(as_dict(payload.get("meta")).get("sender")), Registers()
    if isinstance(contact.get("blocked"), bool):
        seen["blocked"] = [version, contact["blocked"]]
    if identifier(contact.get("id")) is not None:
        seen["contact"] = [
            max(version, number(payload.get("contact_as_of"))),
            {key: contact.get(key) or "" for key in ("id", "name", "email", "phone_number")},
        ]
        # Chatwoot does not tell of a merge: that a conversation had another contact before is the sign.
        seen[f"contact:{contact['id']}"] = [FIXED, contact["id"]]
    return seen


def _times(payload: dict[str, Any]) -> Registers:
    seen: Registers = {}
    if activity := number(payload.get("last_activity_at")) or number(payload.get("timestamp")):
        seen["last_activity_at"] = [activity, activity]  # only ever grows, whatever the version says
    # deleted_at is ours alone (webhooks/reconcile/differences.py): Chatwoot sends no such event.
    for field in ("created_at", "deleted_at"):
        if at := number(payload.get(field)):
            seen[field] = [FIXED, at]
    return seen


def _is_over_whatsapp(payload: dict[str, Any]) -> bool:
    """Twilio's inboxes are for SMS or for WhatsApp: what the customer is known by there says which."""
    ways = (
        payload.get("contact_inbox"),
        *(payload.get("messages") or [] if isinstance(payload.get("messages"), list) else []),
    )
    known = [as_dict(one).get("source_id") for one in ways]
    known += [
        as_dict(as_dict(as_dict(one).get("conversation")).get("contact_inbox")).get("source_id")
        for one in ways
    ]
    mediums = (
        payload.get("medium"),
        as_dict(payload.get("inbox")).get("medium"),
        as_dict(payload.get("meta")).get("medium"),
    )
    return "whatsapp" in mediums or any(str(one or "").startswith("whatsapp:") for one in known)


def _assignee_kind(payload: dict[str, Any], meta: dict[str, Any]) -> str:
    whom = as_dict(meta.get("assignee"))
    told = (
        meta.get("assignee_type"), meta.get("ai_assignee_type"), payload.get("assignee_type"), payload.get("ai_assignee_type"),
        whom.get("type"), "agent_bot" if meta.get("ai_assignee") else "",
    )  # fmt: skip
    if any(str(one or "").lower().startswith(authorship.MACHINE_SENDERS) for one in told):
        return BOT
    return USER if whom else ""


def named(payload: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The users, bots and teams that a conversation object or a message names: (identity, what it says of them)."""
    meta = as_dict(payload.get("meta"))
    found = [(_whose(meta, field), as_dict(meta.get(field))) for field in ("assignee", "team")]
    if "message_type" in payload:
        who = as_dict(payload.get("sender"))
        found.append((identities.identity(who.get("type") or "contact", who.get("id")), who))
    return [(who, card) for who, card in found if who]


def _whose(meta: dict[str, Any], field: str) -> str:
    whom = as_dict(meta.get(field))
    if field == "team":
        return identities.team(whom.get("id"))
    return identities.identity(meta.get("assignee_type") or whom.get("type"), whom.get("id"))


def message(payload: dict[str, Any]) -> Registers:
    """A message_created or message_updated event → registers.

    Raises ValueError where id, type or time are missing.
    """
    at = number(payload.get("created_at"))
    if identifier(payload.get("id")) is None or not at:
        raise ValueError("no id or no time")
    fixed = {
        "id": payload["id"],
        "kind": kind(payload.get("message_type")),
        "private": bool(payload.get("private")),
        # Whole seconds: the API has no finer ones, and messages are ordered by (created_at in seconds, id).
        "created_at": int(at),
        "sender": sender(payload),
    }
    nested = nested_message(payload)
    version = number(nested.get("updated_at")) or FIXED
    seen: Registers = {field: [FIXED, value] for field, value in fixed.items()}
    if isinstance(nested.get("content"), str):
        # As it was written: versions 4.9 to 4.12 render what stands at the top for the channel.
        payload = payload | {"content": nested["content"]}
    if payload.get("content", "") is None:  # attachments alone, or an edit that left no words
        payload = payload | {"content": ""}
    if isinstance(payload.get("content"), str) and not payload["content"].strip():
        payload = payload | {"content": mail_parts.content(payload)}
    seen["attachments"] = [version, []]  # Chatwoot leaves the key out where there are none, or none any more
    seen |= {
        field: [version, payload[field]]
        for field, kinds in MESSAGE_FIELDS.items()
        if isinstance(payload.get(field), kinds)
    }
    seen["status"] = [version, nested.get("status") or payload.get("status") or ""]
    # What marks its author stays known: deleting a message in Chatwoot wipes its attributes.
    for mark, has in (("by_machine", authorship.is_by_machine), ("by_app", authorship.is_by_app)):
        if has(payload) or has(nested):
            seen[mark] = [FIXED, True]
    if not isinstance(payload.get("created_at"), int):
        seen["milliseconds"] = [FIXED, round(at * 1000) % 1000]
    if as_dict(payload.get("content_attributes")).get("deleted"):
        # Sticks: True ranks above an absent register, and nothing writes False.
        seen["deleted"] = [FIXED, True]
        if version:
            seen["deleted_at"] = [-version, version]  # the earliest that says so
    given_at = number(nested.get("given_at", version))
    seen |= _given(payload, seen, rated=given_at or version, submitted=given_at)
    if "deleted" not in seen and authorship.is_customer_message(values(seen)):
        seen["was_customer"] = [FIXED, True]  # a deletion wipes what shows it
    return seen


def _given(payload: dict[str, Any], seen: Registers, *, rated: float, submitted: float) -> Registers:
    """Since when a rating, and what the customer filled in, are known, in unix seconds; 0.0 where nothing says so."""
    answer, said = csat.answer_of(payload.get("content_attributes")), message_parts.submitted(values(seen))
    found = [first_seen.register("rating", answer[0], rated)] if answer and rated else []
    found += [first_seen.register("submitted", digest(said), submitted)] if said and submitted else []
    return dict(found)


RENDERED = (
    (re.compile(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)"), r"\1"),  # a link's words, in Markdown
    (re.compile(r"<[^<>]{0,500}>"), ""),  # and in HTML
)


def digest(content: str) -> str:
    """Of what a customer wrote, the same for each way in which Chatwoot tells one text: raw, rendered, stripped."""
    for pattern, kept in RENDERED:
        content = pattern.sub(kept, content)
    plain = re.sub(r"[\s*_~`\\\u200b-\u200d\ufeff]+", "", html.unescape(content))
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]


def read_message(
    payload: dict[str, Any], *, read_at: datetime, heard_at: datetime | None = None
) -> Registers:
    """A message as the API lists it. It carries no version, so what was read counts as of when it was read.

    heard_at: when its event came, by which answers on a survey or a form are dated.
    """
    seen = message(payload | {"event": "message_updated"})
    if "deleted" in seen:
        seen["deleted_at"] = [-read_at.timestamp(), read_at.timestamp()]
    at = min(read_at, heard_at or read_at).timestamp()
    seen |= _given(payload, seen, rated=at, submitted=at)
    return {field: [read_at.timestamp() if version == FIXED and field in (*MESSAGE_FIELDS, "status") else version, value]
            for field, (version, value) in seen.items()}  # fmt: skip
