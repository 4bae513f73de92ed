"""Past days, counted once: a report over a year reads one row per day instead of every clock.

A day's row is valid as long as none of the day's clocks has been written since. Code that writes a clock adds a DayChange
in the same transaction, and the row stores how many of them existed before its clocks were read. A day without a valid row
is counted from its clocks, so figures are the same with and without these rows.
"""

import itertools
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min, Q

from ..models import Clock, DayChange, DayTally
from ..periods import Period
from . import aggregates, outcomes
from .groupings import GROUPINGS, Row

# Long enough that no open transaction can still treat the day as the current one.
OVER = timedelta(days=2)
OLDEST = timedelta(days=800)
MOST = 10  # days in one run
PIECES = 12  # with more gaps than this, counting the whole period is faster
FORM = 3  # format of the content; rows in another format are ignored and removed, like those of another time zone
HEAD = len(outcomes.DAY_BY_DAY) + 3  # items in the head of a part


class Part(NamedTuple):
    """One metric of one group on one day. counts: in the order of outcomes.DAY_BY_DAY."""

    metric: str
    group: str  # JSON of the grouping's columns
    counts: list[int]
    business: tuple[float, ...]
    wall: tuple[float, ...]


class Day(NamedTuple):
    """A day as stored. Its parts are built on demand: a year of them at once costs more garbage collection than the report."""

    heads: list[Any]  # of each part: metric, group, counts, how many durations it has
    times: tuple[float, ...]  # business seconds, then wall seconds, in the order of the parts

    def parts(self) -> Iterator[Part]:
        offset, half = 0, len(self.times) // 2
        for at in range(0, len(self.heads), HEAD):
            metric, group, *counts, length = self.heads[at : at + HEAD]
            end = offset + length
            yield Part(metric, group, counts, self.times[offset:end], self.times[half + offset : half + end])
            offset = end


SavedDays = Mapping[date, Day]


def saved(period: Period, *, by: str, within: Q) -> SavedDays:
    """Only for people who see every inbox: the rows cover all of them."""
    if within != Q():
        return {}
    asked = Q(day__gte=period.first, day__lte=period.last)
    tallies = DayTally.objects.filter(asked, zone=_named(period.zone), by=by)
    found = list(tallies.values_list("day", "changes", "content"))
    changes = _changes(asked) if found else {}
    valid = {day: content for day, had, content in found if had == changes.get(day, 0)}
    if len(others(period, valid)) > PIECES:
        return {}
    return {day: _unpacked(bytes(content)) for day, content in valid.items()}


def together(days: SavedDays, *, by: str) -> Iterator[Row]:
    """The days added up, as rows like those of aggregates.day_by_day."""
    sums: dict[tuple[str, str], tuple[list[int], list[float], list[float]]] = {}
    for part in itertools.chain.from_iterable(day.parts() for day in days.values()):
        found = sums.get((part.metric, part.group))
        if found is None:
            found = sums[part.metric, part.group] = ([0] * len(outcomes.DAY_BY_DAY), [], [])
        counts, business, wall = found
        counts[:] = map(int.__add__, counts, part.counts)
        business += part.business
        wall += part.wall
    for (metric, group), (counts, business, wall) in sums.items():
        row: dict[str, Any] = {"metric": metric, "business": sorted(business), "wall": sorted(wall)}
        row |= zip(GROUPINGS[by].columns, json.loads(group), strict=True)
        yield row | {
            f"n_{outcome}": count for outcome, count in zip(outcomes.DAY_BY_DAY, counts, strict=True)
        }


def others(period: Period, known: Iterable[date]) -> list[Period]:
    """The parts of the period that these days leave out."""
    parts: list[Period] = []
    begin = period.first
    for day in sorted(known):
        if day > begin:
            parts.append(Period(begin, day - timedelta(days=1), period.zone))
        begin = day + timedelta(days=1)
    if begin <= period.last:
        parts.append(Period(begin, period.last, period.zone))
    return parts


def changed(clocks: Iterable[Clock], *, also: Iterable[datetime] = (), now: datetime) -> None:
    """Call with the clocks that were written, both as they were before and as they are now. also: moments of those before."""
    zone = ZoneInfo(settings.TIME_ZONE)
    moments = [at for clock in clocks for at in (clock.decided_at, clock.stopped_at) if at]
    days = {at.astimezone(zone).date() for at in (*moments, *also)}
    today = now.astimezone(zone).date()
    if past := sorted(day for day in days if day < today):
        DayChange.objects.bulk_create(DayChange(day=day) for day in past)


def keep_up(*, now: datetime, most: int = MOST) -> int:
    """A chore: counts past days that have no valid row, newest first. Returns how many. Safe on several hosts."""
    zone = ZoneInfo(settings.TIME_ZONE)
    DayTally.objects.exclude(zone=_named(zone)).delete()
    began = Clock.objects.aggregate(at=Min("decided_at"))["at"]
    if began is None:
        return 0
    last = now.astimezone(zone).date() - OVER
    first = max(began.astimezone(zone).date(), last - OLDEST)
    changes = _changes(Q(day__gte=first, day__lte=last))
    counted_by: dict[date, int] = dict.fromkeys(_days(first, last), 0)
    rows = DayTally.objects.filter(day__gte=first, day__lte=last).values_list("day", "changes")
    for day, had, groupings in rows.annotate(Count("pk")).order_by():
        counted_by[day] += groupings if had == changes.get(day, 0) else 0
    due = [day for day, groupings in counted_by.items() if groupings < len(GROUPINGS)]
    for day in due[:most]:
        _count(day, zone)
    return len(due[:most])


def _named(zone: ZoneInfo) -> str:
    return f"{zone} {FORM}"


def _days(first: date, last: date) -> Iterator[date]:
    for back in range((last - first).days + 1):
        yield last - timedelta(days=back)


def _changes(asked: Q) -> dict[date, int]:
    return dict(DayChange.objects.filter(asked).values_list("day").annotate(Count("pk")).order_by())


def _count(day: date, zone: ZoneInfo) -> None:
    # Read before the clocks: a clock that is written meanwhile makes the row invalid.
    had = _changes(Q(day=day)).get(day, 0)
    period = Period(day, day, zone)
    tallies = [
        DayTally(zone=_named(zone), day=day, by=by, changes=had,
                 content=_packed(aggregates.day_by_day(period, grouping, within=Q()), by))
        for by, grouping in GROUPINGS.items()
    ]  # fmt: skip
    DayTally.objects.bulk_create(
        tallies,
        update_conflicts=True,
        unique_fields=["zone", "by", "day"],
        update_fields=["changes", "content"],
    )


# Format: a line of JSON with the heads, then the times as doubles.


def _packed(rows: Iterable[Row], by: str) -> bytes:
    heads, business, wall = [], [], []
    for row in rows:
        group = json.dumps([row[column] for column in GROUPINGS[by].columns])
        counts = [row[f"n_{outcome}"] for outcome in outcomes.DAY_BY_DAY]
        heads += [row["metric"], group, *counts, len(row["business"])]
        business += sorted(row["business"])
        wall += sorted(row["wall"])
    return json.dumps(heads).encode() + b"\n" + struct.pack(f"<{2 * len(business)}d", *business, *wall)


def _unpacked(content: bytes) -> Day:
    head, _, packed = content.partition(b"\n")
    return Day(json.loads(head), struct.unpack(f"<{len(packed) // 8}d", packed))
