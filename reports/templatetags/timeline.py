"""The clocks of a conversation on one time axis, so that one sees what ran while something else waited."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from webhooks.display import formats

from ..clocks.timeline import KINDS, Told
from ..sla import Segment

register = template.Library()
MOST_MARKS = 7
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS = (
    HOUR / 12, HOUR / 4, HOUR / 2, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 84 * DAY, 364 * DAY,
)  # fmt: skip
# The axis in pixels, at least: beside the clocks' names, and below them on a narrow screen (.s-lanes in site.css). A label
# that does not fit there is left out; a bar has its length in the title, too.
WIDE, NARROW = 560, 290
LETTER, ROOM = 6.8, 10  # pixels: a letter of a label, and what a label needs beside it


@dataclass(frozen=True)
class Bar:
    """left, width: in percent of the axis."""

    kind: str
    left: float
    width: float
    label: str
    title: str
    narrow: bool

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


@dataclass(frozen=True)
class Mark:
    """left: in percent of the axis. text: empty where it has no room. narrow: whether it fits on a narrow screen."""

    left: float
    text: str
    narrow: bool


@dataclass(frozen=True)
class Lane:
    told: Told
    bars: list[Bar]
    reviews: list[Bar]
    due: float | None


@register.inclusion_tag("reports/timeline_lanes.html")
def clock_lanes(clocks: list[Told]) -> dict[str, Any]:
    if not clocks:
        return {"lanes": []}
    start, end = min(one.start for one in clocks), max(one.end for one in clocks)
    length = max((end - start).total_seconds(), 1)

    def place(at: datetime) -> float:
        return round(100 * (at - start).total_seconds() / length, 3)

    def bars(spans: Iterable[Segment]) -> list[Bar]:
        return [_bar(one, place(one.start), place(one.end)) for one in spans]

    lanes = [
        Lane(
            one,
            bars(one.clock.segments),
            bars(one.reviews),
            place(due) if (due := one.clock.due_at) and due <= end else None,
        )
        for one in clocks
    ]
    marks = _readable([(place(at), text) for at, text in _marks(start, end)])
    return {"lanes": lanes, "marks": marks, "kinds": KINDS}


def _bar(one: Segment, left: float, right: float) -> Bar:
    length = formats.span((one.end - one.start).total_seconds())
    width = max(right - left, 0.2)
    label = length if _fits(length, width, WIDE) else ""
    return Bar(
        one.kind, left, width, label, f"{KINDS[one.kind]}, {length}", narrow=_fits(label, width, NARROW)
    )


def _fits(label: str, percent: float, axis: int) -> bool:
    return len(label) * LETTER + ROOM <= percent * axis / 100


def _readable(marks: list[tuple[float, str]]) -> list[Mark]:
    wide = _apart(marks, WIDE)
    narrow = _apart([one for one in marks if one in wide], NARROW)
    return [Mark(left, text if (left, text) in wide else "", (left, text) in narrow) for left, text in marks]


def _apart(marks: list[tuple[float, str]], axis: int) -> list[tuple[float, str]]:
    """From the left, those that touch neither the one before nor the edge."""
    found, free = [], 0.0
    for left, text in marks:
        begin = left * axis / 100
        end = begin + len(text) * LETTER
        if begin >= free and end <= axis + ROOM:
            found.append((left, text))
            free = end + ROOM
    return found


def _marks(start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """At round times of the reader's zone."""
    step = next((one for one in STEPS if (end - start) / one <= MOST_MARKS), STEPS[-1])
    begin = timezone.localtime(start)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + step * -(-(begin - midnight) // step)
    found: list[tuple[datetime, str]] = []
    day = None
    while at <= end:
        here = timezone.localtime(at)
        date = f"{date_format(here, 'D')} {date_format(here, 'MONTH_DAY_FORMAT')}"
        found.append(
            (at, date if step >= DAY else f"{date}, {here:%H:%M}" if here.date() != day else f"{here:%H:%M}")
        )
        day = here.date()
        at += step
    return found
