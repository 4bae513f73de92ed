"""A week's figures are kept once, when the week is over, and never written again."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from ..attainment import Period
from ..weekly_models import WeeklyReport
from . import figures, weeks, words

MADE_AT, WAITS_UNTIL = time(7), time(9)


class Unavailable(Exception):
    """There is no report of this week yet: the text says when there is."""


def of_week(week: Period, *, now: datetime) -> WeeklyReport:
    """As kept; made if nobody did. Raises Unavailable while the week runs, or its data may still be on its way."""
    kept = WeeklyReport.objects.filter(week=weeks.named(week)).first()
    if kept is None and week.end <= now and _waits(week, now=now):
        raise Unavailable(
            f"Week {weeks.named(week)} is not complete yet: its report is made by 09:00 ({week.zone})."
        )
    return kept or make(week, now=now)


def make(week: Period, *, now: datetime) -> WeeklyReport:
    if now < week.end:
        raise Unavailable(
            f"Week {weeks.named(week)} is not over: its report is made on {week.end:%A %-d %B %Y} at 07:00 ({week.zone})."
        )
    found = figures.figures(week, now=now)
    kept: dict[str, Any] = {
        "week": weeks.named(week), "from": week.first, "to": week.last, "zone": str(week.zone), "made_at": now,
        "complete": found["webhooks"]["complete"], **words.told(weeks.named(week), found), **found,
    }  # fmt: skip
    row, _ = WeeklyReport.objects.get_or_create(
        week=kept["week"],
        defaults={
            "made_at": now,
            "is_complete": found["webhooks"]["complete"],
            "kept": json.dumps(kept, cls=DjangoJSONEncoder),
        },
    )
    return row


def make_due(*, now: datetime) -> None:
    """A chore: last week's, from Monday 07:00 of the report's zone; until 09:00 only if all that was received is counted."""
    week = weeks.back(weeks.of_day(now.astimezone(weeks.zone()).date()), 1)
    if now < due_at(week) or WeeklyReport.objects.filter(week=weeks.named(week)).exists():
        return
    if not _waits(week, now=now):
        make(week, now=now)


def due_at(week: Period) -> datetime:
    """When the report of that week is made."""
    return _on_monday(week, MADE_AT)


def _waits(week: Period, *, now: datetime) -> bool:
    """What was received is still to be counted, and it is not yet time to do without."""
    return now < _on_monday(week, WAITS_UNTIL) and not figures.webhooks(week, now=now)["complete"]


def _on_monday(week: Period, at: time) -> datetime:
    """By the zone's clock on the morning after, however many hours the night had."""
    return datetime.combine(week.last + timedelta(days=1), at, tzinfo=week.zone)
