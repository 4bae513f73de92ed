"""A calendar as text and bars for people to read. Pure: no database, no clock, no HTML."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..business_time import hours
from ..business_time.arithmetic import DAY, Calendar, NeverOpens, is_open, next_closing, next_opening

NAMES = tuple(WEEKDAYS_ABBR[day] for day in range(7))  # Mon to Sun


def status(calendar: Calendar, *, now: datetime) -> str:
    """open until 17:00; opens Monday 09:00. In the calendar's time zone."""
    if is_open(calendar, now):
        closes = next_closing(calendar, now)
        return (
            _("open until %(moment)s") % {"moment": _moment(closes, calendar, now=now)}
            if closes
            else _("open around the clock")
        )
    try:
        opens = _moment(next_opening(calendar, now), calendar, now=now)
        if " " not in opens:
            return _("opens today %(time)s") % {"time": opens}
        return _("opens %(moment)s") % {"moment": opens}
    except NeverOpens:
        return _("never opens again")


def _moment(at: datetime, calendar: Calendar, *, now: datetime) -> str:
    here, today = at.astimezone(calendar.zone), now.astimezone(calendar.zone).date()
    away = (here.date() - today).days
    if away == 0:
        return f"{here:%H:%M}"
    if away == 1:
        return _("tomorrow %(time)s") % {"time": f"{here:%H:%M}"}
    if away < 7:
        return date_format(here, "l H:i")
    return date_format(here, "D j M, H:i" if here.year == today.year else "D j M Y, H:i")


def week(always_open: bool, weekly: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Mon-Fri 09:00-17:00, Sat 10:00-14:00."""
    if always_open:
        return _("day and night")
    texts = [hours.written(weekly.get(day, [])) for day in hours.DAYS]
    parts = []
    start = 0
    for place in range(1, 8):
        if place == 7 or texts[place] != texts[start]:
            days = str(NAMES[start]) if place - start == 1 else f"{NAMES[start]}-{NAMES[place - 1]}"
            parts += [f"{days} {texts[start]}"] if texts[start] else []
            start = place
    return "; ".join(parts) or _("special openings only")


def bars(calendar: Calendar) -> list[tuple[str, list[tuple[float, float]]]]:
    """Each day's open spans in a regular week, as (start, length) in hours. A span past midnight continues on the next day."""
    found: list[list[tuple[float, float]]] = [[] for _ in NAMES]
    for place, ranges in enumerate(calendar.week):
        for start, end in ranges:
            found[place].append((start / 3600, (min(end, DAY) - start) / 3600))
            if end > DAY:
                found[(place + 1) % 7].append((0, (end - DAY) / 3600))
    return list(zip(map(str, NAMES), found, strict=True))


def days_that_differ(
    calendar: Calendar, *, holidays: Mapping[date, str], closures: Mapping[date, str], first: date, days: int
) -> list[dict[str, Any]]:
    """Days from `first` on that differ from the regular week: holidays, closures and special openings, in order."""
    found = []
    for day in (first + timedelta(days=count) for count in range(days)):
        open_specially = calendar.special.get(day, ())
        if open_specially:
            text = _("open %(hours)s") % {
                "hours": ", ".join(hours.range_text(span) for span in open_specially)
            }
            found.append({"day": day, "kind": "opening", "text": text, "name": holidays.get(day, "")})
        elif day in calendar.special or day in holidays:
            closed_anyway = not calendar.week[day.weekday()]
            kind = "closed anyway" if closed_anyway else "closed"
            text = _("closed anyway") if closed_anyway else _("closed")
            name = closures.get(day) or holidays.get(day) or _("Closure")
            found.append({"day": day, "kind": kind, "text": text, "name": name})
    return found
