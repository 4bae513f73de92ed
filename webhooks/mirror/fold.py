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
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from ..parsing import identifier
from . import csat, identities, status_history

Registers = dict[str, list]

# Field → what it may be; anything else is left out, so that an odd detail does not keep the rest from being known.
CONVERSATION_FIELDS: dict[str, Any] = {
    "status": str, "priority": str | None, "labels": list, "custom_attributes": dict, "snoozed_until": object,
    "inbox_id": int, "channel": str,
}  # fmt: skip
MESSAGE_FIELDS: dict[str, Any] = {
    "content": str, "content_type": str, "content_attributes": dict, "additional_attributes": dict, "attachments": list,
}  # fmt: skip
FIXED = 0.0  # the version of what never changes, and of a first sight that carries no version
TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
LAST_MOMENT = 253_402_300_800.0  # the year 10000: what datetime cannot hold is no time
# What only makes a mail doubtful: contact forms write from no-reply@, and people have such subjects (looks_automatic).
NO_REPLY_MARKS = ("mailer-daemon", "no-reply", "noreply", "do-not-reply", "donotreply", "postmaster")
AWAY_SUBJECTS = (  # how a mailbox answers by itself; a person's reply begins with Re: or AW:
    "out of office", "automatic reply", "auto-reply", "autoreply", "auto:", "abwesenheitsnotiz", "automatische antwort",
    "undeliverable", "undelivered mail", "delivery status notification", "mail delivery failed", "unzustellbar",
)  # fmt: skip
AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
# Senders that are no person, as Chatwoot's sender_type and its payloads' `type` name them, in lower case.
MACHINE_SENDERS = ("agent_bot", "agentbot", "captain")
BOT, USER = "bot", "user"  # whose a conversation is
TAKEN_CALLS = ("answered", "in-progress", "completed")
HISTORY = (
    "assignee_id",
    "team_id",
    "label_list",
    "priority",
    "inbox_id",
    "assignee_agent_bot_id",
)  # whose changes are kept
SINCE = (
    "status",
    "assignee_key",
    "team_key",
    "labels",
    "priority",
    "inbox_id",
)  # whose values' first sight is kept
FIRST_SEEN = "first_seen:"


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
    changed = changed_attributes(payload)
    version = number(payload.get("updated_at")) or _version_before_4_1(payload, changed, at)

    def of(field: str) -> float:
        return version if number(payload.get("updated_at")) else version + _tie(field, changed, payload)

    seen: Registers = {
        field: [of(field), payload[field]]
        for field, kinds in CONVERSATION_FIELDS.items()
        if field in payload and isinstance(payload[field], kinds)
    }
    if isinstance(payload.get("can_reply"), bool):
        # The clock closes a window without a new version, and only a new message, so a new version, opens it again: of
        # two equal versions the closed one is the later. Stored so that it ranks higher.
        seen["window_closed"] = [version, not payload["can_reply"]]
    if _is_over_whatsapp(payload):
        seen["is_over_whatsapp"] = [FIXED, True]
    meta = _dict(payload.get("meta"))
    kind = _assignee_kind(payload, meta)
    if "assignee" in meta or kind:
        seen["assignee_kind"] = [of("assignee"), kind]
    for field in ("assignee", "team"):
        if field in meta:
            whom = _dict(meta[field])
            seen[field] = [of(field), whom.get("name") or ""]
            seen[f"{field}_key"] = [of(field), _whose(meta, field)]
            if who := seen[f"{field}_key"][1]:
                seen[who] = [version, whom.get("name") or ""]  # changes name them by number
    contact = _dict(meta.get("sender"))
    if isinstance(contact.get("blocked"), bool):
        seen["blocked"] = [version, contact["blocked"]]
    if identifier(contact.get("id")) is not None:
        seen["contact"] = [
            max(version, number(payload.get("contact_as_of"))),
            {key: contact.get(key) or "" for key in ("id", "name", "email", "phone_number")},
        ]
        # Chatwoot does not tell of a merge: that a conversation had another contact before is the sign.
        seen[f"contact:{contact['id']}"] = [FIXED, contact["id"]]
    activity = number(payload.get("last_activity_at")) or number(payload.get("timestamp"))
    if activity:
        seen["last_activity_at"] = [activity, activity]  # only ever grows, whatever the version says
    created = number(payload.get("created_at"))
    if created:
        seen["created_at"] = [FIXED, created]
    deleted = number(payload.get("deleted_at"))  # ours alone (reconcile.keep_gone): Chatwoot does not tell
    if deleted:
        seen["deleted_at"] = [FIXED, deleted]
    return seen | _first_seen(seen, number(payload.get("updated_at")))


