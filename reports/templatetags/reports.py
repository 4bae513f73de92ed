"""Figures of reports as people read them: business time in hours, shares rounded down, changes with their interval."""

import math
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from webhooks.display import charts, formats
from webhooks.templatetags.support import badge

from .. import sla
from ..attainment.cells import IN_TEXT, NAMES
from ..attainment.uncertainty import Interval
from ..clocks import timeline
from ..sla.metrics import UNASSIGNED
from ..weekly import escalations, trends

register = template.Library()
CLOCK_TONES = {
    "met": "DONE",
    "missed": "DEAD",
    "running": "PENDING",
    "paused": "HELD",
}  # the badge colours of the site's other states


@register.filter
def used(seconds: float | None) -> str:
    """Business time."""
    return _("no data") if seconds is None else formats.business_span(seconds)


@register.filter
def span(seconds: float | None) -> str:
    return _("no data") if seconds is None else formats.span(seconds)


@register.filter
def share(value: float | None) -> str:
    """Rounded down, so that 99.96 % does not look like all."""
    return trends.percent(value)


@register.filter
def whole_percent(value: float) -> str:
    """For squares that have no room for more. Rounded down."""
    return str(math.floor(value * 100 + 1e-9))


@register.filter
def points(change: float) -> str:
    return _("%(change)s points") % {"change": _signed(change, 1)}


@register.filter
def grade(value: float | None) -> str:
    return _("no data") if value is None else trends.grade(value)


@register.filter
def short_of(value: float | None, target: float) -> str:
    """The CSS class of a figure that is below its target."""
    return "s-late" if value is not None and value < target else ""


@register.filter
def moved(change: int) -> str:
    return _signed(change, 0)


def _signed(change: float, decimals: int) -> str:
    sign = "−" if change < 0 else "+"
    return sign + number_format(abs(change), decimals, force_grouping=True)


@register.filter
def escalation(reason: str) -> str:
    """A reason, or the number of a level, as people call it."""
    return escalations.called(reason)


@register.simple_tag
def changed(change: float, interval: Interval, comparable: bool = True) -> SafeString:
    """Percentage points with their interval. Coloured only if the change is more than chance and the ranges are alike."""
    clear = comparable and not interval.is_noise
    mark = ("▲ " if change > 0 else "▼ ") if clear else ""
    tone = ("s-up" if change > 0 else "s-down") if clear else "s-quiet"
    ends = {"low": _signed(interval.low, 1), "high": _signed(interval.high, 1)}
    between = (
        _("within chance: 95 %% interval %(low)s to %(high)s")
        if interval.is_noise
        else _("95 %% interval %(low)s to %(high)s")
    )
    return format_html(
        '<span class="{}">{}{}</span> <span class="s-small s-quiet">({})</span>',
        tone,
        mark,
        points(change),
        between % ends,
    )


@register.filter
def metric(name: str) -> str:
    return str(NAMES.get(name, name))


@register.filter
def metric_in_text(name: str) -> str:
    return str(IN_TEXT.get(name, name))


@register.filter
def clock_state(state: str) -> SafeString:
    return badge(CLOCK_TONES.get(state, "plain"), str(timeline.WORDS.get(sla.State(state), state)))


@register.filter
def time_kind(kind: str) -> str:
    """Of the time of a clock: counted, closed, and so on."""
    return str(timeline.TITLES[kind])


@register.filter
def attributed(name: str | None) -> str:
    """Who a clock belongs to."""
    return _("unassigned") if name == UNASSIGNED else name or "–"


@register.simple_tag(takes_context=True)
def drilldown(context: dict[str, Any], of: str, n: int, which: str = "") -> SafeString:
    """A figure of the weekly report as a link to its conversations; zero is not a link."""
    if not n:
        return format_html("{}", n)
    address = f"{context['rows_url']}?{urlencode({'of': f'{of}/{which}' if which else of})}"
    return format_html('<a class="s-count" href="{}">{}</a>', address, charts.count(n))


@register.simple_tag(takes_context=True)
def drilldown_clocks(
    context: dict[str, Any], metric: str, outcome: str, n: int, shown: str = ""
) -> SafeString:
    """A figure that counts clocks, as a link to their rows in the SLA report."""
    text, report = shown or charts.count(n), context["report"]
    if not n:
        return format_html("{}", text)
    asked = {"from": report["from"], "to": report["to"], "metric": metric, "outcome": outcome}
    address = f"{reverse('admin:reports_clock_rows')}?{urlencode(asked)}"
    return format_html('<a class="s-count" href="{}">{}</a>', address, text)
