"""The figures of attainment.py as the SLA report page shows them: each number links to the clocks it counts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from knowledge.business_time.arithmetic import business_seconds
from knowledge.calendars import inbox_calendars
from webhooks.database import row_estimates
from webhooks.models import Delivery, Source
from webhooks.reconcile.runs import Gap

from .. import sla
from ..models import SLAPolicy
from ..periods import Period
from . import attainment, uncertainty
from .attainment import Attainment, Step, Tally, Trend
from .uncertainty import Interval

FEW = 20  # below this, a share is too uncertain for a trend
NEARLY = timedelta(minutes=2)  # events that are still in transit are no gap
UNCHANGED = 0.05
ALIKE = 0.1  # ranges whose open hours differ by more than this share are not compared
NAMES = {
    "first_response": _("First response"),
    "next_response": _("Next response"),
    "resolution": _("Resolution"),
}
IN_TEXT = {
    "first_response": _("first response"),
    "next_response": _("next response"),
    "resolution": _("resolution"),
}
OUTCOME_NAMES = {
    "met": _("met"), "missed": _("missed"), "running": _("running at the end"), "not_applicable": _("not applicable"),
    "closed_unanswered": _("closed unanswered"), "deleted": _("deleted"), "missed_earlier": _("missed before this range"),
    "open_late": _("open and overdue"), "reopened_72h": _("reopened within 72 h"), "stopped": _("completed in this range"),
}  # fmt: skip
BESIDE = ("met", "missed", "running", "not_applicable", "closed_unanswered", "deleted", "missed_earlier")


@dataclass(frozen=True)
class Links:
    address: str
    period: Period

    def to(self, **asked: Any) -> str:
        dates = {"from": self.period.first, "to": self.period.last}
        return f"{self.address}?{urlencode(dates | asked)}"


@dataclass(frozen=True)
class Number:
    label: str
    count: int
    link: str


@dataclass(frozen=True)
class Cell:
    """One metric of one group. few: too few clocks to judge by."""

    tally: Tally
    asked: dict[str, Any]
    links: Links

    @cached_property
    def figures(self) -> dict[str, Any]:
        return self.tally.figures()

    @property
    def n(self) -> int:
        return self.figures["met"] + self.figures["missed"]

    @property
    def few(self) -> bool:
        return self.n < FEW

    def number(self, outcome: str) -> Number:
        return Number(
            str(OUTCOME_NAMES[outcome]),
            self.tally.counts[outcome],
            self.links.to(**self.asked, outcome=outcome),
        )

    @property
    def link(self) -> str:
        return self.links.to(**self.asked)

    @property
    def missed(self) -> Number:
        return self.number("missed")

    @property
    def undecided(self) -> list[Number]:
        """Shown beside the share: clocks that are still running, and clocks that no target applies to."""
        return [one for one in map(self.number, ("running", "not_applicable")) if one.count]

    @property
    def stopped(self) -> Number:
        return self.number("stopped")

    @property
    def open_late(self) -> Number:
        return self.number("open_late")

    @property
    def reopened(self) -> Number:
        return self.number("reopened_72h")

    @property
    def beside(self) -> list[Number]:
        """All rows by outcome, each counted once. The rare outcomes are left out when they are zero."""
        found = [self.number(outcome) for outcome in BESIDE]
        return [one for index, one in enumerate(found) if index < 4 or one.count]


@dataclass(frozen=True)
class Card:
    metric: str
    name: str
    cell: Cell
    before: dict[str, Any]  # only its met and missed targets
    steps: list[tuple[date, Step]]
    targets: list[tuple[str, float]]  # policy, seconds

    @property
    def change(self) -> float | None:
        """Percentage points since the range before; None when either range has too few clocks."""
        now, then = self.cell.figures["attainment"], self.before["attainment"]
        n_then = self.before["met"] + self.before["missed"]
        if now is None or then is None or self.cell.few or n_then < FEW:
            return None
        return (now - then) * 100

    @property
    def interval(self) -> Interval | None:
        """Of the change, with 95 % confidence."""
        if self.change is None:
            return None
        return uncertainty.difference(
            self.cell.figures["attainment"], self.cell.n, self.before["attainment"], self.n_before
        )

    @property
    def is_unchanged(self) -> bool:
        """As precisely as the page shows it: to a tenth of a point."""
        return self.change is not None and abs(self.change) < UNCHANGED

    @property
    def direction(self) -> str:
        """up or down; "" if there is no change to speak of, or if it may be chance."""
        if self.change is None or self.interval is None or self.interval.is_noise:
            return ""
        return "up" if self.change > 0 else "down"

    @property
    def n_before(self) -> int:
        return self.before["met"] + self.before["missed"]


def cards(
    found: Attainment, earlier: dict[str, Tally], trend: Trend, links: Links, *, now: datetime
) -> list[Card]:
    policies = list(SLAPolicy.objects.order_by("order", "pk"))
    return [
        Card(
            metric, str(NAMES[metric]), Cell(found.total[metric], {"metric": metric}, links),
            earlier[metric].figures(), _steps(trend, metric, links.period, now=now),
            [(policy.name, getattr(policy, f"{metric}_s")) for policy in policies],
        )
        for metric in sla.METRICS
    ]  # fmt: skip


def _steps(trend: Trend, metric: str, period: Period, *, now: datetime) -> list[tuple[date, Step]]:
    """Every step that has begun, even if nothing was decided in it."""
    last = min(period.last, now.astimezone(period.zone).date())
    days = range(0, (last - period.first).days + 1, period.step)
    return [
        (day, trend[metric].get(day) or Step())
        for day in (period.first + timedelta(days=passed) for passed in days)
    ]


@dataclass(frozen=True)
class Group:
    name: str
    cells: list[Cell]


def groups(found: Attainment, links: Links, *, by: str) -> list[Group]:
    return [
        Group(
            name,
            [
                Cell(
                    tallies[metric], {"metric": metric, "by": by, "group": "" if key is None else key}, links
                )
                for metric in sla.METRICS
            ],
        )
        for (key, name), tallies in found.groups.items()
    ]


def open_hours(period: Period) -> tuple[float, float]:
    """Hours of the default calendar, in the period and in the one before."""
    calendar, before = inbox_calendars.in_force().default, period.before()
    return (
        business_seconds(calendar, period.start, period.end) / 3600,
        business_seconds(calendar, before.start, before.end) / 3600,
    )


def comparable(hours: float, before: float) -> bool:
    return abs(hours - before) <= ALIKE * max(hours, before)


@dataclass(frozen=True)
class Stamp:
    """lost: events of the period that failed and are not counted. gaps: when webhooks did not reach this site."""

    until: datetime
    is_complete: bool
    lost: row_estimates.Count
    gaps: list[tuple[Source, Gap]]

    @property
    def is_sound(self) -> bool:
        return self.is_complete and not self.lost and not self.gaps


def stamp(period: Period, *, now: datetime) -> Stamp:
    until = attainment.complete_until(now=now)
    lost = Delivery.objects.filter(
        direction="IN", status="DEAD", received_at__gte=period.start, received_at__lt=period.end
    )
    return Stamp(
        until, until >= min(period.end, now - NEARLY), row_estimates.capped(lost), attainment.gaps(period)
    )
