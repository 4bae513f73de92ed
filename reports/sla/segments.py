"""A clock's time cut into what counts and what does not, for people who ask how a second counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.business_time.arithmetic import Calendar, NeverOpens, is_open, next_closing, next_opening

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Segment:
    start: datetime
    end: datetime
    kind: str  # counted, closed, paused, bot


@dataclass(frozen=True)
class Part:
    """A stretch of one kind, or one that a calendar divides into counted and closed."""

    start: datetime
    end: datetime
    kind: str
    calendar: Calendar | None = None


def cut(parts: Iterable[Part]) -> Iterator[Segment]:
    """In their order, end to end."""
    for part in parts:
        if part.calendar is None:
            yield Segment(part.start, part.end, part.kind)
        else:
            yield from _by_hours(part.calendar, part.start, part.end)


def _by_hours(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Segment]:
    while start < end:
        opened = is_open(calendar, start)
        try:
            turn = (
                (next_closing(calendar, start) or start + YEAR) if opened else next_opening(calendar, start)
            )
        except NeverOpens:
            turn = end
        yield Segment(start, min(turn, end), "counted" if opened else "closed")
        start = turn
