"""How promises were kept in a period: counts, shares and times, in all and by group. Every figure is a set of clocks.

A clock belongs to the period of its decision (rule 12): when it stopped, or when it was due if it was missed. Running is
as of the period's end. Times are over clocks that stopped in the period, by linear interpolation.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import Min, Q, QuerySet

from webhooks import access, reconcile_runs
from webhooks.models import Conversation, Delivery, Source

from . import sla
from .models import Clock

REOPENED_WITHIN = timedelta(hours=72)
MOST_DAILY = 35
READ = (
    "pk", "metric", "state", "started_at", "due_at", "stopped_at", "decided_at", "business_seconds", "wall_seconds",
    "attributed_to", "team", "closed_unanswered", "reopened_at", "priority", "labels", "policy__name",
    "inbox__source__slug", "inbox__inbox_id", "inbox__name",
)  # fmt: skip
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

    def step_of(self, at: datetime) -> date:
        passed = (at.astimezone(self.zone).date() - self.first).days
        return self.first + timedelta(days=passed - passed % self.step)

    def before(self) -> "Period":
        """The same weekdays, moved back by as many whole weeks as it touches."""
        moved = timedelta(weeks=-(-self.days // 7))
        return Period(self.first - moved, self.last - moved, self.zone)


def _labels(row: dict[str, Any], zone: ZoneInfo) -> list[tuple[Any, str]]:
    return [(label, label) for label in row["labels"]] or [(None, "no label")]


def _inbox(row: dict[str, Any], zone: ZoneInfo) -> list[tuple[Any, str]]:
    number = row["inbox__inbox_id"]
    return [(f"{row['inbox__source__slug']}/{number}", row["inbox__name"]) if number else (None, "no inbox")]


def _hour(row: dict[str, Any], zone: ZoneInfo) -> list[tuple[Any, str]]:
    """When it started, by the clock of the report's zone."""
    hour = row["started_at"].astimezone(zone).hour
    return [(hour, f"{hour:02}:00-{hour + 1:02}:00")]


def _plain(name: str, without: str) -> "Grouping":
    return lambda row, zone: [(row[name] or None, str(row[name] or without))]


Grouping = Callable[[dict[str, Any], ZoneInfo], list[tuple[Any, str]]]
GROUPINGS: dict[str, Grouping] = {
    "inbox": _inbox,
    "agent": _plain("attributed_to", "nobody yet"),
    "team": _plain("team", "no team"),
    "label": _labels,
    "priority": _plain("priority", "no priority"),
    "policy": _plain("policy__name", "no policy"),
    "hour": _hour,
}


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


@dataclass
class Tally:
    """One metric of one group."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    business: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    oldest_late: datetime | None = None

    def add(self, row: dict[str, Any], kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            self.counts[kind] += 1
        if "stopped" in kinds:
            self.business.append(row["business_seconds"])
            self.wall.append(row["wall_seconds"])
        if "open_late" in kinds:
            self.oldest_late = min(self.oldest_late or row["due_at"], row["due_at"])

    def figures(self) -> dict[str, Any]:
        met, missed = self.counts["met"], self.counts["missed"]
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


def kinds_of(row: dict[str, Any], period: Period, end: datetime) -> tuple[str, ...]:
    """All that a clock counts as; the first is the one place where it is among the period's rows."""
    decided, stopped = row["decided_at"], row["stopped_at"]
    found = []
    if decided is not None and period.start <= decided < period.end:
        found.append(_counted_as(row))
        if row["reopened_at"] and row["reopened_at"] - stopped <= REOPENED_WITHIN:
            found.append("reopened_72h")
    else:
        found.append("running" if decided is None or decided >= end else "missed_earlier")
    if row["state"] in (State.MET, State.MISSED) and stopped and period.start <= stopped < period.end:
        found.append("stopped")
    if row["state"] == State.MISSED and row["due_at"] < end and (stopped is None or stopped >= end):
        found.append("open_late")
    return tuple(found)


def _counted_as(row: dict[str, Any]) -> str:
    if row["state"] == State.CANCELLED:
        return "closed_unanswered" if row["closed_unanswered"] else "deleted"
    return str(row["state"])


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
    trend: Trend  # by metric and first day of the step


def attainment(period: Period, *, by: str | None, now: datetime, within: Q) -> Attainment:
    """`by` is one of GROUPINGS. A conversation with two labels counts in both of their groups, and once in all."""
    end = min(period.end, now)
    total: dict[str, Tally] = {metric: Tally() for metric in sla.METRICS}
    groups: dict[tuple[Any, str], dict[str, Tally]] = {}
    trend: Trend = {metric: defaultdict(Step) for metric in sla.METRICS}
    for row in clocks(period, now=now, within=within).values(*READ).iterator(chunk_size=2000):
        kinds = kinds_of(row, period, end)
        total[row["metric"]].add(row, kinds)
        _add_to_trend(trend[row["metric"]], row, kinds, period)
        for key in GROUPINGS[by](row, period.zone) if by else ():
            tallies = groups.setdefault(key, {metric: Tally() for metric in sla.METRICS})
            tallies[row["metric"]].add(row, kinds)
    return Attainment(total, dict(sorted(groups.items(), key=_order)), trend)


def _add_to_trend(
    steps: dict[date, Step], row: dict[str, Any], kinds: tuple[str, ...], period: Period
) -> None:
    if kinds[0] in ("met", "missed"):
        steps[period.step_of(row["decided_at"])].counts[kinds[0]] += 1
    if "stopped" in kinds:
        steps[period.step_of(row["stopped_at"])].business.append(row["business_seconds"])


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
) -> list[int]:
    """The clocks behind a figure: those that count as `kind`, in the group with this key ("": the one without)."""
    end = min(period.end, now)
    return [
        row["pk"]
        for row in found.values(*READ).iterator(chunk_size=2000)
        if (not kind or kind in kinds_of(row, period, end))
        and (
            not by
            or any(str("" if key is None else key) == group for key, _ in GROUPINGS[by](row, period.zone))
        )
    ]
