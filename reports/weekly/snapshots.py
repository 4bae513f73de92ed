"""Saves the figures of a week once, when the week is over, and never changes them. Reading saves nothing."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from webhooks.alerts import alerts
from webhooks.database import outage
from webhooks.display import charts

from ..attainment import attainment
from ..attainment.cells import NAMES
from ..models import WeeklyReport
from ..periods import Period
from . import action_items, csat, escalations, figures, iso_week, languages, notifications, summary, volume
from .readers import EVERYONE

MADE_AT, WAITS_UNTIL = time(7), time(9)
ALERT = "report:weekly"


class Unavailable(Exception):
    """There is no report for this week yet. The text says when there will be."""


def read(week: Period, *, now: datetime) -> dict[str, Any]:
    """The saved report, or one calculated now with "kept" false. Raises Unavailable until the week is over.

    Of every inbox: its reader must see every inbox.
    """
    saved = WeeklyReport.objects.filter(week=iso_week.named(week)).first()
    if saved:
        return saved.snapshot
    _require_over(week, now=now)
    return calculated(week, now=now)


def calculated(week: Period, *, now: datetime, reader: User = EVERYONE) -> dict[str, Any]:
    """The figures of the reader's inboxes as of now, not saved. A running week is calculated so far."""
    found: dict[str, Any] = json.loads(_content(week, now=now, kept=False, reader=reader))
    return found


def make(week: Period, *, now: datetime) -> WeeklyReport:
    """Saves the report unless it is saved already. Raises Unavailable until the week is over and its data has arrived."""
    saved = WeeklyReport.objects.filter(week=iso_week.named(week)).first()
    if saved:
        return saved
    if week.end <= now and _waits(week, now=now):
        raise Unavailable(
            _(
                "The data of week %(week)s is not complete yet. Its report will be created by 09:00 (%(zone)s)."
            )
            % {"week": iso_week.named(week), "zone": week.zone}
        )
    _require_over(week, now=now)
    return _save(week, _content(week, now=now, kept=True), now=now)


def _save(week: Period, text: str, *, now: datetime) -> WeeklyReport:
    facts = {"made_at": now, "is_complete": json.loads(text)["complete"], "content": text}
    return WeeklyReport.objects.get_or_create(week=iso_week.named(week), defaults=facts)[0]


def _require_over(week: Period, *, now: datetime) -> None:
    if now < week.end:
        facts = {
            "week": iso_week.named(week), "day": date_format(week.end, "D"), "date": date_format(week.end), "zone": week.zone,
        }  # fmt: skip
        raise Unavailable(
            _(
                "Week %(week)s is not over yet. Its report will be created on %(day)s %(date)s at 07:00 (%(zone)s)."
            )
            % facts
        )


@translation.override(languages.SAVED_IN)
def _content(week: Period, *, now: datetime, kept: bool, reader: User = EVERYONE) -> str:
    name = iso_week.named(week)
    found = figures.figures(week, now=now, reader=reader)
    items = action_items.listed(name, found, now=now, reader=reader)
    report: dict[str, Any] = {
        "week": name, "from": week.first, "to": week.last, "zone": str(week.zone), "made_at": now, "kept": kept,
        "running": now < week.end,
        "complete": found["webhooks"]["complete"], "headline": summary.headline(name, found, len(items), running=now < week.end),
        "needs_you": items, "text": summary.text(found, running=now < week.end), **found,
    }  # fmt: skip
    return json.dumps(report, cls=DjangoJSONEncoder)


def make_due(*, now: datetime) -> None:
    """A chore: creates last week's report from Monday 07:00 in the report's zone; until 09:00 only if its data is complete."""
    week = iso_week.back(iso_week.of_day(now.astimezone(iso_week.zone()).date()), 1)
    if now < due_at(week) or WeeklyReport.objects.filter(week=iso_week.named(week)).exists():
        return
    try:
        if _waits(week, now=now):
            return
        text = _content(
            week, now=now, kept=True
        )  # before the transaction, because SQLite has one writer at a time
        with transaction.atomic():
            notifications.notify(_save(week, text, now=now), now=now)
    except Exception as error:
        if outage.is_one(error):
            raise
        text = f"The report for week {iso_week.named(week)} could not be created: {type(error).__name__}."
        alerts.open_("report", key=ALERT, text=text, now=now)
        raise
    alerts.close(ALERT, now=now)


def due_at(week: Period) -> datetime:
    """When the report of that week is created."""
    return _on_monday(week, MADE_AT)


def _waits(week: Period, *, now: datetime) -> bool:
    """Data is still missing, and it is too early to create the report without it."""
    return now < _on_monday(week, WAITS_UNTIL) and attainment.complete_until(now=now) < week.end


def _on_monday(week: Period, at: time) -> datetime:
    """The time of day on the Monday after the week, whatever daylight saving does in the night."""
    return datetime.combine(week.last + timedelta(days=1), at, tzinfo=week.zone)


def changed_since(report: dict[str, Any], *, now: datetime) -> list[str]:
    """Figures that current data gives differently, one line each. The saved report does not change."""
    week = iso_week.parse(report["week"])
    was, is_now = _facts(report), _facts(_counted(week, now=now))
    return [
        _("%(figure)s: %(before)s then, %(now)s now")
        % {"figure": name, "before": charts.count(was[name]), "now": charts.count(value)}
        for name, value in is_now.items()
        if was[name] != value
    ]


def _counted(week: Period, *, now: datetime) -> dict[str, Any]:
    changes = volume.changes(week)
    return {
        "adherence": figures.adherence(week, now=now), "flow": changes, "csat": csat.figures(week),
        "escalations": escalations.figures(week, opened=changes["opened"], now=now),
    }  # fmt: skip


def _facts(found: dict[str, Any]) -> dict[str, int]:
    """Figures that are final once the week is over, unless data arrives late."""
    clocks = {
        label % {"metric": NAMES[metric]}: one[what]
        for metric, one in found["adherence"].items()
        for what, label in (("met", _("%(metric)s met")), ("missed", _("%(metric)s missed")))
    }
    return clocks | {
        _("Conversations opened"): found["flow"]["opened"], pgettext("conversations", "Resolved"): found["flow"]["resolved"],
        _("Escalations raised"): found["escalations"]["raised"], _("Ratings"): found["csat"]["rated"],
    }  # fmt: skip
