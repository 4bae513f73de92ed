"""Template filters of the learning page: a figure as text, its chart by week, and the words that changed."""

import math
from datetime import datetime
from typing import Any

from django import template
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.accounts import access
from webhooks.display import formats

from ..learning.edits import words_between
from ..learning.figures import Figures, Filter, Measure

register = template.Library()
TABS = (
    ("figures", gettext_lazy("Decisions"), "drafts"), ("coverage", gettext_lazy("Coverage"), "learning"),
    ("effect", gettext_lazy("Effect"), "learning"), ("agreement", gettext_lazy("Agreement"), "learning"),
)  # fmt: skip
WIDTH, HEIGHT, EDGE = 240, 44, 4
CHART = (
    '<svg class="s-chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
    '{}<path class="s-drawn" d="{}"/>{}</svg>'
)
AIM = '<path class="s-aim" d="M0 {}H{}"/>'
POINT = '<path class="s-point" d="M{} {}h0"><title>{}: {}</title></path>'
HOW = {"same": "{}", "gone": '<del class="s-gone">{}</del>', "new": '<ins class="s-new">{}</ins>'}


@register.filter
def learning_tabs(user: User) -> list[tuple[str, str, str]]:
    """The pages of Learning that this person may open: name, label, address."""
    return [
        (name, str(label), reverse(f"admin:knowledge_learningsignal_{name}"))
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
        return _("no data")
    if measure.kind == "share":
        return f"{_short(_below(value * 100, 1))} %"
    if measure.kind == "grade":
        return number_format(_below(value, 2), 2)
    return formats.span(math.ceil(value * 60)) if measure.kind == "minutes" else formats.number(round(value))


def _short(value: float) -> str:
    """Without a decimal that is zero."""
    return formats.number(value, 0 if value == int(value) else 1)


def _below(value: float, digits: int) -> float:
    return int(value * 10**digits + 1e-6) / 10**digits


@register.filter
def verdict(measure: Measure, value: float | None) -> SafeString:
    """Whether the target is met, as text and colour. Empty without a target or without data."""
    met = measure.met(value)
    if met is None:
        return SafeString("")
    aim = _short(measure.target or 0) if measure.kind == "grade" else figure_text(measure, measure.target)
    return format_html(
        '<span class="s-badge {} s-push" title="{}">{}</span>', "s-good" if met else "s-warn",
        (_("at most %(target)s") if measure.at_most else _("at least %(target)s")) % {"target": aim},
        (_("target %(target)s met") if met else _("target %(target)s missed")) % {"target": aim},
    )  # fmt: skip


@register.simple_tag
def beside(cell: Any) -> SafeString:
    """The counts shown with a figure, each a link to its rows: graded 31 of 40 decided."""
    counts = {name: _counted(part) for name, part in (("part", cell.part), ("whole", cell.whole))}
    text = format_html(str(cell.measure.beside_text), **counts)
    return format_html(_("median, {counts}"), counts=text) if cell.measure.is_median else text


def _counted(part: Any) -> SafeString:
    if not part.count:
        return SafeString("0")
    return format_html('<a class="s-count" href="{}">{}</a>', part.link, formats.number(part.count))


@register.simple_tag
def beside_plain(cell: Any) -> str:
    """As `beside`, as text."""
    return str(cell.measure.beside_text).format(
        part=formats.number(cell.part.count), whole=formats.number(cell.whole.count)
    )


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
        CHART,
        WIDTH,
        HEIGHT,
        _("%(figure)s by week") % {"figure": measure.label},
        "" if aim is None else format_html(AIM, aim, WIDTH),
        _line(places),
        format_html_join(
            "",
            POINT,
            (
                (x, y, _week(week), figure_text(measure, value))
                for (x, y), week, value in zip(places, weeks, values, strict=True)
                if y is not None
            ),
        ),
    )


def _line(places: list[tuple[float, float | None]]) -> str:
    """An SVG path from point to point, interrupted by gaps."""
    drawn, before = "", None
    for x, y in places:
        if y is not None:
            drawn += f"{'M' if before is None else 'L'}{x} {y}"
        before = y
    return drawn


def _week(week: Figures) -> str:
    return _("week of %(day)s") % {"day": date_format(week.since, "MONTH_DAY_FORMAT")}


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
