"""The charts of a week, from its report alone: page, PDF and email show the same ones."""

from collections.abc import Callable
from typing import Any

from webhooks.display import charts
from webhooks.display.charts import BARS, RANKED, Chart, Series

from ..attainment.cells import NAMES
from . import flow

Report = dict[str, Any]
TONES = {"first_response": "main", "next_response": "second", "resolution": "third"}


def headline(report: Report) -> list[Chart]:
    """The three that a reader sees first."""
    return [targets_met(report), volume(report), ratings(report)]


def targets_met(report: Report) -> Chart:
    series = [Series(NAMES[metric], report["trend"][metric], tone) for metric, tone in TONES.items()]
    return Chart("Targets met", _weeks(report), series, charts.SHARE, axis="Week")


def north_star(report: Report) -> Chart:
    series = [Series("Known to be in time and right", report["trend"].get("north_star", []))]
    return Chart("In time and right", _weeks(report), series, charts.SHARE, axis="Week")


def volume(report: Report) -> Chart:
    trend = report["trend"]
    came, done, left = trend["opened"], trend["resolved"], trend["backlog"]
    return flow.drawn("New, resolved and backlog", _weeks(report), came, done, left, "Week")


def ratings(report: Report) -> Chart:
    series = [Series("4 or 5 stars", report["trend"]["satisfied"])]
    return Chart("Satisfied customers", _weeks(report), series, charts.SHARE, axis="Week")


def causes(report: Report, link: Callable[[str], str] = lambda cause: "") -> Chart:
    """link: where the conversations of a cause are listed."""
    found = report["why_missed"]
    labels = [cause.capitalize() for cause in found]
    links = [link(cause) for cause in found]
    return Chart(
        "Missed targets by cause", labels, [Series("Missed", list(found.values()), "bad")], form=RANKED,
        links=links if any(links) else (), axis="Cause",
    )  # fmt: skip


def outcomes(report: Report) -> Chart:
    trend = report["trend"]
    series = [
        Series("Approved unedited", trend["unedited"], "good"),
        Series("Edited", trend["edited"], "warn"),
        Series("Rejected", trend["rejected"], "bad"),
    ]
    return Chart("Drafts by outcome", _weeks(report), series, form=BARS, stacked=True, axis="Week")


def edits(report: Report) -> Chart:
    series = [Series("Edit ratio", report["trend"]["edit_ratio"])]
    return Chart(
        "How much of an approved reply was changed", _weeks(report), series, charts.SHARE, axis="Week"
    )


def _weeks(report: Report) -> list[str]:
    names = [name[5:] for name in report["trend"]["weeks"]]
    return [*names[:-1], f"{names[-1]} so far"] if report.get("running") else names
