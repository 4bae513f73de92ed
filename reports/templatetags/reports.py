"""Figures of reports as people read them: business time in hours, shares rounded down, lines and bars drawn here."""

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
AIM = '<path class="s-aim" d="M0 {}H{}"><title>{}: {}</title></path>'
POINT = '<path class="s-point" d="M{} {}h0"><title>{}: {}</title></path>'
BAR = '<rect class="s-seg-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
SPAN = 1000
CLOCK_TONES = {
    "met": "DONE",
    "missed": "DEAD",
    "running": "PENDING",
    "paused": "HELD",
}  # as the site's other states


@register.filter
def used(seconds: float | None) -> str:
    """Business time: 24 h of it are three working days, and never "1 d"."""
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
    """Rounded down: 99.96 % is not all."""
    return trends.tenths(value)


@register.filter
def points(change: float) -> str:
    return f"{change:+.1f} points".replace("-", "−")


@register.filter
def grade(value: float | None) -> str:
    return "no data" if value is None else trends.grade(value)


@register.filter
def short_of(value: float | None, target: float) -> str:
    """The class of a figure that should be at least so much."""
    return "s-late" if value is not None and value < target else ""


@register.filter
def moved(change: int) -> str:
    return f"{change:+,}".replace("-", "−")


@register.filter
def escalation(reason: str) -> str:
    return export.REASONS.get(reason, reason)


@register.filter
def attained(card: Card) -> SafeString:
    """The share of each step, oldest first; a gap where nothing was decided."""
    values = []
    for _, step in card.steps:
        n = step.counts["met"] + step.counts["missed"]
        values.append(step.counts["met"] / n if n else None)
    told = [
        f"{share(value)}, n = {step.counts['met'] + step.counts['missed']}"
        for value, (_, step) in zip(values, card.steps, strict=True)
    ]
    return _chart(_days(card), f"{card.name}: share in time", values, told, top=1, aims=[])


@register.filter
def medians(card: Card) -> SafeString:
    """The median of what stopped in each step, and the policies' targets dashed."""
    values = [quantile(step.business, 0.5) for _, step in card.steps]
    told = [
        f"{used(value)}, n = {len(step.business)}"
        for value, (_, step) in zip(values, card.steps, strict=True)
    ]
    top = (
        max(
            [value for value in values if value is not None] + [seconds for _, seconds in card.targets] or [1]
        )
        * 1.1
    )
    return _chart(_days(card), f"{card.name}: median", values, told, top=top or 1, aims=card.targets)


@register.filter
def by_week(trend: dict[str, Any], name: str) -> SafeString:
    """A figure of the weekly report, that week and the eight before; a gap where there was no data."""
    one = trends.BY_NAME[name]
    values = trend[name]
    told = ["no data" if value is None else one.told(value) for value in values]
    most = max([value for value in values if value is not None], default=0)
    top = 1 if one.told is trends.tenths else most * 1.1 or 1
    return _chart(trend["weeks"], f"{one.words}: {', '.join(told)}", values, told, top=top, aims=[])


def _days(card: Card) -> list[str]:
    return [f"{day:%a} {day.day} {day:%b}" for day, _ in card.steps]


def _chart(
    names: list[str], label: str, values: list[float | None], told: list[str], *, top: float, aims: list[tuple[str, float]]
) -> SafeString:  # fmt: skip
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    places = [
        (round(EDGE + step * at, 1), None if value is None else _height(value, top))
        for at, value in enumerate(values)
    ]
    drawn, before = "", None
    for x, y in places:
        if y is not None:
            drawn += f"{'M' if before is None else 'L'}{x} {y}"
        before = y
    return format_html(
        CHART, WIDTH, HEIGHT, label,
        format_html_join("", AIM, ((_height(seconds, top), WIDTH, name, used(seconds)) for name, seconds in aims)),
        drawn,
        format_html_join(
            "", POINT, ((x, y, name, words) for (x, y), name, words in zip(places, names, told, strict=True) if y is not None)
        ),
    )  # fmt: skip


def _height(value: float, top: float) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(value, top) / top, 1)


@register.filter
def strip(told: Told) -> SafeString:
    """A clock's time from left to right by what it was; below it, when a draft waited for review; the due time as a line."""
    length = (told.end - told.start).total_seconds() or 1

    def place(at: datetime) -> float:
        return round(SPAN * (at - told.start).total_seconds() / length, 2)

    def bars(spans: Iterable[Segment], y: int, height: int) -> SafeString:
        return format_html_join(
            "", BAR,
            (
                (one.kind, place(one.start), y, max(round(place(one.end) - place(one.start), 2), 0.5), height,
                 f"{one.kind}, {formats.span((one.end - one.start).total_seconds())}")
                for one in spans
            ),
        )  # fmt: skip

    due = told.clock.due_at
    line = ""
    if due and told.start <= due <= told.end:
        line = format_html('<path class="s-seg-due" d="M{} 0V32"><title>due</title></path>', place(due))
    return format_html(
        '<svg class="s-strip" viewBox="0 0 {} 32" preserveAspectRatio="none" role="img" aria-label="{}">{}{}{}</svg>',
        SPAN, told.in_words, bars(told.clock.segments, 4, 18), bars(told.reviews, 24, 6), line,
    )  # fmt: skip


@register.filter
def metric(name: str) -> str:
    return NAMES.get(name, name)


@register.filter
def clock_state(state: str) -> SafeString:
    return badge(CLOCK_TONES.get(state, "plain"), WORDS.get(sla.State(state), state))


@register.simple_tag(takes_context=True)
def behind(context: dict[str, Any], of: str, n: int, which: str = "") -> SafeString:
    """A figure of the weekly report as a link to its conversations; nothing opens nothing."""
    if not n:
        return format_html("{}", n)
    address = f"{context['rows_url']}?{urlencode({'of': f'{of}/{which}' if which else of})}"
    return format_html('<a class="s-link" href="{}">{}</a>', address, f"{n:,}")


@register.simple_tag(takes_context=True)
def behind_clocks(context: dict[str, Any], metric: str, kind: str, n: int, shown: str = "") -> SafeString:
    """The same of clocks, whose rows the SLA report shows."""
    text, kept = shown or f"{n:,}", context["kept"]
    if not n:
        return format_html("{}", text)
    asked = {"from": kept["from"], "to": kept["to"], "metric": metric, "kind": kind}
    address = f"{reverse('admin:reports_clock_rows')}?{urlencode(asked)}"
    return format_html('<a class="s-link" href="{}">{}</a>', address, text)
