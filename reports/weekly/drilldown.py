"""The conversations behind each figure that does not count clocks. A number and its list come from the same query.

A figure is addressed by its name, with a slash and a subgroup if it has one: raised, raised/refund, missed/unassigned.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ..periods import Period
from . import csat, drafts, escalations, volume

Pairs = list[tuple[int, datetime | None]]  # a conversation and when


class Figure(NamedTuple):
    """read: (week, subgroup or "", now) → pairs."""

    label: str
    read: Callable[[Period, str, datetime], Pairs]


def _rows(found: QuerySet[Any], at: str, conversation: str = "conversation") -> Pairs:
    return list(found.order_by(at, "pk").values_list(conversation, at))


def _changes(found: Callable[[Period], QuerySet[Any]]) -> Callable[[Period, str, datetime], Pairs]:
    return lambda week, which, now: _rows(found(week), "at")


def _backlog(end: bool) -> Callable[[Period, str, datetime], Pairs]:
    return lambda week, which, now: _rows(volume.backlog(week.end if end else week.start), "created_at", "pk")


def _escalations(what: str) -> Callable[[Period, str, datetime], Pairs]:
    at = "closed_at" if what == "closed" else "due_at" if what == "overdue" else "raised_at"

    def read(week: Period, which: str, now: datetime) -> Pairs:
        rows = escalations.rows(week, what, now=now)
        narrowed = {"level": int(which)} if which.isdecimal() else {"kind": which} if which else {}
        return _rows(rows.filter(**narrowed), at)

    return read


def _ratings(wanted: Callable[[csat.Rating], bool]) -> Callable[[Period, str, datetime], Pairs]:
    return lambda week, which, now: [
        (one.conversation, one.at) for one in csat.ratings(week) if wanted(one) and which in ("", one.kind)
    ]


def _signals(count: str) -> Callable[[Period, str, datetime], Pairs]:
    return lambda week, which, now: _rows(drafts.signals(week, count), "at")


FIGURES = {
    "opened": Figure(
        "opened conversations", lambda week, which, now: _rows(volume.opened(week), "created_at", "pk")
    ),
    "resolved": Figure("resolved conversations", _changes(volume.resolved)),
    "reopened": Figure("reopened conversations", _changes(volume.reopened)),
    "deleted": Figure(
        "conversations deleted in Chatwoot",
        lambda week, which, now: _rows(volume.deleted(week), "deleted_at", "pk"),
    ),
    "backlog_start": Figure("backlog at the start of the week", _backlog(end=False)),
    "backlog_end": Figure("backlog at the end of the week", _backlog(end=True)),
    "reason": Figure(
        "new conversations with the label", lambda week, which, now: volume.with_label(week, which)
    ),
    "raised": Figure("escalations raised", _escalations("raised")),
    "closed": Figure("escalations closed", _escalations("closed")),
    "open": Figure("escalations open at the end of the week", _escalations("open")),
    "overdue": Figure("escalations overdue at the end of the week", _escalations("overdue")),
    "asked": Figure("surveys sent", lambda week, which, now: _rows(csat.asked(week), "created_at")),
    "rated": Figure("ratings", _ratings(lambda one: True)),
    "satisfied": Figure("ratings of 4 or 5 stars", _ratings(lambda one: one.stars >= csat.SATISFIED)),
    "low": Figure("ratings of 1 or 2 stars", _ratings(lambda one: one.stars <= csat.LOW)),
    "turns": Figure(
        "customer turns", lambda week, which, now: _rows(drafts.customer_turns(week, now=now), "created_at")
    ),
    "drafted": Figure(
        "customer turns with a draft",
        lambda week, which, now: _rows(
            drafts.customer_turns(week, now=now).filter(drafted=True), "created_at"
        ),
    ),
    "decided": Figure("drafts decided", _signals("decided")),
    "accepted": Figure("drafts approved unedited", _signals("accepted")),
    "approved": Figure("drafts approved", _signals("approved")),
    "graded": Figure("drafts graded", _signals("graded")),
    "without_signal": Figure(
        "decisions without a learning signal",
        lambda week, which, now: _rows(drafts.without_signal(week), "decided_at"),
    ),
}


def pairs(
    week: Period, of: str, missed: Callable[[], dict[str, list[int]]], *, now: datetime
) -> tuple[str, Pairs] | None:
    """The label of the figure and its rows, or None if there is no such figure. missed: as in the report."""
    name, _, which = of.partition("/")
    if name == "missed":
        return f"missed targets: {which}", [(number, None) for number in missed().get(which, [])]
    figure = FIGURES.get(name)
    if figure is None:
        return None
    return f"{figure.label}{f': {which}' if which else ''}", figure.read(week, which, now)
