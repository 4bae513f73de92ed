"""The effect of a version as a table, wherever a page shows one. Each figure links to its decisions."""

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.utils.formats import get_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.display import charts, formats

from ..learning import effects
from ..learning.effect_measures import Figure, Measure, Verdict
from ..learning.effects import Found, Step
from ..learning.figures import Filter
from ..models import ArticleVersion, Change
from ..uncertainty import Estimate
from .learning import rows_url

register = template.Library()
TONES = {Verdict.BETTER: "s-good", Verdict.WORSE: "s-bad"}


@register.filter
def points(change: Estimate | None) -> SafeString | str:
    """+12 points, and below it: −3 to +27"""
    if change is None:
        return "–"
    value, low, high = (
        f"{round(one * 100, 1) or 0:+.3g}".replace("-", "−").replace(".", get_format("DECIMAL_SEPARATOR"))
        for one in change
    )
    return format_html(
        '{}<br><span class="s-small s-quiet">{}</span>',
        _("%(n)s points") % {"n": value}, _("%(low)s to %(high)s") % {"low": low, "high": high},
    )  # fmt: skip


@register.filter
def in_points(value: float) -> str:
    """Of a distance between two shares."""
    return _("%(n)s points") % {"n": number_format(value * 100, 1)}


@register.filter
def share_of(value: float | None) -> str:
    return str(charts.NO_DATA) if value is None else charts.share(value)


@register.simple_tag
def verdict_badge(verdict: Verdict, text: str) -> SafeString:
    return format_html(
        '<span class="s-badge {}">{}</span>', TONES.get(verdict, ""), text[:1].upper() + text[1:]
    )


@register.simple_tag
def behind(figure: Figure, which: str, where: Filter) -> SafeString:
    """One side of a figure with its n, as a link to its decisions. which: before or after."""
    value, n = getattr(figure, which), getattr(figure, f"n_{which}")
    if not n:
        return format_html('<span class="s-quiet">{}</span>', _("no data"))
    return format_html(
        '<a class="s-count" href="{}">{}</a> <span class="s-small s-quiet">n = <a class="s-count" href="{}">{}</a></span>',
        rows_url(where | _part(figure.measure)), share_of(value),
        rows_url(where | effects.WHOLES[figure.measure.whole]), formats.number(n),
    )  # fmt: skip


def _part(measure: Measure) -> Filter:
    return effects.PARTS.get(measure.name, effects.WHOLES[measure.whole])


@register.filter
def where(step: Step, side: str) -> Filter:
    return step.where(side)


@register.inclusion_tag("knowledge/effect_of_change.html", takes_context=True)
def effect_of_change(context: template.Context, change: Change) -> dict[str, Any]:
    """On the page of an approved change, for people who see the team's decisions."""
    version = ArticleVersion.objects.filter(change=change).select_related("article__current").first()
    return {"found": version and _of(version, context["request"].user), "version": version}


@register.inclusion_tag("knowledge/effect_of_change.html", takes_context=True)
def effect_of_version(context: template.Context, version: ArticleVersion) -> dict[str, Any]:
    return {"found": _of(version, context["request"].user), "version": version}


def _of(version: ArticleVersion, user: User) -> Found | None:
    return effects.of_version(version, user, now=clock.now()) if access.may(user, "learning") else None
