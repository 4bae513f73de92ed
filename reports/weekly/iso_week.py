"""ISO weeks as periods in the report's time zone. A year has 52 or 53; a day of a week may have 23 or 25 hours."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from ..periods import Period

NAME = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


class BadWeek(ValueError):
    """There is no such week. The text says what to write."""


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def parse(text: str) -> Period:
    """2026-W47 → its Monday to its Sunday. Raises BadWeek."""
    found = NAME.fullmatch(text)
    try:
        if not found or not 1971 <= int(found[1]) < 2200:
            raise ValueError
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise BadWeek(f"{text[:40]!r} is not an ISO week. Write it as 2026-W47.") from None
    return of_day(monday)


def of_day(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6), zone())


def named(week: Period) -> str:
    year, number, _ = week.first.isocalendar()
    return f"{year}-W{number:02}"


def back(week: Period, weeks: int) -> Period:
    return of_day(week.first - timedelta(weeks=weeks))
