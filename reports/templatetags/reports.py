"""Figures of reports as people read them: business time in hours, shares rounded down, charts as SVG."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from webhooks.display import formats
from webhooks.templatetags.support import badge

from .. import sla
from ..attainment.attainment import quantile
from ..attainment.cells import Card
from ..clocks.timeline import NAMES, WORDS, Told
from ..sla import Segment
from ..weekly import export, trends

register = template.Library()
WIDTH, HEIGHT, EDGE = 240, 44, 4
CHART = (
    '<svg class="s-chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
    '{}<path class="s-drawn" d="{}"/>{}</svg>'
)
TARGET = '<path class="s-aim" d="M0 {}H{}"><title>{}: {}</title></path>'
POINT = '<path class="s-point" d="M{} {}h0"><title>{}: {}</title></path>'
BAR = '<rect class="s-seg-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
SPAN = 1000
CLOCK_TONES = {
    "met": "DONE",
    "missed": "DEAD",
    "running": "PENDING",
    "paused": "HELD",
}  # the badge colours of the site's other states


@register.filter
def used(seconds: float | None) -> str:
    """Business time. 24 hours of it are three working days, so never show them as "1 d"."""
    if seconds is None:
        return "no data"
    hours, rest = divmod(math.ceil(seconds), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"
    if minutes:
        return f"{minutes} min {left} s" if left and minutes < 10 else f"{minutes} min"
    return f"{left} s"


@register.filter
def span(seconds: float | None) -> str:
    return "no data" if seconds is None else formats.span(seconds)


@register.filter
def share(value: float | None) -> str:
    """Rounded down, so that 99.96 % does not look like all."""
    return trends.tenths(value)


@register.filter
def points(change: float) -> str:
    return f"{change:+.1f} points".replace("-", "−")


@register.filter
def grade(value: float | None) -> str:
    return "no data" if value is None else trends.grade(value)


@register.filter
def short_of(value: float | None, target: float) -> str:
    """The CSS class of a figure that is below its target."""
    return "s-late" if value is not None and value < target else ""


@register.filter
def moved(change: int) -> str:
    return f"{change:+,}".replace("-", "−")


@register.filter
def escalation(reason: str) -> str:
    return export.REASONS.get(reason, reason)


@register.filter
def attained(card: Card) -> SafeString:
    """The share met in each step, oldest first, with a gap where nothing was decided."""
    values = []
    for _, step in card.steps:
        n = step.counts["met"] + step.counts["missed"]
        values.append(step.counts["met"] / n if n else None)
    labels = [
        f"{share(value)}, n = {step.counts['met'] + step.counts['missed']}"
        for value, (_, step) in zip(values, card.steps, strict=True)
    ]
    return _chart(_days(card), f"{card.name}: share met", values, labels, top=1, targets=[])


@register.filter
def medians(card: Card) -> SafeString:
    """The median time of each step, with the policies' targets as dashed lines."""
    values = [quantile(step.business, 0.5) for _, step in card.steps]
    labels = [
        f"{used(value)}, n = {len(step.business)}"
        for value, (_, step) in zip(values, card.steps, strict=True)
    ]
    top = (
        max(
            [value for value in values if value is not None] + [seconds for _, seconds in card.targets] or [1]
        )
        * 1.1
    )
    return _chart(_days(card), f"{card.name}: median", values, labels, top=top or 1, targets=card.targets)


@register.filter
def by_week(trend: dict[str, Any], name: str) -> SafeString:
    """A figure of the weekly report for nine weeks, with a gap where there was no data."""
    one = trends.BY_NAME[name]
    values = trend[name]
    labels = ["no data" if value is None else one.display(value) for value in values]
    most = max([value for value in values if value is not None], default=0)
    top = 1 if one.display is trends.tenths else most * 1.1 or 1
    return _chart(trend["weeks"], f"{one.label}: {', '.join(labels)}", values, labels, top=top, targets=[])


def _days(card: Card) -> list[str]:
    return [f"{day:%a} {day.day} {day:%b}" for day, _ in card.steps]


def _chart(
    names: list[str], label: str, values: list[float | None], labels: list[str], *, top: float, targets: list[tuple[str, float]]
) -> SafeString:  # fmt: skip
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    positions = [
        (round(EDGE + step * at, 1), None if value is None else _height(value, top))
        for at, value in enumerate(values)
    ]
    drawn, before = "", None
    for x, y in positions:
        if y is not None:
            drawn += f"{'M' if before is None else 'L'}{x} {y}"
        before = y
    return format_html(
        CHART, WIDTH, HEIGHT, label,
        format_html_join("", TARGET, ((_height(seconds, top), WIDTH, name, used(seconds)) for name, seconds in targets)),
        drawn,
        format_html_join(
            "", POINT, ((x, y, name, text) for (x, y), name, text in zip(positions, names, labels, strict=True) if y is not None)
        ),
    )  # fmt: skip


def _height(value: float, top: float) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(value, top) / top, 1)


@register.filter
def strip(explained: Told) -> SafeString:
    """The segments of a clock from left to right; below them, times when a draft waited for review; the due time as a line."""
    length = (explained.end - explained.start).total_seconds() or 1

    def place(at: datetime) -> float:
        return round(SPAN * (at - explained.start).total_seconds() / length, 2)

    def bars(spans: Iterable[Segment], y: int, height: int) -> SafeString:
        return format_html_join(
            "", BAR,
            (
                (one.kind, place(one.start), y, max(round(place(one.end) - place(one.start), 2), 0.5), height,
                 f"{one.kind}, {formats.span((one.end - one.start).total_seconds())}")
                for one in spans
            ),
        )  # fmt: skip

    due = explained.clock.due_at
    line = ""
    if due and explained.start <= due <= explained.end:
        line = format_html('<path class="s-seg-due" d="M{} 0V32"><title>due</title></path>', place(due))
    return format_html(
        '<svg class="s-strip" viewBox="0 0 {} 32" preserveAspectRatio="none" role="img" aria-label="{}">{}{}{}</svg>',
        SPAN, explained.in_words, bars(explained.clock.segments, 4, 18), bars(explained.reviews, 24, 6), line,
    )  # fmt: skip


@register.filter
def metric(name: str) -> str:
    return NAMES.get(name, name)


@register.filter
def clock_state(state: str) -> SafeString:
    return badge(CLOCK_TONES.get(state, "plain"), WORDS.get(sla.State(state), state))


@register.simple_tag(takes_context=True)
def drilldown(context: dict[str, Any], of: str, n: int, which: str = "") -> SafeString:
    """A figure of the weekly report as a link to its conversations; zero is not a link."""
    if not n:
        return format_html("{}", n)
    address = f"{context['rows_url']}?{urlencode({'of': f'{of}/{which}' if which else of})}"
    return format_html('<a class="s-link" href="{}">{}</a>', address, f"{n:,}")


@register.simple_tag(takes_context=True)
def drilldown_clocks(
    context: dict[str, Any], metric: str, outcome: str, n: int, shown: str = ""
) -> SafeString:
    """A figure that counts clocks, as a link to their rows in the SLA report."""
    text, report = shown or f"{n:,}", context["report"]
    if not n:
        return format_html("{}", text)
    asked = {"from": report["from"], "to": report["to"], "metric": metric, "outcome": outcome}
    address = f"{reverse('admin:reports_clock_rows')}?{urlencode(asked)}"
    return format_html('<a class="s-link" href="{}">{}</a>', address, text)
