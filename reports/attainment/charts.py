"""The charts of an SLA report's card: how many targets were met, and how long it took, step by step."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from knowledge.business_time.arithmetic import Calendar, business_seconds
from knowledge.calendars import inbox_calendars
from webhooks.display import charts
from webhooks.display.charts import Chart, Series

from ..periods import Period
from .attainment import Step, quantile
from .cells import Card

MOST_TARGETS = 3  # lines that a chart can hold and a reader can tell apart


def of(card: Card, period: Period) -> list[Chart]:
    """Days on which the default calendar is closed are gaps: the few clocks decided then say nothing about the desk."""
    calendar = inbox_calendars.in_force().default
    is_open = [period.step > 1 or _opens(day, period, calendar) for day, _ in card.steps]
    steps = [step if known else None for (_, step), known in zip(card.steps, is_open, strict=True)]
    labels = [step_label(day) for day, _ in card.steps]
    return [_met(card, labels, steps, period), _times(card, labels, steps, period)]


def step_label(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


def axis(period: Period) -> str:
    return _("Day") if period.step == 1 else _("Week from")


def _opens(day: date, period: Period, calendar: Calendar) -> bool:
    one = Period(day, day, period.zone)
    return business_seconds(calendar, one.start, one.end) > 0


def _met(card: Card, labels: list[str], steps: list[Step | None], period: Period) -> Chart:
    series = [Series(_("Met"), [_share(step) for step in steps])]
    if card.before["attainment"] is not None:
        series.append(
            Series(_("Range before"), [card.before["attainment"]] * len(steps), "quiet", dashed=True)
        )
    title = _("%(metric)s: targets met") % {"metric": card.name}
    return Chart(title, labels, series, charts.SHARE, axis=axis(period))


def _times(card: Card, labels: list[str], steps: list[Step | None], period: Period) -> Chart:
    series = [Series(_("Median"), [quantile(step.business, 0.5) if step else None for step in steps])]
    targets: dict[float, str] = {}
    for name, seconds in card.targets:
        if seconds:
            targets.setdefault(seconds, name)
    for seconds, name in list(targets.items())[:MOST_TARGETS]:
        series.append(
            Series(_("Target (%(policy)s)") % {"policy": name}, [seconds] * len(steps), "warn", dashed=True)
        )
    title = _("%(metric)s: median time") % {"metric": card.name}
    return Chart(title, labels, series, charts.DURATION, axis=axis(period))


def _share(step: Step | None) -> float | None:
    n = step.counts["met"] + step.counts["missed"] if step else 0
    return step.counts["met"] / n if step and n else None
