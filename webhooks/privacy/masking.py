"""What an Operator sees of a payload: its structure without customer text. Pure."""

from typing import Any

HIDDEN = "•••"
# Keys whose values come from Chatwoot's own vocabulary, never from a person.
PLAIN = frozenset({
    "event", "message_type", "content_type", "status", "channel", "channel_type", "type", "priority", "availability",
    "created_at", "updated_at", "last_activity_at", "contact_last_seen_at", "agent_last_seen_at", "snoozed_until",
    "file_type", "sender_type",
})  # fmt: skip
# What changed is as private as the attribute that changed.
OF_A_CHANGE = frozenset({"previous_value", "current_value"})
# Everything below these keys is chosen by people, including numbers.
PRIVATE = frozenset(
    {"custom_attributes", "additional_attributes", "content_attributes", "email", "phone_number", "meta_data"}
)


def masked(value: Any, *, key: str = "", private: bool = False) -> Any:
    private = private or key in PRIVATE
    if isinstance(value, dict):
        return {
            name: masked(part, key=key if name in OF_A_CHANGE else name, private=private)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [masked(part, key=key, private=private) for part in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, int | float):
        return HIDDEN if private else value
    return value if key in PLAIN and not private and len(value) <= 40 else HIDDEN
