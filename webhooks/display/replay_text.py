"""Replays in a person's words. Pure: no database, no clock, no HTML."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..deliveries.replay_runs import MOST, Plan, Progress

UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
# Why a delivery is left out → how that is said of one and of many.
LEFT_OUT = {
    "DONE": ("already done", "already done"),
    "PENDING": ("still being tried", "still being tried"),
    "CANCELLED": ("cancelled", "cancelled"),
    "reply": ("reply to a customer", "replies to customers"),
    "redacted": ("whose body was removed", "whose bodies were removed"),
    "elsewhere": ("of another source", "of other sources"),
}
STATES = {
    "DONE": "done",
    "DEAD": "given up",
    "HELD": "held",
    "CANCELLED": "cancelled",
    "PENDING": "still being tried",
}
WAITS_FOR_WORKERS = "it goes on when the workers have tried what was re-opened so far. Do they run?"
DIRECTIONS = {"IN": "coming in", "OUT": "going out"}


def sentence(plan: Plan) -> str:
    """1,204 deliveries, about 3 minutes, 12 already done are left out."""
    said = [deliveries(plan.count), *([about(plan.seconds)] if plan.count else [])]
    if plan.left_out:
        said.append(left_out(plan.left_out))
    return f"{', '.join(said)}."


def left_out(counts: Mapping[str, int]) -> str:
    """12 already done and 1 still being tried are left out"""
    said = [f"{count:,} {LEFT_OUT[why][count > 1]}" for why, count in counts.items()]
    verb = "is" if sum(counts.values()) == 1 else "are"
    return f"{_listed(said)} {verb} left out"


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
        return "What is done runs again only when you ask for it."
    if plan.left_out.get("CANCELLED"):
        return "What was cancelled runs again only when you choose that status."
    if plan.left_out.get("PENDING"):
        return "These are being tried anyway: each one's page says when next."
    if plan.left_out.get("reply"):
        return "A reply is never replayed: open its draft and choose there."
    if plan.left_out.get("redacted"):
        return "Without its body nothing can run again: each one's page says when and why it was removed."
    return "Nothing fits this filter." if not plan.left_out else ""


def handled(done: Progress) -> str:
    """340 of 1,204 re-opened, 2 refused"""
    said = f"{done.reopened:,} of {done.total:,} re-opened"
    return f"{said}, {done.refused:,} refused" if done.refused else said


def became(done: Progress) -> str:
    """1,100 done, 3 given up again, 97 still being tried"""
    states = STATES | {"DEAD": "given up again"}
    return ", ".join(
        f"{done.became[state]:,} {text}" for state, text in states.items() if state in done.became
    )


def filters(kept: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a run keeps of its filters, as (name, value); times as times."""
    return [(FILTERS[name][0], FILTERS[name][1](value)) for name, value in kept.items()]


def _listed(said: list[str]) -> str:
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


# Filter → its name, and how its value is said.
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
