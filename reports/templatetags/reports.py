"""Figures of reports as people read them: business time in hours, shares rounded down, changes with their interval."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from knowledge.models import Escalation
from webhooks.display import formats
from webhooks.templatetags.support import badge

from .. import sla
from ..attainment.uncertainty import Interval
from ..clocks.timeline import NAMES, WORDS
from ..weekly import export, trends

register = template.Library()
LEVELS = {str(number): label for number, label in Escalation.Level.choices}
CLOCK_TONES = {
    "met": "DONE",
    "missed": "DEAD",
    "running": "PENDING",
    "paused": "HELD",
}  # the badge colours of the site's other states


@register.filter
def used(seconds: float | None) -> str:
    """Business time."""
    return "no data" if seconds is None else formats.business_span(seconds)


@register.filter
def span(seconds: float | None) -> str:
    return "no data" if seconds is None else formats.span(seconds)


@register.filter
def share(value: float | None) -> str:
    """Rounded down, so that 99.96 % does not look like all."""
    return trends.tenths(value)


@register.filter
def whole_percent(value: float) -> str:
    """For squares that have no room for more. Rounded down."""
    return trends.percent(value).removesuffix(" %")


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
    """A reason, or the number of a level, as people call it."""
    return export.REASONS.get(reason) or LEVELS.get(reason, reason)


@register.simple_tag
def changed(change: float, interval: Interval, comparable: bool = True) -> SafeString:
    """Percentage points with their interval. Coloured only if the change is more than chance and the ranges are alike."""
    clear = comparable and not interval.is_noise
    mark = ("▲ " if change > 0 else "▼ ") if clear else ""
    tone = ("s-up" if change > 0 else "s-down") if clear else "s-quiet"
    noise = "within chance: " if interval.is_noise else ""
    between = f"{noise}95 % interval {interval.low:+.1f} to {interval.high:+.1f}".replace("-", "−")
    return format_html(
        '<span class="{}">{}{}</span> <span class="s-small s-quiet">({})</span>',
        tone,
        mark,
        points(change),
        between,
    )


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
    return format_html('<a class="s-count" href="{}">{}</a>', address, f"{n:,}")


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
    return format_html('<a class="s-count" href="{}">{}</a>', address, text)
