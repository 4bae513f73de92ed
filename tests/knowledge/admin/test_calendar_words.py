"""Opening hours as people type and read them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from knowledge.business_time import hours
from knowledge.business_time.arithmetic import Calendar
from knowledge.calendars import display, inbox_calendars

OFFICE = {day: [["09:00", "17:00"]] for day in hours.DAYS[:5]}


# Typed hours


@pytest.mark.parametrize(
    ("text", "ranges"),
    [("09:00-17:00", [["09:00", "17:00"]]), ("9-12, 13-17", [["09:00", "12:00"], ["13:00", "17:00"]]),
     ("9:30 – 17.15", [["09:30", "17:15"]]), ("9 to 5", [["09:00", "05:00"]]), ("22:00-06:00", [["22:00", "06:00"]]),
     ("9-24", [["09:00", "24:00"]]), ("all day", [["00:00", "24:00"]]), ("closed", []), ("  ", [])],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text, ranges):
    assert hours.read(text) == ranges


@pytest.mark.parametrize("text", ["9am", "9", "25-26", "9-12 13-17", "9-12, 11-13", "9-17:99"])
def test_hours_that_cannot_be_read_are_refused_with_what_to_write(text):
    with pytest.raises(hours.Unclear):
        hours.read(text)


def test_what_is_written_is_read_again():
    ranges = [["09:00", "12:00"], ["22:00", "24:00"]]

    assert hours.read(hours.written(ranges)) == ranges


# Words


def office(**facts: Any) -> Calendar:
    return Calendar(ZoneInfo("Europe/Berlin"), hours.week_of(OFFICE), **facts)


@pytest.mark.parametrize(
    ("now", "words"),
    [("2026-11-23 10:00", "open until 17:00"), ("2026-11-23 08:00", "opens today 09:00"),
     ("2026-11-23 17:00", "opens tomorrow 09:00"), ("2026-11-27 18:00", "opens Monday 09:00")],
)  # fmt: skip
def test_a_calendar_says_whether_it_is_open_and_until_when(now, words):
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Berlin"))

    assert display.status(office(), now=at) == words


def test_an_opening_far_ahead_has_its_date():
    closed = {date(2026, 12, 21) + timedelta(days=day): () for day in range(14)}
    at = datetime(2026, 12, 18, 18, tzinfo=UTC)

    assert display.status(office(special=closed), now=at) == "opens Mon 4 Jan 2027, 09:00"


def test_a_calendar_without_hours_says_that_it_stays_closed():
    never = Calendar(ZoneInfo("UTC"), ((),) * 7)

    assert display.status(never, now=datetime(2026, 11, 23, tzinfo=UTC)) == "never opens again"


def test_a_desk_that_never_closes_says_so():
    always = inbox_calendars.ALWAYS

    assert display.status(always, now=datetime(2026, 11, 23, tzinfo=UTC)) == "open around the clock"


@pytest.mark.parametrize(
    ("always", "weekly", "words"),
    [(False, OFFICE, "Mon-Fri 09:00-17:00"), (True, {}, "day and night"), (False, {}, "special openings only"),
     (False, {"mon": [["09:00", "12:00"]], "wed": [["09:00", "12:00"]], "sun": [["10:00", "14:00"]]},
      "Mon 09:00-12:00; Wed 09:00-12:00; Sun 10:00-14:00")],
)  # fmt: skip
def test_a_week_in_a_line(always, weekly, words):
    assert display.week(always, weekly) == words
