"""Verbs on calendars: seed, change, assign to inboxes, compile; and which one applies to an inbox: its own or the default."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from webhooks.models import Inbox

from ..business_time import hours, public_holidays
from ..business_time.arithmetic import ALWAYS, DAY, Calendar, business_seconds
from ..models import BusinessCalendar, InboxHours

ALL_WEEK = (((0, DAY),),) * 7
FACTS = (
    "name", "zone", "always_open", "weekly", "holidays_country", "holidays_subdivision", "closures", "openings",
)  # fmt: skip


class VersionChanged(Exception):
    def __init__(self, version: int) -> None:
        super().__init__(f"The calendar is now at version {version}. Read it again.")


def seed(*, always_open: bool = False) -> None:
    """always_open: for the demo, so that every clock runs at whatever hour it is shown."""
    weekdays = {day: [["09:00", "17:00"]] for day in hours.DAYS[:5]}
    BusinessCalendar.objects.get_or_create(
        is_default=True,
        defaults={"name": "Support hours", "weekly": weekdays, "always_open": always_open},
    )


def change(
    calendar: BusinessCalendar, facts: dict[str, Any], *, version: int | None = None
) -> BusinessCalendar:
    """Saves a new version if anything changes. Raises VersionChanged if `version` is no longer the newest."""
    with transaction.atomic():
        row = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
        if version not in (None, row.version):
            raise VersionChanged(row.version)
        if any(getattr(row, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(row, name, value)
            row.version += 1
            row.save()
    return row


def make_default(calendar: BusinessCalendar) -> None:
    with transaction.atomic():
        for row in (
            BusinessCalendar.objects.select_for_update().filter(is_default=True).exclude(pk=calendar.pk)
        ):
            row.is_default = False
            row.save(update_fields=["is_default"])
        row = BusinessCalendar.objects.get(pk=calendar.pk)
        row.is_default = True
        row.save(update_fields=["is_default"])


def keep(
    calendar: BusinessCalendar, inboxes: Iterable[Inbox], *, among: Iterable[Inbox] | None = None
) -> None:
    """These inboxes keep this calendar; of `among` (all, where not said) no others do: they fall back to the default."""
    wanted = {inbox.pk for inbox in inboxes}
    with transaction.atomic():
        others = InboxHours.objects.filter(calendar=calendar).exclude(inbox__in=wanted)
        (others if among is None else others.filter(inbox__in=list(among))).delete()
        for inbox in wanted - set(
            InboxHours.objects.filter(calendar=calendar).values_list("inbox", flat=True)
        ):
            InboxHours.objects.update_or_create(inbox_id=inbox, defaults={"calendar": calendar})


def compiled(row: Any) -> Calendar:
    """From a calendar's row, or a row of its history."""
    return _compiled(
        row.zone, row.always_open, row.holidays_country, row.holidays_subdivision,
        json.dumps([row.weekly, row.closures, row.openings]),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _compiled(zone: str, always_open: bool, country: str, subdivision: str, listed: str) -> Calendar:
    """Cached by content, not by version: a save that is rolled back leaves no wrong entry behind."""
    weekly, closures, openings = json.loads(listed)
    return Calendar(
        zone=ZoneInfo(zone),
        week=ALL_WEEK if always_open else hours.week_of(weekly),
        special=dict.fromkeys(hours.closures_of(closures), ()) | hours.openings_of(openings),
        holidays=public_holidays.Dates(country, subdivision) if country else frozenset(),
    )


def as_of(calendar: BusinessCalendar, version: int) -> Calendar:
    """The calendar in an older version: a clock keeps the version that it started with."""
    kept: Any = BusinessCalendar.history  # the library's descriptor has no types
    return compiled(kept.filter(id=calendar.pk, version=version).latest())


@dataclass(frozen=True)
class InForce:
    """All calendars, read once per page or batch."""

    default: Calendar
    own: dict[int, Calendar]

    def of(self, inbox_id: int | None) -> Calendar:
        return self.own.get(inbox_id or 0, self.default)


def in_force() -> InForce:
    """Without a default calendar (nothing is seeded yet), every hour counts as open."""
    rows = {row.pk: row for row in BusinessCalendar.objects.all()}
    default = next((row for row in rows.values() if row.is_default), None)
    own = InboxHours.objects.values_list("inbox_id", "calendar_id")
    return InForce(
        compiled(default) if default else ALWAYS, {inbox: compiled(rows[calendar]) for inbox, calendar in own}
    )


def open_seconds(inbox_id: int | None, start: datetime, end: datetime) -> float:
    """Business time between two moments, by the inbox's current calendar."""
    return business_seconds(in_force().of(inbox_id), start, end)
