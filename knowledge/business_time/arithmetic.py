"""Business time: the open seconds between two instants, and the instant by which a number of them have passed. Pure.

A range belongs to the day it starts on: Monday's 22:00-06:00 runs into Tuesday. A closure or special opening replaces the
ranges that start on its day. If the local clock shows a time twice, the first counts; a time that it skips is the moment of
the jump. Open time is a set of spans [start, stop), so nothing is counted twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 86_400
Range = tuple[int, int]  # seconds after local midnight; an end past 86,400 is on the next day
Span = tuple[int, int]  # microseconds since 1970, whole numbers: sums are exact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
MICROSECOND = timedelta(microseconds=1)
CENTURY = 100
QUIET_YEARS = 5  # after so many years without an open second, a calendar counts as closed for good


class NeverOpens(Exception):
    """The calendar does not open for long enough, or never again."""


@dataclass(frozen=True)
class _Year:
    """The open spans of one year in UTC; used[i] is the open time up to stops[i]."""

    ends: int
    starts: list[int]
    stops: list[int]
    used: list[int]

    @property
    def total(self) -> int:
        return self.used[-1] if self.used else 0

    def used_until(self, at: int) -> int:
        place = bisect_right(self.starts, at) - 1
        return self.used[place] - max(self.stops[place] - at, 0) if place >= 0 else 0

    def when_used(self, amount: int) -> int:
        """The earliest moment by which `amount` has passed; 0 < amount <= total."""
        place = bisect_left(self.used, amount)
        return self.stops[place] - (self.used[place] - amount)

    def after(self, at: int) -> Span | None:
        """The span that is open at this moment, else the next."""
        place = bisect_right(self.stops, at)
        return (self.starts[place], self.stops[place]) if place < len(self.stops) else None


@dataclass(frozen=True, eq=False)
class Calendar:
    """A compiled calendar. Each year is calculated once, on first use."""

    zone: ZoneInfo
    week: tuple[tuple[Range, ...], ...]  # Monday first
    special: Mapping[date, tuple[Range, ...]] = field(default_factory=dict)  # a closure has no ranges
    holidays: Container[date] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, repr=False)

    def ranges_on(self, day: date) -> tuple[Range, ...]:
        if day in self.special:
            return self.special[day]
        return () if day in self.holidays else self.week[day.weekday()]

    def year(self, number: int) -> _Year:
        if number not in self._years:
            self._years[number] = _calculated(self, number)
        return self._years[number]


ALWAYS = Calendar(ZoneInfo("UTC"), (((0, DAY),),) * 7)


def business_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Open seconds from start to end; negative if end is before start."""
    first, last = _year_of(start), _year_of(end)
    if last < first:
        return -business_seconds(calendar, end, start)
    used = calendar.year(last).used_until(_moment(end)) - calendar.year(first).used_until(_moment(start))
    return (used + sum(calendar.year(number).total for number in range(first, last))) / SECOND


def instant_after(calendar: Calendar, start: datetime, seconds: float) -> datetime:
    """The earliest instant by which this many business seconds have passed: Friday 17:00, not Monday 09:00.

    0 seconds have passed at `start`. Raises NeverOpens.
    """
    if seconds < 0:
        raise ValueError(f"{seconds} seconds: business time runs forwards.")
    if not (wanted := round(seconds * SECOND)):
        return start
    wanted += calendar.year(_year_of(start)).used_until(_moment(start))
    for year in _onwards(calendar, start):
        if wanted <= year.total:
            return _instant(year.when_used(wanted))
        wanted -= year.total
    raise NeverOpens(
        f"{seconds:g} business seconds are not used up within a century of {start:%Y-%m-%d}: the calendar opens too rarely,"
        " or never again."
    )


def is_open(calendar: Calendar, at: datetime) -> bool:
    span = calendar.year(_year_of(at)).after(_moment(at))
    return span is not None and span[0] <= _moment(at)


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """`at` itself while open. Raises NeverOpens."""
    for year in _onwards(calendar, at):
        if span := year.after(_moment(at)):
            return _instant(span[0]) if span[0] > _moment(at) else at
    raise NeverOpens(f"The calendar does not open after {at:%Y-%m-%d}.")


def next_closing(calendar: Calendar, at: datetime) -> datetime | None:
    """When the opening hours that include `at` end. None if it is closed then, or does not close within a year."""
    moment, first = _moment(at), _year_of(at)
    for year in (calendar.year(first), calendar.year(first + 1)):
        span = year.after(moment)
        if span is None or span[0] > moment:
            return _instant(moment) if moment > _moment(at) else None
        if span[1] < year.ends:
            return _instant(span[1])
        moment = year.ends
    return None


def _onwards(calendar: Calendar, start: datetime) -> Iterator[_Year]:
    """Year by year, as long as the calendar may still open."""
    first = _year_of(start)
    latest = max((day.year for day, ranges in calendar.special.items() if ranges), default=first)
    quiet = 0
    for number in range(first, max(latest + 2, first + CENTURY)):
        year = calendar.year(number)
        quiet = 0 if year.total else quiet + 1
        if quiet > QUIET_YEARS and number > latest + 1:
            return
        yield year


def _calculated(calendar: Calendar, number: int) -> _Year:
    begins, ends = (_moment(datetime(year, 1, 1, tzinfo=UTC)) for year in (number, number + 1))
    # Zones differ from UTC by up to 14 hours and ranges run a day past midnight: neighbouring days reach into the year.
    first, last = date(number, 1, 1) - timedelta(days=2), date(number + 1, 1, 1)
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    found = _Year(ends, [], [], [])
    for start, stop in sorted(_spans_of(calendar, days)):
        start, stop = max(start, begins), min(stop, ends)
        if found.stops and start <= found.stops[-1]:
            found.stops[-1] = max(stop, found.stops[-1])
        elif start < stop:
            found.starts.append(start)
            found.stops.append(stop)
    for start, stop in zip(found.starts, found.stops, strict=True):
        found.used.append(found.total + stop - start)
    return found


def _spans_of(calendar: Calendar, days: Iterable[date]) -> Iterator[Span]:
    for day in days:
        for start, end in calendar.ranges_on(day):
            yield _wall(calendar.zone, day, start), _wall(calendar.zone, day, end)


def _wall(zone: ZoneInfo, day: date, seconds: int) -> int:
    """The moment at which the local clock shows this time. A later local time never gives an earlier moment."""
    wall = datetime.combine(day, time(), tzinfo=zone) + timedelta(seconds=seconds)
    read = (wall.replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1)
    before, after = _offset(wall), _offset(wall.replace(fold=1))
    if after <= before:
        return (read - before) * SECOND
    # Skipped: fold=0 reads it by the old offset (past the jump), fold=1 by the new one (ahead of it).
    return _jump(zone, read - after, read - before, after) * SECOND


def _jump(zone: ZoneInfo, ahead: int, past: int, offset: int) -> int:
    """The first second between the two at which the zone has this offset."""
    while past - ahead > 1:
        middle = (ahead + past) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == offset:
            past = middle
        else:
            ahead = middle
    return past


def _offset(at: datetime) -> int:
    """Seconds east of UTC."""
    return (at.utcoffset() or timedelta()) // timedelta(seconds=1)


def _year_of(at: datetime) -> int:
    return at.astimezone(UTC).year


def _moment(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _instant(moment: int) -> datetime:
    return EPOCH + timedelta(microseconds=moment)
