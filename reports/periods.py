"""The range of days that a report covers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

MOST_DAILY = 35


@dataclass(frozen=True)
class Period:
    """Dates in the report's time zone, both inclusive."""

    first: date
    last: date
    zone: ZoneInfo

    @cached_property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=self.zone)

    @cached_property
    def end(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> int:
        """Length of a trend step in days: a day, or a week that starts on the period's first weekday."""
        return 1 if self.days <= MOST_DAILY else 7

    def step_of(self, day: date) -> date:
        passed = (day - self.first).days
        return self.first + timedelta(days=passed - passed % self.step)

    def before(self) -> "Period":
        """The same weekdays, moved back by as many whole weeks as the period spans."""
        moved = timedelta(weeks=-(-self.days // 7))
        return Period(self.first - moved, self.last - moved, self.zone)
