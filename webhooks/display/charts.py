"""A chart as data: what its page, its table, its image and a screen reader say are all made from this one description.

Pure. The browser draws it with support/charts.js, chart_image.py draws it for emails and PDFs. Both use the same axis.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import formats

LINE, BARS, RANKED = "line", "bars", "ranked"
MINUTE, HOUR, DAY = 60, 3600, 86_400
DURATIONS = (
    1,
    5,
    10,
    30,
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 4, 8, 12, 24, 48, 96, 240)),
)
ROUND = (1, 2, 2.5, 5, 10)
LEAST = 1e-9  # a smaller range is a rounding error
STEPS = 4  # about as many as a small chart can label
NO_DATA = gettext_lazy("no data")
DAYS = gettext_lazy("Day")


def share(value: float) -> str:
    """Rounded down to a tenth, so that 99.96 % does not look like all."""
    return f"{number_format(f'{math.floor(value * 1000 + 1e-9) / 10:g}')} %"


def count(value: float) -> str:
    return formats.number(value, decimals=0 if value == int(value) else 1)


@dataclass(frozen=True)
class Scale:
    """How values are written, and where the axis has its marks."""

    text: Callable[[float], str]
    steps: Callable[[float], float]  # the distance of two marks, for a range of this size
    most: float = math.inf
    from_zero: bool = True

    def marks(self, values: Iterable[float], *, from_zero: bool) -> list[float]:
        """From the lowest to the highest mark; they enclose all values."""
        known = list(values) or [0]
        low = 0 if from_zero or self.from_zero else min(known)
        high = max(*known, low)
        step = self.steps((high - low) or high or 1)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        last = max(last, first + 1)
        if last * step > self.most + 1e-9:
            first, last = first - 1, last - 1
        return [round(number * step, 6) for number in range(max(first, 0), last + 1)]


def _decimal(size: float) -> float:
    size = max(size, LEAST)
    power = 10 ** math.floor(math.log10(size / STEPS))
    return next(power * one for one in ROUND if power * one >= size / STEPS - 1e-9)


def _whole(size: float) -> float:
    return max(1, math.ceil(_decimal(size)))


def _duration(size: float) -> float:
    return next((float(one) for one in DURATIONS if one >= size / STEPS), DAY * math.ceil(size / STEPS / DAY))


SHARE = Scale(share, lambda size: max(_decimal(size), 0.02), most=1, from_zero=False)
COUNT = Scale(count, _whole)
DURATION = Scale(formats.business_span, _duration)


@dataclass(frozen=True)
class Series:
    """tone: a colour by meaning (good, warn, bad, quiet), or main, second and third where there is none. dashed: a target."""

    name: str
    values: Sequence[float | None]  # None: a gap
    tone: str = "main"
    dashed: bool = False
    bars: bool = False  # bars behind the lines of a line chart


@dataclass(frozen=True)
class Chart:
    """form: LINE, BARS, or RANKED for bars from left to right. links: where each label leads, if anywhere."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    scale: Scale = COUNT
    form: str = LINE
    stacked: bool = False
    links: Sequence[str] = ()
    note: str = ""
    axis: str | Promise = DAYS  # what the labels are, as the heading of the table's first column

    @property
    def marks(self) -> list[float]:
        values = [value for one in self.series for value in one.values if value is not None]
        if self.stacked:
            values += [
                sum(value or 0 for value in column)
                for column in zip(*(one.values for one in self.series), strict=True)
            ]
        has_bars = self.form != LINE or any(one.bars for one in self.series)
        return self.scale.marks(values, from_zero=has_bars)

    @property
    def has_data(self) -> bool:
        return any(value is not None for one in self.series if not one.dashed for value in one.values)

    def text(self, value: float | None) -> str:
        return str(NO_DATA) if value is None else self.scale.text(value)

    @property
    def rows(self) -> list[tuple[str, str, list[str]]]:
        """The table: label, link or "", a text for each series."""
        links = self.links or [""] * len(self.labels)
        columns = [[self.text(value) for value in one.values] for one in self.series]
        return [
            (label, link, list(cells))
            for label, link, *cells in zip(self.labels, links, *columns, strict=True)
        ]

    @property
    def summary(self) -> str:
        """What it shows in a sentence or two: the label for screen readers, the alternative text of the image."""
        if self.form == RANKED:
            listed = ", ".join(f"{label} {cells[0]}" for label, _, cells in self.rows)
            return f"{self.title}: {listed or NO_DATA}."
        return f"{self.title}. " + " ".join(self._said(one) for one in self.series)

    def _said(self, one: Series) -> str:
        known = [
            (label, value) for label, value in zip(self.labels, one.values, strict=True) if value is not None
        ]
        if not known:
            return f"{one.name}: {NO_DATA}."
        if one.dashed:
            return f"{one.name}: {self.text(known[-1][1])}."
        values = [value for _, value in known]
        facts = {
            "name": one.name, "last": self.text(values[-1]), "when": known[-1][0],
            "least": self.text(min(values)), "most": self.text(max(values)),
        }  # fmt: skip
        is_by_day = self.axis == DAYS
        if len(known) == 1:
            return (
                _("%(name)s: %(last)s on %(when)s.") if is_by_day else _("%(name)s: %(last)s in %(when)s.")
            ) % facts
        if is_by_day:
            return _("%(name)s: %(last)s on %(when)s, from %(least)s to %(most)s.") % facts
        return _("%(name)s: %(last)s in %(when)s, from %(least)s to %(most)s.") % facts

    def data(self) -> dict[str, Any]:
        """For support/charts.js. All texts are made here, so that the browser formats nothing."""
        return {
            "form": self.form, "stacked": self.stacked, "labels": list(self.labels), "links": list(self.links),
            "marks": [[mark, self.scale.text(mark)] for mark in self.marks],
            "series": [
                {"name": one.name, "values": list(one.values), "texts": [self.text(value) for value in one.values],
                 "tone": one.tone, "dashed": one.dashed, "bars": one.bars}
                for one in self.series
            ],
        }  # fmt: skip


def runs(values: Sequence[float | None]) -> list[range]:
    """The places between gaps: each is one unbroken line."""
    edges = [-1, *(place for place, value in enumerate(values) if value is None), len(values)]
    return [range(before + 1, after) for before, after in pairwise(edges) if after - before > 1]
