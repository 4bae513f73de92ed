"""Replays as readable text. Pure: no database, no clock, no HTML."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from ..deliveries.replay_plans import MOST, Plan
from ..deliveries.replay_runs import Progress
from .formats import number

UNITS = (
    (ngettext_lazy("about %(count)s day", "about %(count)s days", "count"), 86_400),
    (ngettext_lazy("about %(count)s hour", "about %(count)s hours", "count"), 3600),
    (ngettext_lazy("about %(count)s minute", "about %(count)s minutes", "count"), 60),
    (ngettext_lazy("about %(count)s second", "about %(count)s seconds", "count"), 1),
)
# Why deliveries are left out.
LEFT_OUT = {
    "DONE": ngettext_lazy("%(number)s already done", "%(number)s already done", "count"),
    "PENDING": ngettext_lazy("%(number)s still being retried", "%(number)s still being retried", "count"),
    "CANCELLED": ngettext_lazy("%(number)s cancelled", "%(number)s cancelled", "count"),
    "reply": ngettext_lazy("%(number)s reply to a customer", "%(number)s replies to customers", "count"),
    "notice": ngettext_lazy(
        "%(number)s message to a person of this site", "%(number)s messages to people of this site", "count"
    ),
    "redacted": ngettext_lazy("%(number)s without a body", "%(number)s without a body", "count"),
    "elsewhere": ngettext_lazy("%(number)s from another source", "%(number)s from other sources", "count"),
}
# What became of deliveries that were reopened.
BECAME = {
    "DONE": ngettext_lazy("%(number)s done", "%(number)s done", "count"),
    "DEAD": ngettext_lazy("%(number)s failed again", "%(number)s failed again", "count"),
    "HELD": ngettext_lazy("%(number)s held", "%(number)s held", "count"),
    "CANCELLED": LEFT_OUT["CANCELLED"],
    "PENDING": LEFT_OUT["PENDING"],
}
STATES = {
    "DONE": gettext_lazy("Done"),
    "DEAD": gettext_lazy("Failed"),
    "HELD": gettext_lazy("Held"),
    "CANCELLED": gettext_lazy("Cancelled"),
    "PENDING": gettext_lazy("Still being retried"),
}
WAITS_FOR_WORKERS = gettext_lazy(
    "it continues once the workers have tried the deliveries reopened so far. Are they running?"
)
DIRECTIONS = {"IN": gettext_lazy("Incoming"), "OUT": gettext_lazy("Outgoing")}


def sentence(plan: Plan) -> str:
    """1,204 deliveries, about 3 minutes. Left out: 12 already done."""
    parts = [deliveries(plan.count), *([about(plan.seconds)] if plan.count else [])]
    return " ".join([f"{', '.join(parts)}.", *([left_out(plan)] if plan.left_out else [])])


def left_out(plan: Plan) -> str:
    """Left out: 12 already done and 1 still being retried."""
    said = {why: number(count) for why, count in plan.left_out.items()}
    if plan.more_done:
        said["DONE"] += "+"
    parts = [LEFT_OUT[why] % {"count": count, "number": said[why]} for why, count in plan.left_out.items()]
    return _("Left out: %(what)s.") % {"what": _listed(parts)}


def deliveries(count: int) -> str:
    text = ngettext("%(number)s delivery", "%(number)s deliveries", count) if count else _("No deliveries")
    return text % {"number": number(count)}


def about(seconds: float) -> str:
    if seconds < 5:
        return _("a few seconds")
    text, size = next((text, size) for text, size in UNITS if seconds >= size * 1.5 or size == 1)
    return text % {"count": round(seconds / size)}


def remedy(plan: Plan, *, also_done: bool) -> str:
    """What to do where the plan cannot be started, or nothing."""
    if plan.too_many:
        return _("One run takes at most %(count)s: narrow the filter.") % {"count": number(MOST)}
    if plan.count:
        return ""
    if plan.left_out.get("DONE") and not also_done:
        return _("Deliveries that are done run again only when you ask for it.")
    if plan.left_out.get("CANCELLED"):
        return _("Cancelled deliveries only run again if you choose that status.")
    if plan.left_out.get("PENDING"):
        return _("These are still being retried: each delivery's page shows the next attempt.")
    if plan.left_out.get("reply"):
        return _("A reply is never replayed: open its draft and choose there.")
    if plan.left_out.get("redacted"):
        return _(
            "A delivery without its body cannot run again: its page says when and why the body was removed."
        )
    return _("No deliveries match this filter.") if not plan.left_out else ""


def handled(done: Progress) -> str:
    """340 of 1,204 reopened, 2 refused"""
    facts = {
        "reopened": number(done.reopened),
        "total": number(done.total),
        "refused": number(done.refused),
    }
    if done.refused:
        return _("%(reopened)s of %(total)s reopened, %(refused)s refused") % facts
    return _("%(reopened)s of %(total)s reopened") % facts


def became(done: Progress) -> str:
    """1,100 done, 3 failed again, 97 still being retried"""
    counts = {state: done.became[state] for state in BECAME if state in done.became}
    return ", ".join(
        BECAME[state] % {"count": count, "number": number(count)} for state, count in counts.items()
    )


def filters(stored: Mapping[str, Any]) -> list[tuple[str | Promise, Any]]:
    """A run's stored filters as (label, value); times as datetimes."""
    return [(FILTERS[name][0], FILTERS[name][1](value)) for name, value in stored.items()]


def _listed(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return _("%(list)s and %(last)s") % {"list": ", ".join(parts[:-1]), "last": parts[-1]}


# Filter → its label, and how its value is shown.
FILTERS: dict[str, tuple[str | Promise, Callable[[Any], Any]]] = {
    "status": ("Status", lambda value: str(STATES[value])),
    "direction": ("Direction", lambda value: str(DIRECTIONS[value])),
    "event": ("Event", str),
    "conversation_id": ("Conversation", "#{}".format),
    "fingerprint": ("Failure group", str),
    "ids": ("Selected", lambda value: deliveries(len(value))),
    "since": ("Received from", datetime.fromisoformat),
    "until": ("Received until", datetime.fromisoformat),
}
