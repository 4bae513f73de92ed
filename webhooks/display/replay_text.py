"""Replays as readable text. Pure: no database, no clock, no HTML."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..deliveries.replay_runs import MOST, Plan, Progress

UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
# Why a delivery is left out → singular and plural.
LEFT_OUT = {
    "DONE": ("already done", "already done"),
    "PENDING": ("still being retried", "still being retried"),
    "CANCELLED": ("cancelled", "cancelled"),
    "reply": ("reply to a customer", "replies to customers"),
    "notice": ("message to a person of this site", "messages to people of this site"),
    "redacted": ("without a body", "without a body"),
    "elsewhere": ("from another source", "from other sources"),
}
STATES = {
    "DONE": "done",
    "DEAD": "failed",
    "HELD": "held",
    "CANCELLED": "cancelled",
    "PENDING": "still being retried",
}
WAITS_FOR_WORKERS = (
    "it continues once the workers have tried the deliveries reopened so far. Are they running?"
)
DIRECTIONS = {"IN": "incoming", "OUT": "outgoing"}


def sentence(plan: Plan) -> str:
    """1,204 deliveries, about 3 minutes, 12 already done are left out."""
    parts = [deliveries(plan.count), *([about(plan.seconds)] if plan.count else [])]
    if plan.left_out:
        parts.append(left_out(plan.left_out))
    return f"{', '.join(parts)}."


def left_out(counts: Mapping[str, int]) -> str:
    """12 already done and 1 still being retried are left out"""
    parts = [f"{count:,} {LEFT_OUT[why][count > 1]}" for why, count in counts.items()]
    verb = "is" if sum(counts.values()) == 1 else "are"
    return f"{_listed(parts)} {verb} left out"


def deliveries(count: int) -> str:
    return f"{count:,} {'delivery' if count == 1 else 'deliveries'}" if count else "No delivery"


def about(seconds: float) -> str:
    if seconds < 5:
        return "a few seconds"
    name, size = next((name, size) for name, size in UNITS if seconds >= size * 1.5 or size == 1)
    count = round(seconds / size)
    return f"about {count} {name}{'' if count == 1 else 's'}"


def remedy(plan: Plan, *, also_done: bool) -> str:
    """What to do where the plan cannot be started, or nothing."""
    if plan.too_many:
        return f"One run takes at most {MOST:,}: narrow the filter."
    if plan.count:
        return ""
    if plan.left_out.get("DONE") and not also_done:
        return "Deliveries that are done run again only when you ask for it."
    if plan.left_out.get("CANCELLED"):
        return "Cancelled deliveries only run again if you choose that status."
    if plan.left_out.get("PENDING"):
        return "These are still being retried: each delivery's page shows the next attempt."
    if plan.left_out.get("reply"):
        return "A reply is never replayed: open its draft and choose there."
    if plan.left_out.get("redacted"):
        return (
            "A delivery without its body cannot run again: its page says when and why the body was removed."
        )
    return "No deliveries match this filter." if not plan.left_out else ""


def handled(done: Progress) -> str:
    """340 of 1,204 reopened, 2 refused"""
    text = f"{done.reopened:,} of {done.total:,} reopened"
    return f"{text}, {done.refused:,} refused" if done.refused else text


def became(done: Progress) -> str:
    """1,100 done, 3 failed again, 97 still being retried"""
    states = STATES | {"DEAD": "failed again"}
    return ", ".join(
        f"{done.became[state]:,} {text}" for state, text in states.items() if state in done.became
    )


def filters(stored: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """A run's stored filters as (label, value); times as datetimes."""
    return [(FILTERS[name][0], FILTERS[name][1](value)) for name, value in stored.items()]


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# Filter → its label, and how its value is shown.
FILTERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "status": ("Status", lambda value: STATES[value].capitalize()),
    "direction": ("Direction", lambda value: DIRECTIONS[value].capitalize()),
    "event": ("Event", str),
    "conversation_id": ("Conversation", "#{}".format),
    "fingerprint": ("Failure group", str),
    "ids": ("Selected", lambda value: deliveries(len(value))),
    "since": ("Received from", datetime.fromisoformat),
    "until": ("Received until", datetime.fromisoformat),
}
