"""When customers write, and when targets are missed: first responses by weekday and hour of their start."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.utils.dates import WEEKDAYS

from .. import sla
from ..periods import Period
from . import outcomes
from .cells import Links

LEAST = 5  # with fewer decided clocks, a share has no colour
SHADES = 4
GOOD, FAIR, POOR = 0.9, 0.75, 0.5


@dataclass(frozen=True)
class Square:
    """Of an hour of a weekday. tone, shade: the CSS classes of the two maps."""

    n: int
    met: int
    missed: int
    link: str
    most: int

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def share(self) -> float | None:
        return self.met / self.decided if self.decided else None

    @property
    def tone(self) -> str:
        if self.share is None or self.decided < LEAST:
            return "few" if self.decided else "none"
        return next(
            name
            for least, name in ((GOOD, "good"), (FAIR, "fair"), (POOR, "poor"), (0, "bad"))
            if self.share >= least
        )

    @property
    def shade(self) -> int:
        return -(-SHADES * self.n // self.most) if self.n else 0


@dataclass(frozen=True)
class Map:
    rows: list[tuple[str, list[Square]]]
    hours: range

    @property
    def has_data(self) -> bool:
        return bool(self.hours)


def read(period: Period, links: Links, *, now: datetime, within: Q) -> Map:
    """Only the hours between the earliest and the latest with a clock."""
    counts = outcomes.of(period, now=now)
    started = {name: extract("started_at", tzinfo=period.zone) for name, extract in EXTRACTS.items()}
    clocks = (
        outcomes.clocks(period, now=now, within=within).filter(metric=sla.FIRST_RESPONSE).annotate(**started)
    )
    by_hour: Any = clocks.order_by()  # the annotations, which mypy does not know
    counted = by_hour.values("weekday", "hour").annotate(
        n=Count("pk"), met=Count("pk", filter=counts["met"]), missed=Count("pk", filter=counts["missed"])
    )  # fmt: skip
    found = {(row["weekday"], row["hour"]): row for row in counted}
    known = sorted({hour for _, hour in found})
    hours = range(known[0], known[-1] + 1) if known else range(0)
    most = max((row["n"] for row in found.values()), default=1)

    def square(weekday: int, hour: int) -> Square:
        row = found.get((weekday, hour), {"n": 0, "met": 0, "missed": 0})
        link = links.to(metric=sla.FIRST_RESPONSE, by="hour", group=hour, weekday=weekday)
        return Square(row["n"], row["met"], row["missed"], link, most)

    return Map(
        [(str(name), [square(day + 1, hour) for hour in hours]) for day, name in WEEKDAYS.items()], hours
    )


EXTRACTS = {"weekday": ExtractIsoWeekDay, "hour": ExtractHour}
