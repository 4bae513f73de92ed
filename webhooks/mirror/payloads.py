"""What Chatwoot's payloads hold, read safely: times, objects, changed attributes, kinds and senders. Pure."""

import re
from datetime import UTC, datetime
from typing import Any

FIXED = 0.0  # the version of what never changes, and of a first sight that carries no version


LAST_MOMENT = 253_402_300_800.0  # the year 10000: what datetime cannot hold is no time
TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}


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


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def changed_attributes(payload: dict[str, Any]) -> dict[str, Any]:
    """By name; Chatwoot lists them one by one, older ones as one object."""
    listed = payload.get("changed_attributes")
    return {
        field: change
        for one in (listed if isinstance(listed, list) else [listed])
        for field, change in as_dict(one).items()
        if isinstance(change, dict)
    }


def current_value(changed: dict[str, Any], field: str) -> Any:
    return as_dict(changed.get(field)).get("current_value")


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


def version_of(payload: dict[str, Any]) -> float:
    return number(payload.get("updated_at")) or number(payload.get("last_activity_at")) or FIXED


def nested_message(payload: dict[str, Any]) -> dict[str, Any]:
    conversation_object = payload.get("conversation")
    listed = conversation_object.get("messages") if isinstance(conversation_object, dict) else None
    for candidate in listed if isinstance(listed, list) else []:
        if isinstance(candidate, dict) and candidate.get("id") == payload.get("id"):
            return candidate
    return {}


def needs_reading(payload: dict[str, Any]) -> bool:
    """Whether only the API can say what the message is: an update without a version, a text that may be rendered as HTML, or
    none.

    A payload that is built late nests a newer message, and then versions 4.9 to 4.12 tell no raw text.
    """
    return is_unversioned_update(payload) or (
        payload.get("event") == "message_created"
        and not isinstance(nested_message(payload).get("content"), str)
        and (_may_be_rendered(payload) or _may_be_cut(payload))
    )


def _may_be_rendered(payload: dict[str, Any]) -> bool:
    content = payload.get("content")
    return isinstance(content, str) and bool(re.match(r"\s*</?[a-z][^<>]{0,500}>", content, re.IGNORECASE))


def _may_be_cut(payload: dict[str, Any]) -> bool:
    """Rendered to nothing: neither words nor anything else in it."""
    nothing = not payload.get("content") and not payload.get("attachments")
    return nothing and payload.get("content_type") in ("text", "incoming_email")


def is_unversioned_update(payload: dict[str, Any]) -> bool:
    return payload.get("event") == "message_updated" and not number(nested_message(payload).get("updated_at"))
