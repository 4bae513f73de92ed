"""A week's figures are kept once, when the week is over, and never written again. Looking keeps nothing."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from webhooks.alerts import alerts
from webhooks.database import outage

from ..attainment import attainment
from ..attainment.cells import NAMES
from ..models import WeeklyReport
from ..periods import Period
from . import action_items, csat, escalations, figures, iso_week, notifications, summary, volume

MADE_AT, WAITS_UNTIL = time(7), time(9)
ALERT = "report:weekly"


class Unavailable(Exception):
    """There is no report of this week yet: the text says when there is."""


def read(week: Period, *, now: datetime) -> dict[str, Any]:
    """As kept; else as it would be kept now, with "kept" false. Raises Unavailable while the week runs."""
    kept = WeeklyReport.objects.filter(week=iso_week.named(week)).first()
    if kept:
        return kept.snapshot
    found: dict[str, Any] = json.loads(_told(week, now=now, kept=False))
    return found


def make(week: Period, *, now: datetime) -> WeeklyReport:
    """Kept, if nobody did before. Raises Unavailable while the week runs, or its data may still be on its way."""
    kept = WeeklyReport.objects.filter(week=iso_week.named(week)).first()
    if kept:
        return kept
    if week.end <= now and _waits(week, now=now):
        raise Unavailable(
            f"Week {iso_week.named(week)} is not complete yet: its report is made by 09:00 ({week.zone})."
        )
    return _keep(week, _told(week, now=now, kept=True), now=now)


def _keep(week: Period, text: str, *, now: datetime) -> WeeklyReport:
    facts = {"made_at": now, "is_complete": json.loads(text)["complete"], "kept": text}
    return WeeklyReport.objects.get_or_create(week=iso_week.named(week), defaults=facts)[0]


def _told(week: Period, *, now: datetime, kept: bool) -> str:
    if now < week.end:
        raise Unavailable(
            f"Week {iso_week.named(week)} is not over: its report is made on {week.end:%A %-d %B %Y} at 07:00 ({week.zone})."
        )
    name, found = iso_week.named(week), figures.figures(week, now=now)
    decisions = action_items.you(name, found, now=now)
    told: dict[str, Any] = {
        "week": name, "from": week.first, "to": week.last, "zone": str(week.zone), "made_at": now, "kept": kept,
        "complete": found["webhooks"]["complete"], "headline": summary.headline(name, found, len(decisions)),
        "needs_you": decisions, "text": summary.text(found), **found,
    }  # fmt: skip
    return json.dumps(told, cls=DjangoJSONEncoder)


def make_due(*, now: datetime) -> None:
    """A chore: last week's, from Monday 07:00 of the report's zone; until 09:00 only if its data is complete."""
    week = iso_week.back(iso_week.of_day(now.astimezone(iso_week.zone()).date()), 1)
    if now < due_at(week) or WeeklyReport.objects.filter(week=iso_week.named(week)).exists():
        return
    try:
        if _waits(week, now=now):
            return
        text = _told(week, now=now, kept=True)  # before the transaction: SQLite has one writer at a time
        with transaction.atomic():
            notifications.tell(_keep(week, text, now=now), now=now)
    except outage.NO_ANSWER:
        raise
    except Exception as error:
        text = f"The report of week {iso_week.named(week)} could not be made: {type(error).__name__}."
        alerts.open_("report", key=ALERT, text=text, now=now)
        raise
    alerts.close(ALERT, now=now)


def due_at(week: Period) -> datetime:
    """When the report of that week is made."""
    return _on_monday(week, MADE_AT)


def _waits(week: Period, *, now: datetime) -> bool:
    """Something is still to come or to be counted, and it is not yet time to do without."""
    return now < _on_monday(week, WAITS_UNTIL) and attainment.complete_until(now=now) < week.end


def _on_monday(week: Period, at: time) -> datetime:
    """By the zone's clock on the morning after, however many hours the night had."""
    return datetime.combine(week.last + timedelta(days=1), at, tzinfo=week.zone)


def changed_since(kept: dict[str, Any], *, now: datetime) -> list[str]:
    """What the rows say otherwise by now, a line a figure: the snapshot stays as it was told."""
    week = iso_week.parse(kept["week"])
    was, is_now = _facts(kept), _facts(_counted(week, now=now))
    return [
        f"{name}: {was[name]:,} then, {value:,} now" for name, value in is_now.items() if was[name] != value
    ]


def _counted(week: Period, *, now: datetime) -> dict[str, Any]:
    moves = volume.moves(week)
    return {
        "adherence": figures.adherence(week, now=now), "flow": moves, "csat": csat.figures(week),
        "escalations": escalations.figures(week, opened=moves["opened"], now=now),
    }  # fmt: skip


def _facts(found: dict[str, Any]) -> dict[str, int]:
    """What is settled once the week is over, unless data comes late."""
    clocks = {
        f"{NAMES[metric]} {what}": one[what]
        for metric, one in found["adherence"].items()
        for what in ("met", "missed")
    }
    return clocks | {
        "Conversations opened": found["flow"]["opened"], "Resolved": found["flow"]["resolved"],
        "Escalations raised": found["escalations"]["raised"], "Ratings": found["csat"]["rated"],
    }  # fmt: skip
