"""How promises were kept in a period: counts, shares and times, in all and by group. Every figure is a set of clocks.

A clock belongs to the period of its decision (rule 12): when it stopped, or when it was due if it was missed. Running is
as of the period's end. Times are over clocks that stopped in the period, by linear interpolation.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import Aggregate, Count, F, Min, Q, QuerySet, TextField
from django.db.models.functions import TruncDate

from webhooks import access, reconcile_runs
from webhooks.models import Conversation, Delivery, Source

from . import sla
from .groupings import GROUPINGS, Group, Grouping
from .models import Clock

REOPENED_WITHIN = timedelta(hours=72)
MOST_DAILY = 35
State = sla.State


@dataclass(frozen=True)
class Period:
    """Dates in the report's zone, both inclusive."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> int:
        """Days a step of the trend: a day, or a week that begins on the period's first weekday."""
        return 1 if self.days <= MOST_DAILY else 7

    def step_of(self, day: date) -> date:
        passed = (day - self.first).days
        return self.first + timedelta(days=passed - passed % self.step)

    def before(self) -> "Period":
        """The same weekdays, moved back by as many whole weeks as it touches."""
        moved = timedelta(weeks=-(-self.days // 7))
        return Period(self.first - moved, self.last - moved, self.zone)


def seen_by(user: User, *, path: str = "inbox") -> Q:
    """Rows whose inbox (at `path`) this person sees. Not through a join, which would count some of them twice."""
    if access.in_inboxes_of(user, path=path) == Q():
        return Q()
    return Q(**{f"{path}__in": access.inboxes_of(user)})


def clocks(period: Period, *, now: datetime, within: Q) -> QuerySet[Clock]:
    """All that the period's figures count: decided or stopped in it, or open at its end. `within`: what may be seen."""
    end = min(period.end, now)
    decided = Q(decided_at__gte=period.start, decided_at__lt=period.end)
    stopped = Q(stopped_at__gte=period.start, stopped_at__lt=period.end)
    still_open = Q(started_at__lt=end) & (Q(stopped_at__isnull=True) | Q(stopped_at__gte=end))
    still_open &= ~Q(state=State.NOT_APPLICABLE)
    return (
        Clock.objects.filter(within)
        .filter(decided | stopped | still_open)
        .exclude(started_at__gte=period.end)
    )


# All that a clock counts as. The first seven are the one place where it is among the period's rows.
KINDS: dict[str, Callable[[Period, datetime], Q]] = {
    "met": lambda period, end: _decided(period) & Q(state=State.MET),
    "missed": lambda period, end: _decided(period) & Q(state=State.MISSED),
    "not_applicable": lambda period, end: _decided(period) & Q(state=State.NOT_APPLICABLE),
    "closed_unanswered": lambda period, end: (
        _decided(period) & Q(state=State.CANCELLED, closed_unanswered=True)
    ),
    "deleted": lambda period, end: _decided(period) & Q(state=State.CANCELLED, closed_unanswered=False),
    "running": lambda period, end: Q(decided_at=None) | Q(decided_at__gte=period.end),
    "missed_earlier": lambda period, end: Q(decided_at__lt=period.start),
    "reopened_72h": lambda period, end: (
        _decided(period) & Q(reopened_at__lte=F("stopped_at") + REOPENED_WITHIN)
    ),
    "stopped": lambda period, end: Q(
        state__in=(State.MET, State.MISSED), stopped_at__gte=period.start, stopped_at__lt=period.end
    ),
    "open_late": lambda period, end: (
        Q(state=State.MISSED, due_at__lt=end) & (Q(stopped_at=None) | Q(stopped_at__gte=end))
    ),
}


def _decided(period: Period) -> Q:
    return Q(decided_at__gte=period.start, decided_at__lt=period.end)


class Values(Aggregate):
    """All of them, as a list: quantiles are reckoned here, the same on every database."""

    function = "ARRAY_AGG"
    name = "Values"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)

    @property
    def convert_value(self) -> Callable[..., list[float]]:
        return lambda found, expression, connection: (
            json.loads(found) if isinstance(found, str) else found or []
        )


@dataclass
class Tally:
    """One metric of one group."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    business: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    oldest_late: datetime | None = None

    def add(self, row: dict[str, Any]) -> None:
        """Clocks that the database counted together."""
        for kind in KINDS:
            self.counts[kind] += row[f"n_{kind}"]
        self.business += row["business"]
        self.wall += row["wall"]
        if row["oldest_late"]:
            self.oldest_late = min(self.oldest_late or row["oldest_late"], row["oldest_late"])

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
            "median_s": quantile(self.business, 0.5), "p90_s": quantile(self.business, 0.9),
            "p95_s": quantile(self.business, 0.95), "wall_median_s": quantile(self.wall, 0.5),
            "stopped": len(self.business), "oldest_open_late_due_at": self.oldest_late,
        }  # fmt: skip


def quantile(values: list[float], share: float) -> float | None:
    """Linear between the neighbours, as PostgreSQL's percentile_cont; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass
class Step:
    """A day or a week of the trend: decisions in it, and the business seconds of what stopped in it."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    business: list[float] = field(default_factory=list)


Trend = dict[str, dict[date, Step]]


@dataclass(frozen=True)
class Attainment:
    total: dict[str, Tally]
    groups: dict[tuple[Any, str], dict[str, Tally]]


def attainment(period: Period, *, by: str | None, now: datetime, within: Q) -> Attainment:
    """`by` is one of GROUPINGS. A conversation with two labels counts in both of their groups, and once in all."""
    found, kinds = clocks(period, now=now, within=within), _kinds(period, now=now)
    grouping = GROUPINGS[by] if by else None
    total: dict[str, Tally] = {metric: Tally() for metric in sla.METRICS}
    groups: dict[Group, dict[str, Tally]] = {}
    for row in _counted(found, kinds, period, grouping):
        total[row["metric"]].add(row)
        for key in grouping.groups(row) if grouping else ():
            tallies = groups.setdefault(key, {metric: Tally() for metric in sla.METRICS})
            tallies[row["metric"]].add(row)
    return Attainment(total, dict(sorted(groups.items(), key=_order)))


def _kinds(period: Period, *, now: datetime) -> dict[str, Q]:
    return {kind: counts(period, min(period.end, now)) for kind, counts in KINDS.items()}


def _counted(
    found: QuerySet[Clock], kinds: dict[str, Q], period: Period, grouping: Grouping | None
) -> QuerySet[Clock, dict[str, Any]]:
    if grouping:
        found = found.annotate(**grouping.reckoned(period.zone))
    return (
        found.order_by()
        .values("metric", *(grouping.columns if grouping else ()))
        .annotate(
            **{f"n_{kind}": Count("pk", filter=counts) for kind, counts in kinds.items()},
            business=Values("business_seconds", filter=kinds["stopped"]),
            wall=Values("wall_seconds", filter=kinds["stopped"]),
            oldest_late=Min("due_at", filter=kinds["open_late"]),
        )
    )


def trend(period: Period, *, now: datetime, within: Q) -> Trend:
    """By metric and first day of the step."""
    found, kinds = Clock.objects.filter(within), _kinds(period, now=now)
    steps: Trend = {metric: defaultdict(Step) for metric in sla.METRICS}
    for row in _by_day(found.filter(kinds["met"] | kinds["missed"]), "decided_at", period).annotate(
        met=Count("pk", filter=kinds["met"]), missed=Count("pk", filter=kinds["missed"])
    ):
        step = steps[row["metric"]][period.step_of(row["day"])]
        step.counts["met"] += row["met"]
        step.counts["missed"] += row["missed"]
    stopped = _by_day(found.filter(kinds["stopped"]), "stopped_at", period)
    for row in stopped.annotate(business=Values("business_seconds")):
        steps[row["metric"]][period.step_of(row["day"])].business += row["business"]
    return steps


def _by_day(found: QuerySet[Clock], field: str, period: Period) -> QuerySet[Clock, Any]:
    return found.annotate(day=TruncDate(field, tzinfo=period.zone)).order_by().values("metric", "day")


def _order(group: tuple[tuple[Any, str], Any]) -> tuple[bool, str]:
    (key, name), _ = group
    return key is None, f"{key:02}" if isinstance(key, int) else name.casefold()


def complete_until(*, now: datetime) -> datetime:
    """Everything that happened before it is counted: it reached us, and none of it waits to be processed or reckoned."""
    heard = [reconcile_runs.complete_until(source, now=now) for source in Source.objects.all()]
    waiting = Delivery.objects.filter(direction="IN", lane="in", next_attempt_at__isnull=False)
    held = Delivery.objects.filter(direction="IN", status="HELD")
    behind = Conversation.objects.filter(clocks_look_at__lte=now).aggregate(at=Min("last_activity_at"))["at"]
    received = [rows.aggregate(at=Min("received_at"))["at"] for rows in (waiting, held)]
    return min(at for at in (now, behind, *heard, *received) if at is not None)


def gaps(period: Period) -> list[tuple[Source, reconcile_runs.Gap]]:
    """When webhooks did not reach us in it."""
    return [
        (source, gap)
        for source in Source.objects.order_by("slug")
        for gap in reconcile_runs.gaps(source, since=period.start, until=period.end)
    ]


def matching(
    found: QuerySet[Clock], period: Period, *, now: datetime, kind: str = "", by: str = "", group: str = ""
) -> QuerySet[Clock]:
    """The clocks behind a figure: those that count as `kind`, in the group with this key ("": the one without)."""
    if kind:
        found = found.filter(_kinds(period, now=now)[kind]) if kind in KINDS else found.none()
    if by:
        found = found.annotate(**GROUPINGS[by].reckoned(period.zone))
        found = GROUPINGS[by].rows(found, group)
    return found