def _is_over_whatsapp(payload: dict[str, Any]) -> bool:
    """Twilio's inboxes are for SMS or for WhatsApp: what the customer is known by there says which."""
    ways = (
        payload.get("contact_inbox"),
        *(payload.get("messages") or [] if isinstance(payload.get("messages"), list) else []),
    )
    known = [_dict(one).get("source_id") for one in ways]
    known += [
        _dict(_dict(_dict(one).get("conversation")).get("contact_inbox")).get("source_id") for one in ways
    ]
    mediums = (
        payload.get("medium"),
        _dict(payload.get("inbox")).get("medium"),
        _dict(payload.get("meta")).get("medium"),
    )
    return "whatsapp" in mediums or any(str(one or "").startswith("whatsapp:") for one in known)


def _version_before_4_1(payload: dict[str, Any], changed: dict[str, Any], at: float) -> float:
    """Chatwoot 4.0 and 3.x send no updated_at: the last activity, or the change that the event tells of, is as old."""
    told = (payload.get("last_activity_at"), payload.get("timestamp"), _current(changed, "updated_at"))
    return max([*map(number, told), at])


def _tie(field: str, changed: dict[str, Any], payload: dict[str, Any]) -> float:
    """Seconds by which a field that the event says has changed is newer than the last activity, in whole seconds.

    Of a conversation closed and opened within one second the opened one counts: nobody is lost by it.
    """
    name = {"assignee": "assignee_id", "team": "team_id", "labels": "label_list"}.get(field, field)
    if name not in changed:
        return 0.0
    if field == "status" and _current(changed, name) != payload.get(field):
        return 0.0
    return 0.5 if payload.get(field) == "open" else 0.25


def _assignee_kind(payload: dict[str, Any], meta: dict[str, Any]) -> str:
    whom = _dict(meta.get("assignee"))
    told = (
        meta.get("assignee_type"), meta.get("ai_assignee_type"), payload.get("assignee_type"), payload.get("ai_assignee_type"),
        whom.get("type"), "agent_bot" if meta.get("ai_assignee") else "",
    )  # fmt: skip
    if any(str(one or "").lower().startswith(MACHINE_SENDERS) for one in told):
        return BOT
    return USER if whom else ""


def changed_attributes(payload: dict[str, Any]) -> dict[str, Any]:
    """By name; Chatwoot lists them one by one, older ones as one object."""
    listed = payload.get("changed_attributes")
    return {
        field: change
        for one in (listed if isinstance(listed, list) else [listed])
        for field, change in _dict(one).items()
        if isinstance(change, dict)
    }


def _current(changed: dict[str, Any], field: str) -> Any:
    return _dict(changed.get(field)).get("current_value")


def version_of(payload: dict[str, Any]) -> float:
    return number(payload.get("updated_at")) or number(payload.get("last_activity_at")) or FIXED


def _first_seen(seen: Registers, version: float) -> Registers:
    """Since when each value is known: newer payloads say it again, and must not move a change that was not heard of.

    Ordered by the earliest. Not of payloads without a version of their own: what was last said is no time of a change.
    """
    found: Registers = {}
    fields = [*SINCE, *(one for one in seen if one.startswith(f"{identities.TEAM}/"))]
    for field in fields if version else ():
        if field in seen:
            value = seen[field][1]
            digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
            found[f"{FIRST_SEEN}{field}:{digest}"] = [-version, value]
    return found


def first_seen(registers: Registers, field: str) -> list[tuple[datetime, Any]]:
    """(when, value) of each that it had, by when it was first seen."""
    found = [register for name, register in registers.items() if name.startswith(f"{FIRST_SEEN}{field}:")]
    return [(moment(-version), value) for version, value in sorted(found, key=lambda one: -one[0])]


