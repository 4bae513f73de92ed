"""The changes that an event names: of the status, and of who and what a conversation was for. Pure."""

from datetime import datetime
from typing import Any

from . import identities, payloads, status_history

HISTORY = (
    "assignee_id",
    "team_id",
    "label_list",
    "priority",
    "inbox_id",
    "assignee_agent_bot_id",
)  # whose changes are kept


def told_of_status(payload: dict[str, Any]) -> dict[str, list]:
    """The status change that an event tells of (status_history.py); none where it tells of none."""
    changed, at, by_itself = _changes(payload)
    before, after = (changed.get("status", {}).get(key) for key in ("previous_value", "current_value"))
    if not (at and before and after):
        return {}
    as_of = payloads.number(payload.get("updated_at"))
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
    changed = payloads.changed_attributes(payload)
    # The payload is built when its job runs, and may be newer than the change that it tells of.
    itself = payloads.number(changed.get("updated_at", {}).get("current_value"))
    versions = ("updated_at", "last_activity_at", "timestamp")
    built = next((at for at in map(payloads.number, map(payload.get, versions)) if at), 0.0)
    return changed, itself or built, bool(itself)
