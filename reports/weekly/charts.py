"""The charts of a week, from its report alone: page, PDF and email show the same ones."""

from collections.abc import Callable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from webhooks.display import charts
from webhooks.display.charts import BARS, RANKED, Chart, Series

from ..attainment.cells import NAMES
from . import flow, miss_causes

Report = dict[str, Any]
TONES = {"first_response": "main", "next_response": "second", "resolution": "third"}


def headline(report: Report) -> list[Chart]:
    """The three that a reader sees first."""
    return [targets_met(report), volume(report), ratings(report)]


def targets_met(report: Report) -> Chart:
    series = [Series(str(NAMES[metric]), report["trend"][metric], tone) for metric, tone in TONES.items()]
    return Chart(_("Targets met"), _weeks(report), series, charts.SHARE, axis=_("Week"))


def north_star(report: Report) -> Chart:
    series = [Series(_("Known to be in time and right"), report["trend"].get("north_star", []))]
    return Chart(_("In time and right"), _weeks(report), series, charts.SHARE, axis=_("Week"))


def volume(report: Report) -> Chart:
    trend = report["trend"]
    came, done, left = trend["opened"], trend["resolved"], trend["backlog"]
    return flow.drawn(_("New, resolved and backlog"), _weeks(report), came, done, left, _("Week"))


def ratings(report: Report) -> Chart:
    series = [Series(_("4 or 5 stars"), report["trend"]["satisfied"])]
    return Chart(_("Satisfied customers"), _weeks(report), series, charts.SHARE, axis=_("Week"))


def causes(report: Report, link: Callable[[str], str] = lambda cause: "") -> Chart:
    """link: where the conversations of a cause are listed."""
    found = report["why_missed"]
    labels = [capfirst(miss_causes.called(cause)) for cause in found]
    links = [link(cause) for cause in found]
    return Chart(
        _("Missed targets by cause"), labels, [Series(_("Missed"), list(found.values()), "bad")], form=RANKED,
        links=links if any(links) else (), axis=_("Cause"),
    )  # fmt: skip


def outcomes(report: Report) -> Chart:
    trend = report["trend"]
    series = [
        Series(_("Approved unedited"), trend["unedited"], "good"),
        Series(pgettext("drafts", "Edited"), trend["edited"], "warn"),
        Series(pgettext("drafts", "Rejected"), trend["rejected"], "bad"),
    ]
    return Chart(_("Drafts by outcome"), _weeks(report), series, form=BARS, stacked=True, axis=_("Week"))


def edits(report: Report) -> Chart:
    series = [Series(_("Edit ratio"), report["trend"]["edit_ratio"])]
    return Chart(
        _("How much of an approved reply was changed"), _weeks(report), series, charts.SHARE, axis=_("Week")
    )


def _weeks(report: Report) -> list[str]:
    names = [name[5:] for name in report["trend"]["weeks"]]
    return [*names[:-1], _("%(week)s so far") % {"week": names[-1]}] if report.get("running") else names