def named(payload: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The users, bots and teams that a conversation object or a message names: (identity, what it says of them)."""
    meta = _dict(payload.get("meta"))
    found = [(_whose(meta, field), _dict(meta.get(field))) for field in ("assignee", "team")]
    if "message_type" in payload:
        who = _dict(payload.get("sender"))
        found.append((identities.identity(who.get("type") or "contact", who.get("id")), who))
    return [(who, card) for who, card in found if who]


def _whose(meta: dict[str, Any], field: str) -> str:
    whom = _dict(meta.get(field))
    if field == "team":
        return identities.team(whom.get("id"))
    return identities.identity(meta.get("assignee_type") or whom.get("type"), whom.get("id"))


def told_of_status(payload: dict[str, Any]) -> Registers:
    """The status change that an event tells of (status_history.py); none where it tells of none."""
    changed, at, by_itself = _changes(payload)
    before, after = (changed.get("status", {}).get(key) for key in ("previous_value", "current_value"))
    if not (at and before and after):
        return {}
    as_of = number(payload.get("updated_at"))
    status = str(payload.get("status") or "") if as_of else ""
    return dict([status_history.register(at, str(before), str(after), by_itself=by_itself, status=status)])


def changes(payload: dict[str, Any]) -> list[tuple[datetime, str, Any, Any]]:
    """Of who and what it was for, as (when, attribute, previous, current); at most one an attribute and time."""
    changed, at, _ = _changes(payload)
    when = status_history.moment(status_history.milliseconds(at))
    types = changed.get("assignee_type", {})
    sides = ("previous_value", "current_value")
    return [
        (when, field, *(_value(field, changed[field].get(side), types.get(side)) for side in sides))
        for field in HISTORY
        if at and field in changed
    ]


def _value(field: str, value: Any, said: Any) -> Any:
    """Numbers of users stand as they are; of others with their type, since the numbers overlap (identities.py)."""
    if field == "assignee_agent_bot_id":
        return identities.identity(identities.BOT, value) or None
    if field == "assignee_id" and identities.kind(said) != identities.USER:
        return identities.identity(said, value) or None
    return value


def _changes(payload: dict[str, Any]) -> tuple[dict[str, Any], float, bool]:
    """What changed, when in unix seconds (0.0: it says no time), and whether the change itself says when."""
    changed = changed_attributes(payload)
    # The payload is built when its job runs, and may be newer than the change that it tells of.
    itself = number(changed.get("updated_at", {}).get("current_value"))
    versions = ("updated_at", "last_activity_at", "timestamp")
    built = next((at for at in map(number, map(payload.get, versions)) if at), 0.0)
    return changed, itself or built, bool(itself)


def message(payload: dict[str, Any]) -> Registers:
    """A message_created or message_updated event → registers.

    Raises ValueError where id, type or time are missing. `unversioned` marks an update that cannot be ordered: a hint
    to read the message.
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
    nested = _nested(payload)
    version = number(nested.get("updated_at")) or FIXED
    seen: Registers = {field: [FIXED, value] for field, value in fixed.items()}
    if isinstance(nested.get("content"), str):
        # As it was written: versions 4.9 to 4.12 render what stands at the top for the channel.
        payload = payload | {"content": nested["content"]}
    seen["attachments"] = [version, []]  # Chatwoot leaves the key out where there are none, or none any more
    seen |= {
        field: [version, payload[field]]
        for field, kinds in MESSAGE_FIELDS.items()
        if isinstance(payload.get(field), kinds)
    }
    seen["status"] = [version, nested.get("status") or payload.get("status") or ""]
    # What marks its author stays known: deleting a message in Chatwoot wipes its attributes.
    for mark, has in (("by_machine", is_by_machine), ("by_app", is_by_app)):
        if has(payload) or has(nested):
            seen[mark] = [FIXED, True]
    if not isinstance(payload.get("created_at"), int):
        seen["milliseconds"] = [FIXED, round(at * 1000) % 1000]
    if _dict(payload.get("content_attributes")).get("deleted"):
        # Sticks: True ranks above an absent register, and nothing writes False.
        seen["deleted"] = [FIXED, True]
        if version:
            seen["deleted_at"] = [-version, version]  # the earliest that says so
    if (answer := csat.answer_of(payload.get("content_attributes"))) and version:
        seen[f"{FIRST_SEEN}rating:{answer[0]}"] = [-version, answer[0]]
    if "deleted" not in seen and is_customer_message(values(seen)):
        seen["was_customer"] = [FIXED, True]  # a deletion wipes what shows it
    return seen


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


def is_unversioned_update(payload: dict[str, Any]) -> bool:
    return payload.get("event") == "message_updated" and not number(_nested(payload).get("updated_at"))


def read_message(payload: dict[str, Any], *, read_at: datetime) -> Registers:
    """A message as the API lists it. It carries no version, so what was read counts as of when it was read."""
    seen = message(payload | {"event": "message_updated"})
    if "deleted" in seen:
        seen["deleted_at"] = [-read_at.timestamp(), read_at.timestamp()]
    if answer := csat.answer_of(payload.get("content_attributes")):
        seen[f"{FIRST_SEEN}rating:{answer[0]}"] = [-read_at.timestamp(), answer[0]]
    return {field: [read_at.timestamp() if version == FIXED and field in (*MESSAGE_FIELDS, "status") else version, value]
            for field, (version, value) in seen.items()}  # fmt: skip


def _nested(payload: dict[str, Any]) -> dict[str, Any]:
    conversation_object = payload.get("conversation")
    listed = conversation_object.get("messages") if isinstance(conversation_object, dict) else None
    for candidate in listed if isinstance(listed, list) else []:
        if isinstance(candidate, dict) and candidate.get("id") == payload.get("id"):
            return candidate
    return {}


def kind(message_type: Any) -> str:
    """Webhooks say it in words, the API in numbers."""
    found = TYPES.get(message_type, message_type) if not isinstance(message_type, dict | list) else None
    if found not in TYPES.values():
        raise ValueError(f"message_type {type(message_type).__name__} is not known")
    return str(found)


def sender(payload: dict[str, Any]) -> dict[str, Any]:
    who = payload.get("sender")
    if not isinstance(who, dict) or not who:
        return {"id": None, "type": str(payload.get("sender_type") or "").lower(), "name": ""}
    said = str(who.get("type") or payload.get("sender_type") or "").lower()
    return {"id": who.get("id"), "type": said or "contact", "name": str(who.get("name") or "")}


def is_person_answer(facts: dict[str, Any]) -> bool:
    """Public, outgoing and by a person (design, section 5): the one predicate of queue, clocks, staleness and sending.

    A person is a user, or nobody known with the marks of a channel's own app, Slack or a bridge. An answer that was
    deleted later stays one: the customer had it, and what was decided by it stays decided.
    facts: kind, private, sender {"type"}, content_type, content_attributes, additional_attributes, status; and marks,
    which a deletion does not take away ("by_machine", "by_app").
    """
    attributes = _dict(facts.get("content_attributes"))
    return (
        facts.get("kind") == "outgoing"
        and not facts.get("private")
        and _is_by_person(facts)
        and facts.get("content_type") != "input_csat"
        and not is_untaken_call(facts)
        and not attributes.get("is_reaction")
        and not attributes.get("external_error")
        and facts.get("status") != "failed"
    )


def _is_by_person(facts: dict[str, Any]) -> bool:
    if facts.get("by_machine") or is_by_machine(facts):
        return False
    who = str(_dict(facts.get("sender")).get("type") or "").lower()
    if who == "user":
        return True
    return not who.startswith(MACHINE_SENDERS) and bool(facts.get("by_app") or is_by_app(facts))


def is_by_machine(facts: dict[str, Any]) -> bool:
    """An automation rule or a campaign wrote it, no matter who it names as its sender."""
    content, additional = _dict(facts.get("content_attributes")), _dict(facts.get("additional_attributes"))
    return any(
        named.get(mark) for named in (content, additional) for mark in ("automation_rule_id", "campaign_id")
    )


def is_by_app(facts: dict[str, Any]) -> bool:
    """Written outside Chatwoot by a colleague: in the channel's own app, in Slack, or on a phone behind a bridge."""
    attributes = _dict(facts.get("content_attributes"))
    sources = _dict(facts.get("external_source_ids"))
    return bool(
        attributes.get("external_echo") or attributes.get("external_sender_name") or sources.get("slack")
        or facts.get("external_source_id_slack")
    )  # fmt: skip


def is_untaken_call(facts: dict[str, Any]) -> bool:
    if facts.get("content_type") != "voice_call":
        return False
    status = _dict(_dict(facts.get("content_attributes")).get("data")).get("status")
    return str(status or "").lower().replace("_", "-") not in TAKEN_CALLS


def is_customer_message(facts: dict[str, Any]) -> bool:
    """Public and incoming; not a reaction, a lone sticker, a CSAT answer, a call that was taken, or automatic mail."""
    attributes = _dict(facts.get("content_attributes"))
    return (
        facts.get("kind") == "incoming"
        and not facts.get("private")
        and facts.get("content_type") != "input_csat"
        and not attributes.get("is_reaction")
        and not is_automatic_mail(facts)
        and not is_sticker(facts)
        and not (facts.get("content_type") == "voice_call" and not is_untaken_call(facts))
        and not facts.get("deleted")
    )


def is_automatic_mail(facts: dict[str, Any]) -> bool:
    """By Chatwoot's own flag and the standard headers (RFC 3834, 3464, 5321), never by a subject or an address."""
    attributes = _dict(facts.get("content_attributes"))
    mail = _dict(attributes.get("email"))
    if attributes.get("auto_reply") is True or mail.get("auto_reply") is True:
        return True
    headers = mail_headers(mail)
    submitted = headers.get("auto-submitted", "no").split(";")[0].strip()
    return (
        submitted not in ("", "no")
        or any(headers.get(name, "no") not in ("", "no", "false", "0") for name in AUTOMATIC_HEADERS)
        or headers.get("precedence") in ("auto_reply", "auto-reply")
        # A mailing list that people write to says so, too: its mail is doubtful, not a machine's.
        or (headers.get("precedence") in ("bulk", "junk") and "list-post" not in headers)
        or headers.get("return-path") == "<>"
        or str(mail.get("content_type") or "").lower().startswith("multipart/report")
    )


def looks_automatic(facts: dict[str, Any]) -> bool:
    """A customer's mail that may be a machine's all the same. It waits like any other, marked."""
    mail = _dict(_dict(facts.get("content_attributes")).get("email"))
    if not mail or not is_customer_message(facts):
        return False
    headers = mail_headers(mail)
    if any(name.startswith("list-") for name in headers) or headers.get("precedence") == "list":
        return True
    if str(mail.get("subject") or "").strip().lower().startswith(AWAY_SUBJECTS):
        return True
    origin = addresses(mail.get("from"))
    answers = [address for address in addresses(mail.get("reply_to")) if address not in origin]
    return not answers and any(address.partition("@")[0] in NO_REPLY_MARKS for address in origin)


def mail_headers(mail: dict[str, Any]) -> dict[str, str]:
    """In lower case. Chatwoot has them as an object; some forks as a list of name and value."""
    listed = mail.get("headers")
    if isinstance(listed, list):
        pairs = [(one.get("name"), one.get("value")) for one in listed if isinstance(one, dict)]
    else:
        pairs = list(_dict(listed).items())
    return {
        str(name).lower().replace("_", "-"): str(value).strip().lower()
        for name, value in pairs
        if value is not None
    }


def addresses(value: Any) -> list[str]:
    """Of an email's field, in lower case."""
    listed = value if isinstance(value, list) else [value]
    found = (parseaddr(one)[1] or one for one in listed if isinstance(one, str))
    return [address.strip().lower() for address in found if "@" in address]


def is_sticker(facts: dict[str, Any]) -> bool:
    """Nothing but stickers. A picture may show what is broken: it is a message."""
    attached = facts.get("attachments") or []
    return (
        not str(facts.get("content") or "").strip()
        and bool(attached)
        and all(_dict(one).get("file_type") == "sticker" for one in attached)
    )


def number(value: Any) -> float:
    """Unix seconds as a float; 0.0 where there is no time. Chatwoot sends integers, floats and ISO texts."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    try:
        found = float(value)
    except OverflowError:
        return 0.0
    except ValueError:
        try:
            found = moment(value).timestamp()
        except ValueError:
            return 0.0
    return found if 0.0 < found < LAST_MOMENT else 0.0


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def moment(value: Any) -> datetime:
    """An aware datetime from ISO text or unix seconds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError) as error:
            raise ValueError("not a time") from error
    if not isinstance(value, str):
        raise ValueError("not a time")
    parsed = datetime.fromisoformat(value.replace(" UTC", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
