"""A raw webhook body → the few columns stored beside it. Parses once and survives any input."""

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

BIGGEST = 2**63 - 1
NESTED = ("message_", "conversation_typing_")  # events that name their conversation in a part of its own
MOST_DIGITS = 19
# Chatwoot's own fields, which proxies, forks and double encoding send as text. What customers' attributes hold stays as it is.
NUMBERS = {"id", "inbox_id", "account_id", "conversation_id", "sender_id", "message_type"}
OBJECTS = {"content_attributes", "additional_attributes", "custom_attributes"}
FLAGS = {"private", "can_reply", "deleted", "external_echo", "is_reaction", "is_unsupported", "auto_reply"}
OWN_PARTS = {
    "conversation", "messages", "inbox", "account", "sender", "meta", "assignee", "team", "content_attributes", "email",
}  # fmt: skip


class NotAnEvent(ValueError):
    """The body is not a JSON object: stored as it is, never processed."""


@dataclass(frozen=True)
class Columns:
    event: str
    conversation_id: int | None
    message_id: int | None
    semantic_key: str


def parse(body: bytes) -> dict[str, Any]:
    """The event, without values that no column can store (NUL, lone surrogates, NaN, infinity). Raises NotAnEvent."""
    try:
        return typed({clean(key): clean(part) for key, part in load(body).items()})
    except RecursionError as error:
        raise NotAnEvent("The body is nested too deeply.") from error


def load(body: bytes) -> dict[str, Any]:
    """The event without cleaning, which can take a second for a long one: too slow for the receiver. Raises NotAnEvent."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAnEvent(f"The body is not JSON: {type(error).__name__}.") from error
    if not isinstance(payload, dict):
        raise NotAnEvent("The body is JSON, but not an object.")
    return payload


def clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {clean(key): clean(part) for key, part in value.items()}
    if isinstance(value, list):
        return [clean(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def typed(part: dict[str, Any]) -> dict[str, Any]:
    """Numbers, flags and objects of Chatwoot's own that came as text, as what they are."""
    return {key: _typed(key, value) for key, value in part.items()}


def _typed(key: str, value: Any) -> Any:
    if key in NUMBERS:
        return value if (number := identifier(value)) is None else number
    if key in FLAGS and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    if key in OBJECTS and isinstance(value, str):
        value = _object(value)
    if key in OWN_PARTS and isinstance(value, dict):
        return typed(value)
    if key in OWN_PARTS and isinstance(value, list):
        return [typed(one) if isinstance(one, dict) else one for one in value]
    return value


def _object(text: str) -> Any:
    """What was encoded twice. Anything else as it is."""
    try:
        found = clean(json.loads(text))
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, dict) else text


def read_columns(body: bytes) -> Columns:
    """Raises NotAnEvent."""
    try:
        return columns(load(body))
    except RecursionError as error:
        raise NotAnEvent("The body is nested too deeply.") from error


def columns(payload: dict[str, Any]) -> Columns:
    event = payload.get("event")
    event = clean(event[:200])[:100] if isinstance(event, str) else ""
    about = payload.get("conversation") if event.startswith(NESTED) else payload
    conversation = (
        identifier(about.get("id"))
        if isinstance(about, dict) and event.startswith(("message_", "conv"))
        else None
    )
    message = identifier(payload.get("id")) if event.startswith("message_") else None
    return Columns(event, conversation, message, semantic_key(event, conversation, message, payload))


def semantic_key(event: str, conversation: int | None, message: int | None, payload: dict[str, Any]) -> str:
    """Equal for two deliveries about the same change (design, section 3); empty where that cannot be known."""
    if event == "message_created" and message is not None:
        return f"message_created:{message}"
    if event == "conversation_created" and conversation is not None:
        return f"conversation_created:{conversation}"
    changed, version = payload.get("changed_attributes"), payload.get("updated_at")
    has_changes = event in ("conversation_updated", "conversation_status_changed")
    if has_changes and conversation is not None and changed and version:
        text = json.dumps([version, changed], sort_keys=True)
        return f"conversation_changed:{conversation}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    return ""


def identifier(value: Any) -> int | None:
    """A number of Chatwoot's, which may be written as text. None where it is none that a column can hold."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGGEST else None
