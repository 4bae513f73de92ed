"""A chart as a PNG, for emails and PDFs: the same marks and colours as on the page, in light, drawn with Pillow."""

import io
from functools import cache
from typing import Any

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFont

from .charts import LINE, RANKED, Chart, Series, runs

FONT = "unfold/fonts/inter/Inter-{}.woff2"  # the pages' own font
TONES = {
    "main": "#0f766e", "second": "#94a3b8", "third": "#3b6fb5", "good": "#4d9a6a", "warn": "#d08b2c", "bad": "#c0504d",
    "quiet": "#6b7280",
}  # fmt: skip  # as --s-tone-* in site.css
TEXT, GRID, PAPER = "#4b5563", "#e5e7eb", "#ffffff"
SCALE = 3  # pixels for one CSS pixel: sharp on paper too
WIDTH, HEIGHT, ROW = 600, 200, 26
LEFT, RIGHT, TOP, BOTTOM, LEGEND = 64, 22, 10, 24, 22
SIZE, DOT, LINE_WIDTH, DASH = 11, 2.5, 2, 5


def font_path(weight: str) -> str:
    """Regular, Medium, SemiBold or Bold."""
    return str(finders.find(FONT.format(weight)))


@cache
def _font(weight: str = "Regular") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(weight), SIZE * SCALE)


def png(chart: Chart, *, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """width, height: in CSS pixels. A ranked chart is as high as its bars need."""
    sheet = _Sheet(chart, width, height_of(chart, height))
    sheet.draw()
    out = io.BytesIO()
    sheet.image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def height_of(chart: Chart, height: int = HEIGHT) -> int:
    return ROW * len(chart.labels) + TOP if chart.form == RANKED else height


class _Sheet:
    """Coordinates are CSS pixels until the last moment."""

    def __init__(self, chart: Chart, width: int, height: int) -> None:
        self.chart, self.width, self.height = chart, width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
        self.pen = ImageDraw.Draw(self.image)
        self.marks = chart.marks
        self.top = TOP + (LEGEND if len(chart.series) > 1 else 0)
        self.step = (width - LEFT - RIGHT) / max(len(chart.labels), 1)

    def draw(self) -> None:
        if self.chart.form == RANKED:
            self._ranked()
            return
        self._axes()
        bars = [one for one in self.chart.series if self.chart.form != LINE or one.bars]
        self._bars(bars)
        for one in self.chart.series:
            if one not in bars:
                self._line(one)
        if len(self.chart.series) > 1:
            self._legend()

    def x(self, place: int) -> float:
        return LEFT + self.step * (place + 0.5)

    def y(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        room = self.height - BOTTOM - self.top
        return self.height - BOTTOM - room * (min(max(value, low), high) - low) / (high - low)

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "lm", fill: str = TEXT, weight: str = "Regular"
    ) -> None:
        self.pen.text((x * SCALE, y * SCALE), text, font=_font(weight), fill=fill, anchor=anchor)

    def line(self, points: list[tuple[float, float]], fill: str, width: float = 1) -> None:
        self.pen.line(
            [(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=round(width * SCALE), joint="curve"
        )

    def box(self, x: float, y: float, to_x: float, to_y: float, fill: str) -> None:
        self.pen.rectangle([x * SCALE, y * SCALE, to_x * SCALE, to_y * SCALE], fill=fill)

    def _axes(self) -> None:
        for mark in self.marks:
            self.line([(LEFT, self.y(mark)), (self.width - RIGHT, self.y(mark))], GRID)
            self.text(LEFT - 8, self.y(mark), self.chart.scale.text(mark), anchor="rm")
        wide = max((_font().getlength(label) / SCALE for label in self.chart.labels), default=0) + 14
        every = max(1, -(-int(wide) // max(int(self.step), 1)))
        for place in range(0, len(self.chart.labels), every):
            self.text(self.x(place), self.height - BOTTOM / 2, self.chart.labels[place], anchor="mm")

    def _bars(self, bars: list[Series]) -> None:
        columns = 1 if self.chart.stacked else max(len(bars), 1)
        wide = min(self.step * 0.7 / columns, 26)
        below = [0.0] * len(self.chart.labels)
        for number, one in enumerate(bars):
            for place, value in enumerate(one.values):
                if value:
                    left = self.x(place) + (number * (not self.chart.stacked) - columns / 2) * wide
                    base = below[place] if self.chart.stacked else 0
                    self.box(left, self.y(base + value), left + wide, self.y(base), TONES[one.tone])
                    below[place] = base + value

    def _line(self, one: Series) -> None:
        tone = TONES[one.tone]
        for run in runs(one.values):
            points = [(self.x(place), self.y(one.values[place] or 0)) for place in run]
            if one.dashed:
                self._dashes(points, tone)
                continue
            self.line(points, tone, LINE_WIDTH)
            for x, y in points:
                self.pen.ellipse(
                    [(x - DOT) * SCALE, (y - DOT) * SCALE, (x + DOT) * SCALE, (y + DOT) * SCALE], fill=tone
                )

    def _dashes(self, points: list[tuple[float, float]], tone: str) -> None:
        """Targets do not change, so their lines are level."""
        (x, y), (end, _) = points[0], points[-1]
        while x < end:
            self.line([(x, y), (min(x + DASH, end), y)], tone, 1.5)
            x += 2 * DASH

    def _legend(self) -> None:
        x = float(LEFT)
        for one in self.chart.series:
            self.box(x, TOP + 1, x + 14, TOP + (4 if one.dashed else 9), TONES[one.tone])
            self.text(x + 20, TOP + 5, one.name)
            x += 36 + _font().getlength(one.name) / SCALE

    def _ranked(self) -> None:
        (one,) = self.chart.series
        texts = [cells[0] for _, _, cells in self.chart.rows]
        names = max(_font().getlength(label) / SCALE for label in self.chart.labels) + 12
        room = self.width - names - max(_font().getlength(text) / SCALE for text in texts) - 16
        most = max((value or 0 for value in one.values), default=0) or 1
        for place, (label, text, value) in enumerate(zip(self.chart.labels, texts, one.values, strict=True)):
            middle = TOP / 2 + ROW * (place + 0.5)
            end = names + room * (value or 0) / most
            self.text(0, middle, label)
            self.box(names, middle - 8, end, middle + 8, TONES[one.tone])
            self.text(end + 8, middle, text)


def images(charts: list[Chart], **size: Any) -> list[tuple[Chart, bytes]]:
    """Charts without data have no image."""
    return [(chart, png(chart, **size)) for chart in charts if chart.has_data]
