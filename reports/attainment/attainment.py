"""How promises were kept in a period: counts, shares and times, in all and by group. Every figure is a set of clocks.

What a clock counts as: kinds.py. Times are over clocks that stopped in the period, by linear interpolation.
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
from .daily_rollup import Kept
from .groupings import GROUPINGS, Row

USUAL = "inbox"  # the grouping that serves where none is asked for


def seen_by(user: User, *, path: str = "inbox") -> Q:
    """Rows whose inbox (at `path`) this person sees. Not through a join, which would count some of them twice."""
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
        """Clocks that were counted together."""
        for kind in outcomes.KINDS:
            self.counts[kind] += row.get(f"n_{kind}", 0)
        self.business += row.get("business", ())
        self.wall += row.get("wall", ())
        if late := row.get("oldest_late"):
            self.oldest_late = min(self.oldest_late or late, late)

    def figures(self) -> dict[str, Any]:
        met, missed = self.counts["met"], self.counts["missed"]
        self.business.sort()  # once for all three quantiles
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
    """Linear between the neighbours, as PostgreSQL's percentile_cont; None of nothing."""
    return _at(sorted(values), share)


def _at(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass
class Step:
    """A day or a week of the trend: decisions in it, and the business seconds of what stopped in it."""

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
    period: Period, *, by: str | None, now: datetime, within: Q, kept: Kept | None = None
) -> Attainment:
    """`by` is one of GROUPINGS. A conversation with two labels counts in both of their groups, and once in all.

    kept: the period's days as daily.kept has them by that grouping, where they are at hand.
    """
    grouping, total, groups = GROUPINGS[by or USUAL], _tallies(), {}
    names = grouping.names() if by else {}
    for row in _rows(period, by or USUAL, now=now, within=within, kept=kept):
        total[row["metric"]].add(row)
        for key in grouping.groups(row, names) if by else ():
            if key not in groups:
                groups[key] = _tallies()
            groups[key][row["metric"]].add(row)
    return Attainment(total, dict(sorted(groups.items(), key=_order)))


def kept_or_not(period: Period, *, within: Q) -> dict[str, Tally]:
    """Each metric's promises, as a range that another is compared with needs them: without times and what is open."""
    found = _tallies()
    for row in aggregates.kept_or_not(period, within=within):
        found[row["metric"]].add(row)
    return found


def _tallies() -> dict[str, Tally]:
    return {metric: Tally() for metric in sla.METRICS}


def _rows(period: Period, by: str, *, now: datetime, within: Q, kept: Kept | None) -> Iterator[Row]:
    """Days that are over were counted before; the others, and what is as of the period's end, are counted now."""
    days = daily_rollup.kept(period, by=by, within=within) if kept is None else kept
    yield from daily_rollup.together(days, by=by)
    for part in daily_rollup.others(period, days):
        yield from aggregates.day_by_day(part, GROUPINGS[by], within=within)
    yield from aggregates.as_of_end(period, GROUPINGS[by], now=now, within=within)


def trend(period: Period, *, within: Q, kept: Kept) -> Trend:
    """By metric and first day of the step. kept: the period's days, by whichever grouping."""
    steps: Trend = {metric: defaultdict(Step) for metric in sla.METRICS}
    met, missed = map(outcomes.DAY_BY_DAY.index, ("met", "missed"))
    for day, found in kept.items():
        begins = period.step_of(day)
        for part in found.parts():
            steps[part.metric][begins].add(part.counts[met], part.counts[missed], part.business)
    for rest in daily_rollup.others(period, kept):
        for row in aggregates.by_day(rest, within=within):
            told = row.get("n_met", 0), row.get("n_missed", 0), row.get("business", ())
            steps[row["metric"]][period.step_of(row["day"])].add(*told)
    return steps


def _order(group: tuple[tuple[Any, str], Any]) -> tuple[bool, str]:
    (key, name), _ = group
    return key is None, f"{key:02}" if isinstance(key, int) else name.casefold()


def complete_until(*, now: datetime) -> datetime:
    """Everything that happened before it is counted: it reached us, and none of it waits to be processed or reckoned."""
    heard = [runs.complete_until(source, now=now) for source in Source.objects.all()]
    waiting = Delivery.objects.filter(direction="IN", lane="in", next_attempt_at__isnull=False)
    held = Delivery.objects.filter(direction="IN", status="HELD")
    behind = Conversation.objects.filter(clocks_look_at__lte=now).aggregate(at=Min("last_activity_at"))["at"]
    received = [rows.aggregate(at=Min("received_at"))["at"] for rows in (waiting, held)]
    return min(at for at in (now, behind, *heard, *received) if at is not None)


def gaps(period: Period) -> list[tuple[Source, runs.Gap]]:
    """When webhooks did not reach us in it."""
    return [
        (source, gap)
        for source in Source.objects.order_by("slug")
        for gap in runs.gaps(source, since=period.start, until=period.end)
    ]


def matching(
    found: QuerySet[Clock], period: Period, *, now: datetime, kind: str = "", by: str = "", group: str = ""
) -> QuerySet[Clock]:
    """The clocks behind a figure: those that count as `kind`, in the group with this key ("": the one without)."""
    if kind:
        found = found.filter(outcomes.of(period, now=now)[kind]) if kind in outcomes.KINDS else found.none()
    if by:
        found = found.annotate(**GROUPINGS[by].reckoned(period.zone))
        found = GROUPINGS[by].rows(found, group)
    return found
