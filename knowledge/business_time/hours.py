"""Opening hours as people and JSON write them: read into ranges, checked, and written back. No database, no clock.

Unclear says what is wrong and what to write instead.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .arithmetic import DAY, Range

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEARS = range(1970, 2200)
MOST_RANGES = 48  # a day
MOST_DATES = 2000
MIDNIGHT = "24:00"
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
TYPED = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.](\d{2}))?", re.IGNORECASE)
WHOLE_DAY = ("all day", "24 h", "24h", "always")
NO_HOURS = ("", "-", "–", "closed")


class Unclear(Exception):
    pass


# JSON: [["09:00", "12:00"], ["13:00", "17:00"]]


def ranges_of(value: Any) -> tuple[Range, ...]:
    """In order. Raises Unclear."""
    if not isinstance(value, list) or len(value) > MOST_RANGES:
        raise Unclear(
            f'{_quoted(value)} is not a list of ranges. Write [["09:00", "12:00"], ["13:00", "17:00"]].'
        )
    found = sorted(_range(pair) for pair in value)
    for (start, end), (following, last) in pairwise(found):
        if following < end:
            raise Unclear(
                _("%(range_text)s and %(range_text_2)s overlap. Combine them into one range.")
                % {"range_text": range_text((start, end)), "range_text_2": range_text((following, last))}
            )
    return tuple(found)


def week_of(value: Any) -> tuple[tuple[Range, ...], ...]:
    """Monday first; a day that is left out is closed. Raises Unclear."""
    if not isinstance(value, dict):
        raise Unclear(f'{_quoted(value)} is not a week. Write {{"mon": [["09:00", "17:00"]]}}.')
    if unknown := sorted(str(day) for day in value if day not in DAYS):
        raise Unclear(f"{_quoted(unknown[0])} is not a day. The days are {', '.join(DAYS)}.")
    week = tuple(_naming(day, ranges_of, value.get(day, [])) for day in DAYS)
    for place, ranges in enumerate(week):
        tomorrow = (place + 1) % 7
        late, early = max(ranges, key=_end, default=None), min(week[tomorrow], default=None)
        if late and early and late[1] - DAY > early[0]:
            raise Unclear(
                _(
                    "%(days)s %(range_text)s runs into %(days_2)s %(range_text_2)s. End one where the other begins."
                )
                % {
                    "days": DAYS[place],
                    "range_text": range_text(late),
                    "days_2": DAYS[tomorrow],
                    "range_text_2": range_text(early),
                }
            )
    return week


def closures_of(value: Any) -> dict[date, str]:
    """Date → name. Raises Unclear."""
    return {
        day: _name(entry)
        for day, entry in _dated(value, {"name"}, '{"date": "2026-12-24", "name": "Christmas Eve"}')
    }


def openings_of(value: Any) -> dict[date, tuple[Range, ...]]:
    """Raises Unclear."""
    example = '{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}'
    found = {}
    for day, entry in _dated(value, {"ranges"}, example):
        found[day] = _naming(str(day), ranges_of, entry.get("ranges"))
        if not found[day]:
            raise Unclear(_("%(day)s has no hours. Enter them, or list the day as a closure.") % {"day": day})
    return found


def day_of(text: Any) -> date:
    """Raises Unclear."""
    try:
        if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            if day.year in YEARS:
                return day
    except ValueError:
        pass
    raise Unclear(
        _("%(quoted)s is not a date from %(years)s to %(years_2)s. Write year-month-day, such as 2026-12-24.")
        % {"quoted": _quoted(text), "years": YEARS[0], "years_2": YEARS[-1]}
    )


# Typed by a person: 09:00-12:00, 13:00-17:00


def read(text: str) -> list[list[str]]:
    """As JSON. Raises Unclear."""
    if text.strip().lower() in NO_HOURS:
        return []
    if text.strip().lower() in WHOLE_DAY:
        return [["00:00", MIDNIGHT]]
    pairs = [_typed(part.strip()) for part in re.split(r"[,;]", text) if part.strip()]
    ranges_of(pairs)
    return pairs


def written(value: Iterable[Sequence[str]]) -> str:
    return ", ".join(f"{start}-{end}" for start, end in value)


def range_text(span: Range) -> str:
    start, end = span
    if end == DAY:
        return f"{_clock_face(start)}-{MIDNIGHT}"
    return f"{_clock_face(start)}-{_clock_face(end % DAY)}"


def _typed(text: str) -> list[str]:
    found = TYPED.fullmatch(text)
    if not found:
        raise Unclear(
            _("“%(text)s” is not a time range. Write 09:00-12:00, 13:00-17:00, separated by commas.")
            % {"text": text[:40]}
        )
    hour, minute, last_hour, last_minute = found.groups(default="00")
    return [f"{int(hour):02}:{minute}", f"{int(last_hour):02}:{last_minute}"]


def _range(pair: Any) -> Range:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise Unclear(f'{_quoted(pair)} is not a time range. Write ["09:00", "17:00"].')
    start, end = _seconds(pair[0]), DAY if pair[1] == MIDNIGHT else _seconds(pair[1])
    if start == end:
        raise Unclear(
            _(
                "%(clock_face)s-%(clock_face_2)s has no length: write 00:00-%(midnight)s for the whole day, or "
                "leave it out."
            )
            % {"clock_face": _clock_face(start), "clock_face_2": _clock_face(end), "midnight": MIDNIGHT}
        )
    return (start, end) if end > start else (start, end + DAY)


def _seconds(text: Any) -> int:
    found = CLOCK.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise Unclear(
            _("%(quoted)s is not a time. Write hours and minutes, such as 09:00. An end may be %(midnight)s.")
            % {"quoted": _quoted(text), "midnight": MIDNIGHT}
        )
    return (int(found[1]) * 60 + int(found[2])) * 60


def _dated(value: Any, more: set[str], example: str) -> list[tuple[date, dict[str, Any]]]:
    if not isinstance(value, list) or len(value) > MOST_DATES:
        raise Unclear(
            _("Write a list of at most %(most_dates)s entries, such as [%(example)s].")
            % {"most_dates": number_format(MOST_DATES, force_grouping=True), "example": example}
        )
    found: dict[date, dict[str, Any]] = {}
    for entry in value:
        if not isinstance(entry, dict) or "date" not in entry or set(entry) - {"date", *more}:
            raise Unclear(f"{_quoted(entry)} is not a valid entry. Write {example}.")
        day = day_of(entry["date"])
        if day in found:
            raise Unclear(_("%(day)s is listed twice.") % {"day": day})
        found[day] = entry
    return sorted(found.items())


def _name(entry: dict[str, Any]) -> str:
    name = entry.get("name", "")
    if not isinstance(name, str) or len(name) > 100 or not name.isprintable():
        raise Unclear(
            _("%(date)s: a name must be one line of at most 100 characters.") % {"date": entry["date"]}
        )
    return name


def _naming(where: str, read: Any, value: Any) -> Any:
    try:
        return read(value)
    except Unclear as error:
        raise Unclear(f"{where}: {error}") from error


def _end(span: Range) -> int:
    return span[1]


def _clock_face(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return f"“{text if len(text) <= 40 else text[:40] + '…'}”"
