"""Calendars as rows: what is refused and with which words, how they are compiled, which one is in force."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from knowledge.business_time.arithmetic import business_seconds, is_open
from knowledge.business_time.hours import DAYS
from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar, InboxHours
from tests.factories import NOW, make_inbox

pytestmark = pytest.mark.django_db
OFFICE = {day: [["09:00", "17:00"]] for day in DAYS[:5]}


def make_calendar(name: str = "Berlin", **facts) -> BusinessCalendar:
    calendar = BusinessCalendar(name=name, **{"zone": "Europe/Berlin", "weekly": OFFICE} | facts)
    calendar.full_clean()
    calendar.save()
    return calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WRONG = [
    ("zone", {"zone": "Mars/Olympus"}, "Europe/Berlin"),
    ("zone", {"zone": "../etc/passwd"}, "Europe/Berlin"),
    ("weekly", {"weekly": {}}, "never opens"),
    ("weekly", {"weekly": {"mon": []}}, "never opens"),
    ("weekly", {"weekly": []}, "is not a week"),
    ("weekly", {"weekly": {"monday": [["09:00", "17:00"]]}}, "mon, tue"),
    ("weekly", {"weekly": {"mon": "09:00-17:00"}}, "mon: “09:00-17:00” is not a list"),
    ("weekly", {"weekly": {"mon": [["9:00", "17:00"]]}}, "mon: “9:00” is not a time"),
    ("weekly", {"weekly": {"mon": [["09:00", "25:00"]]}}, "“25:00” is not a time"),
    ("weekly", {"weekly": {"mon": [["24:00", "25:00"]]}}, "“24:00” is not a time"),
    ("weekly", {"weekly": {"mon": [["09:00"]]}}, "is not a time range"),
    ("weekly", {"weekly": {"mon": [[9, 17]]}}, "is not a time"),
    ("weekly", {"weekly": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "mon: 09:00-12:00 and 11:00-17:00 overlap"),
    ("weekly", {"weekly": {"mon": [["09:00", "09:00"]]}}, "09:00-09:00 has no length: write 00:00-24:00 for the whole day"),
    ("openings", {"openings": [{"date": "2026-12-27", "ranges": [["00:00", "00:00"]]}]}, "00:00-00:00 has no length"),
    ("weekly", {"weekly": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]}}, "mon 22:00-06:00 runs into tue"),
    ("weekly", {"weekly": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "09:00"]]}}, "sun 22:00-06:00 runs into mon"),
    ("holidays_country", {"holidays_country": "XX"}, "two-letter code"),
    ("holidays_subdivision", {"holidays_country": "DE", "holidays_subdivision": "XX"}, "BB, BE, BW"),
    ("holidays_subdivision", {"holidays_subdivision": "BY"}, "needs a country"),
    ("closures", {"closures": ["2026-12-24"]}, '{"date": "2026-12-24"'),
    ("closures", {"closures": [{"date": "2026-02-30", "name": ""}]}, "2026-02-30” is not a date"),
    ("closures", {"closures": [{"date": "20261224"}]}, "is not a date"),
    ("closures", {"closures": [{"date": "2026-12-24", "reason": "x"}]}, "is not a valid entry"),
    ("closures", {"closures": [{"date": "2026-12-24"}, {"date": "2026-12-24"}]}, "2026-12-24 is listed twice"),
    ("closures", {"closures": [{"date": "2026-12-24", "name": "a\0b"}]}, "one line"),
    ("openings", {"openings": [{"date": "2026-12-27"}]}, "is not a list of ranges"),
    ("openings", {"openings": [{"date": "2026-12-27", "ranges": []}]}, "as a closure"),
    ("openings", {"closures": [{"date": "2026-12-27"}], "openings": [{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]},
     "both a closure and a special opening"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "facts", "words"), WRONG, ids=[f"{row[0]} {row[2]}" for row in WRONG])
def test_what_makes_no_sense_is_refused_naming_the_field_and_what_to_write(field, facts, words):
    with pytest.raises(ValidationError) as caught:
        make_calendar(**facts)

    assert list(caught.value.message_dict) == [field]
    assert words in caught.value.message_dict[field][0]


RIGHT = [
    {"weekly": {"mon": [["09:00", "24:00"]]}},
    {"weekly": {"mon": [["22:00", "06:00"]], "tue": [["06:00", "12:00"]]}},
    {"weekly": {"mon": [["13:00", "17:00"], ["09:00", "13:00"]]}},
    {"weekly": {}, "always_open": True},
    {"weekly": {}, "openings": [{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]},
    {"zone": "UTC", "holidays_country": "GB", "holidays_subdivision": "SCT"},
    {"closures": [{"date": "2026-12-24"}]},
]


@pytest.mark.parametrize("facts", RIGHT, ids=str)
def test_what_makes_sense_is_kept(facts):
    assert make_calendar(**facts).pk


def test_a_country_s_holidays_are_closed():
    calendar = inbox_calendars.compiled(make_calendar(holidays_country="DE"))

    assert not is_open(calendar, at("2026-12-25 12:00"))


def test_a_region_s_holidays_are_closed_there_alone():
    epiphany = at("2026-01-06 12:00")
    bavaria = make_calendar("Bavaria", holidays_country="DE", holidays_subdivision="BY")

    assert not is_open(inbox_calendars.compiled(bavaria), epiphany)
    assert is_open(inbox_calendars.compiled(make_calendar(holidays_country="DE")), epiphany)


def test_always_open_counts_every_hour_that_is_not_closed():
    calendar = make_calendar(always_open=True, zone="UTC", closures=[{"date": "2026-12-24", "name": ""}])

    seconds = business_seconds(
        inbox_calendars.compiled(calendar), at("2026-12-23 00:00"), at("2026-12-26 00:00")
    )

    assert seconds == 2 * 86_400


def test_a_special_opening_opens_a_holiday():
    day = {"date": "2026-12-25", "ranges": [["10:00", "14:00"]]}
    calendar = inbox_calendars.compiled(make_calendar(holidays_country="DE", openings=[day]))

    assert is_open(calendar, at("2026-12-25 12:00"))


def test_a_change_makes_a_version_and_keeps_the_older_one():
    calendar = make_calendar()

    changed = inbox_calendars.change(calendar, {"weekly": {"mon": [["09:00", "12:00"]]}})

    assert changed.version == 2
    assert is_open(inbox_calendars.as_of(calendar, 1), at("2026-11-23 14:00"))
    assert not is_open(inbox_calendars.as_of(calendar, 2), at("2026-11-23 14:00"))


def test_a_change_that_changes_nothing_makes_no_version():
    calendar = make_calendar()

    assert inbox_calendars.change(calendar, {"weekly": OFFICE}).version == 1


def test_a_change_that_was_rolled_back_leaves_nothing_behind():
    calendar = make_calendar()
    with transaction.atomic():
        inbox_calendars.compiled(inbox_calendars.change(calendar, {"always_open": True}))
        transaction.set_rollback(True)

    changed = inbox_calendars.change(calendar, {"name": "Office"})

    assert not is_open(inbox_calendars.compiled(changed), at("2026-11-22 12:00"))


def test_the_seed_makes_one_default_calendar_and_keeps_what_people_made_of_it(seeded):
    default = BusinessCalendar.objects.get()
    inbox_calendars.change(default, {"name": "Our hours"})

    inbox_calendars.seed()

    assert BusinessCalendar.objects.get().name == "Our hours"


def test_the_seeded_calendar_is_open_on_weekdays_from_nine_to_five(seeded):
    default = inbox_calendars.in_force().default

    assert business_seconds(default, at("2026-11-23 00:00"), at("2026-11-30 00:00")) == 40 * 3600


def test_there_is_one_default(seeded):
    with pytest.raises(IntegrityError), transaction.atomic():
        BusinessCalendar.objects.create(name="Other", is_default=True)


def test_another_calendar_becomes_the_default(seeded):
    calendar = make_calendar()

    inbox_calendars.make_default(calendar)

    assert BusinessCalendar.objects.get(is_default=True) == calendar


def test_the_default_cannot_be_deleted(seeded):
    with pytest.raises(ProtectedError):
        BusinessCalendar.objects.get().delete()
    with pytest.raises(ProtectedError):
        BusinessCalendar.objects.all().delete()


def test_a_calendar_that_an_inbox_keeps_cannot_be_deleted():
    calendar = make_calendar()
    inbox_calendars.keep(calendar, [make_inbox()])

    with pytest.raises(ProtectedError):
        calendar.delete()


def test_an_inbox_keeps_its_own_calendar_and_the_others_the_default(seeded):
    inbox, other = make_inbox(), make_inbox(inbox_id=3)
    inbox_calendars.keep(make_calendar(weekly={"sun": [["09:00", "17:00"]]}), [inbox])

    calendars = inbox_calendars.in_force()

    assert not is_open(calendars.of(inbox.pk), NOW)
    assert is_open(calendars.of(other.pk), NOW)
    assert is_open(calendars.of(None), NOW)


def test_an_inbox_moves_to_another_calendar():
    inbox, first, second = make_inbox(), make_calendar(), make_calendar("Other")
    inbox_calendars.keep(first, [inbox])

    inbox_calendars.keep(second, [inbox])

    assert InboxHours.objects.get().calendar == second


def test_an_inbox_let_go_falls_back_to_the_default():
    inbox, calendar = make_inbox(), make_calendar()
    inbox_calendars.keep(calendar, [inbox])

    inbox_calendars.keep(calendar, [])

    assert not InboxHours.objects.exists()


def test_before_anything_is_seeded_every_hour_counts():
    assert is_open(inbox_calendars.in_force().default, at("2026-11-22 03:00"))
