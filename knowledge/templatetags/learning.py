"""Template filters of the learning page: a figure as text, its chart by week, and the words that changed."""

import math
from datetime import datetime
from typing import Any

from django import template
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from webhooks.accounts import access
from webhooks.display import formats

from ..learning.edits import words_between
from ..learning.figures import Figures, Filter, Measure

register = template.Library()
TABS = (
    ("figures", "Decisions", "drafts"), ("coverage", "Coverage", "learning"), ("effect", "Effect", "learning"),
    ("agreement", "Agreement", "learning"),
)  # fmt: skip
WIDTH, HEIGHT, EDGE = 240, 44, 4
CHART = (
    '<svg class="s-chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{} by week">'
    '{}<path class="s-drawn" d="{}"/>{}</svg>'
)
AIM = '<path class="s-aim" d="M0 {}H{}"/>'
POINT = '<path class="s-point" d="M{} {}h0"><title>{}: {}</title></path>'
HOW = {"same": "{}", "gone": '<del class="s-gone">{}</del>', "new": '<ins class="s-new">{}</ins>'}


@register.filter
def learning_tabs(user: User) -> list[tuple[str, str, str]]:
    """The pages of Learning that this person may open: name, label, address."""
    return [
        (name, label, reverse(f"admin:knowledge_learningsignal_{name}"))
        for name, label, right in TABS if access.may(user, right)
    ]  # fmt: skip


def rows_url(where: Filter) -> str:
    """The list of the signals behind a figure."""
    query = urlencode({name: _as_parameter(value) for name, value in where.items()})
    return f"{reverse('admin:knowledge_learningsignal_changelist')}?{query}"


def _as_parameter(value: Any) -> str:
    """A filter's value as a URL parameter."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return ",".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


@register.filter
def figure_text(measure: Measure, value: float | None) -> str:
    """Rounded away from the target, so that a missed one does not look met: 4.499 is not 4.50, nor is 89.96 % 90 %."""
    if value is None:
        return "no data"
    if measure.kind == "share":
        return f"{_below(value * 100, 1):g} %"
    if measure.kind == "grade":
        return f"{_below(value, 2):.2f}"
    return formats.span(math.ceil(value * 60)) if measure.kind == "minutes" else f"{value:,.0f}"


def _below(value: float, digits: int) -> float:
    return int(value * 10**digits + 1e-6) / 10**digits


@register.filter
def verdict(measure: Measure, value: float | None) -> SafeString:
    """Whether the target is met, as text and colour. Empty without a target or without data."""
    met = measure.met(value)
    if met is None:
        return SafeString("")
    aim = f"{measure.target:g}" if measure.kind == "grade" else figure_text(measure, measure.target)
    return format_html(
        '<span class="s-badge {} s-push" title="{} {}">target {} {}</span>', "s-good" if met else "s-warn",
        "at most" if measure.at_most else "at least", aim, aim, "met" if met else "missed",
    )  # fmt: skip


@register.filter
def by_week(measure: Measure, weeks: list[Figures]) -> SafeString:
    """A line, oldest week first, with a gap where there is no data, and the target dashed."""
    values = [week.values.get(measure.name) for week in weeks]
    low, high = _scale(measure, values)
    heights = [_height(value, low, high) for value in values]
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    places = [(round(EDGE + step * at, 1), height) for at, height in enumerate(heights)]
    aim = _height(measure.target, low, high)
    return format_html(
        CHART, WIDTH, HEIGHT, measure.label, "" if aim is None else format_html(AIM, aim, WIDTH), _line(places),
        format_html_join("", POINT, (
            (x, y, _week(week), figure_text(measure, value))
            for (x, y), week, value in zip(places, weeks, values, strict=True) if y is not None
        )),
    )  # fmt: skip


def _line(places: list[tuple[float, float | None]]) -> str:
    """An SVG path from point to point, interrupted by gaps."""
    drawn, before = "", None
    for x, y in places:
        if y is not None:
            drawn += f"{'M' if before is None else 'L'}{x} {y}"
        before = y
    return drawn


def _week(week: Figures) -> str:
    return f"week of {week.since.day} {week.since:%b}"


def _scale(measure: Measure, values: list[float | None]) -> tuple[float, float]:
    known = [value for value in (*values, measure.target) if value is not None]
    if measure.kind == "grade":
        return min(3.5, *known), 5
    return 0, 1 if measure.kind == "share" else max(known, default=1) * 1.1 or 1


def _height(value: float | None, low: float, high: float) -> float | None:
    if value is None:
        return None
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (min(value, high) - low) / (high - low), 1)


@register.filter
def changes(before: str, after: str) -> SafeString:
    """The changes from one text to the other, word by word."""
    pieces = ((format_html(HOW[piece.how], piece.text),) for piece in words_between(before, after))
    return format_html("{}", format_html_join("", "{}", pieces))


@register.filter
def span(seconds: int) -> str:
    return formats.span(seconds)
