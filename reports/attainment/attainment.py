"""SLA attainment in a period: counts, shares and times, in total and by group. Every figure is a set of clocks.

outcomes.py says what a clock counts as. Quantiles are taken over the clocks that stopped in the period, with linear
interpolation. How a page presents the figures is in cells.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Min, Q, QuerySet

from webhooks.accounts import access
from webhooks.models import Conversation, Delivery, Source
from webhooks.reconcile import runs

from .. import sla
from ..models import Clock
from ..periods import Period
from . import aggregates, daily_rollup, outcomes
from .daily_rollup import SavedDays
from .groupings import GROUPINGS, Row

DEFAULT_GROUPING = "inbox"  # where none is asked for


def seen_by(user: User, *, path: str = "inbox") -> Q:
    """Rows whose inbox (at `path`) this person sees. Without a join, which would count some rows twice."""
    if access.in_inboxes_of(user, path=path) == Q():
        return Q()
    return Q(**{f"{path}__in": access.inboxes_of(user)})


@dataclass
class Tally:
    """One metric of one group."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    business: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    oldest_late: datetime | None = None

    def add(self, row: Row) -> None:
        """Adds a row that the database has counted."""
        for outcome in outcomes.OUTCOMES:
            self.counts[outcome] += row.get(f"n_{outcome}", 0)
        self.business += row.get("business", ())
        self.wall += row.get("wall", ())
        if late := row.get("oldest_late"):
            self.oldest_late = min(self.oldest_late or late, late)

    def figures(self) -> dict[str, Any]:
        met, missed = self.counts["met"], self.counts["missed"]
        self.business.sort()  # once, for all three quantiles
        counted = (
            "running",
            "not_applicable",
            "closed_unanswered",
            "deleted",
            "missed_earlier",
            "open_late",
            "reopened_72h",
        )
        return {
            "met": met, "missed": missed, **{name: self.counts[name] for name in counted},
            "attainment": met / (met + missed) if met + missed else None,
            "median_s": _at(self.business, 0.5), "p90_s": _at(self.business, 0.9),
            "p95_s": _at(self.business, 0.95), "wall_median_s": quantile(self.wall, 0.5),
            "stopped": len(self.business), "oldest_open_late_due_at": self.oldest_late,
        }  # fmt: skip


def quantile(values: list[float], share: float) -> float | None:
    """Interpolates linearly, as PostgreSQL's percentile_cont does. None when there are no values."""
    return _at(sorted(values), share)


def _at(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


@dataclass
class Step:
    """A day or a week of the trend: its decisions, and the business seconds of the clocks that stopped in it."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    business: list[float] = field(default_factory=list)

    def add(self, met: int, missed: int, business: Iterable[float]) -> None:
        self.counts["met"] += met
        self.counts["missed"] += missed
        self.business += business


Trend = dict[str, dict[date, Step]]


@dataclass(frozen=True)
class Attainment:
    total: dict[str, Tally]
    groups: dict[tuple[Any, str], dict[str, Tally]]


def attainment(
    period: Period, *, by: str | None, now: datetime, within: Q, saved: SavedDays | None = None
) -> Attainment:
    """`by` is one of GROUPINGS. A conversation with two labels counts in both groups, and once in the total.

    saved: what daily_rollup.saved returned for this period and grouping, if the caller has it already.
    """
    grouping, total, groups = GROUPINGS[by or DEFAULT_GROUPING], _tallies(), {}
    names = grouping.names() if by else {}
    for row in _rows(period, by or DEFAULT_GROUPING, now=now, within=within, saved=saved):
        total[row["metric"]].add(row)
        for key in grouping.groups(row, names) if by else ():
            if key not in groups:
                groups[key] = _tallies()
            groups[key][row["metric"]].add(row)
    return Attainment(total, dict(sorted(groups.items(), key=_order)))


def met_and_missed(period: Period, *, within: Q) -> dict[str, Tally]:
    """Each metric's met and missed targets, without times and open clocks: enough to compare another range with."""
    found = _tallies()
    for row in aggregates.met_and_missed(period, within=within):
        found[row["metric"]].add(row)
    return found


def _tallies() -> dict[str, Tally]:
    return {metric: Tally() for metric in sla.METRICS}


def _rows(period: Period, by: str, *, now: datetime, within: Q, saved: SavedDays | None) -> Iterator[Row]:
    """Past days come from the roll-up. The remaining days, and what is open at the period's end, are counted now."""
    days = daily_rollup.saved(period, by=by, within=within) if saved is None else saved
    yield from daily_rollup.together(days, by=by)
    for part in daily_rollup.others(period, days):
        yield from aggregates.day_by_day(part, GROUPINGS[by], within=within)
    yield from aggregates.as_of_end(period, GROUPINGS[by], now=now, within=within)


def trend(period: Period, *, within: Q, saved: SavedDays) -> Trend:
    """By metric and first day of the step. saved: the period's days, by any grouping."""
    steps: Trend = {metric: defaultdict(Step) for metric in sla.METRICS}
    met, missed = map(outcomes.DAY_BY_DAY.index, ("met", "missed"))
    for day, found in saved.items():
        begins = period.step_of(day)
        for part in found.parts():
            steps[part.metric][begins].add(part.counts[met], part.counts[missed], part.business)
    for rest in daily_rollup.others(period, saved):
        for row in aggregates.by_day(rest, within=within):
            counted = row.get("n_met", 0), row.get("n_missed", 0), row.get("business", ())
            steps[row["metric"]][period.step_of(row["day"])].add(*counted)
    return steps


def _order(group: tuple[tuple[Any, str], Any]) -> tuple[bool, str]:
    (key, name), _ = group
    return key is None, f"{key:02}" if isinstance(key, int) else name.casefold()


def complete_until(*, now: datetime) -> datetime:
    """Everything that happened before this time has been received, processed and counted."""
    reconciled = [runs.complete_until(source, now=now) for source in Source.objects.all()]
    waiting = Delivery.objects.filter(direction="IN", lane="in", next_attempt_at__isnull=False)
    held = Delivery.objects.filter(direction="IN", status="HELD")
    uncounted = Conversation.objects.filter(clocks_look_at__lte=now).aggregate(at=Min("last_activity_at"))[
        "at"
    ]
    received = [rows.aggregate(at=Min("received_at"))["at"] for rows in (waiting, held)]
    return min(at for at in (now, uncounted, *reconciled, *received) if at is not None)


def gaps(period: Period) -> list[tuple[Source, runs.Gap]]:
    """Times within the period in which webhooks did not reach this site."""
    return [
        (source, gap)
        for source in Source.objects.order_by("slug")
        for gap in runs.gaps(source, since=period.start, until=period.end)
    ]


def matching(
    found: QuerySet[Clock], period: Period, *, now: datetime, outcome: str = "", by: str = "", group: str = ""
) -> QuerySet[Clock]:
    """The clocks behind a figure: those with this outcome, in the group with this key ("": the group without one)."""
    if outcome:
        counts = outcomes.of(period, now=now)
        found = found.filter(counts[outcome]) if outcome in counts else found.none()
    if by:
        found = found.annotate(**GROUPINGS[by].annotations(period.zone))
        found = GROUPINGS[by].rows(found, group)
    return found
