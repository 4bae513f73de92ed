"""Business time: named days by hand, then any calendar against a clock that is asked minute by minute."""

import time as clock
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.business_time import arithmetic
from knowledge.business_time.arithmetic import DAY, Calendar, business_seconds, instant_after
from knowledge.business_time.hours import DAYS, week_of
from tests.thorough import examples

HOUR = 3600
OFFICE = {day: [["09:00", "17:00"]] for day in DAYS[:5]}
EVERY_DAY = {day: [["00:00", "24:00"]] for day in DAYS}
SPLIT = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in DAYS[:5]}
NIGHTS = {day: [["22:00", "06:00"]] for day in DAYS}


def make_calendar(weekly=OFFICE, zone: str = "Europe/Berlin", **facts) -> Calendar:
    return Calendar(ZoneInfo(zone), week_of(weekly), **facts)


def wall(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours_between(calendar: Calendar, start: str, end: str) -> float:
    zone = calendar.zone.key
    return business_seconds(calendar, wall(start, zone), wall(end, zone)) / HOUR


# 2026: 23 November is a Monday; Berlin's clocks jump on 29 March at 02:00 and fall back on 25 October at 03:00.
SPANS = [
    ("a working day", OFFICE, "2026-11-23 00:00", "2026-11-24 00:00", 8),
    ("a week", OFFICE, "2026-11-23 00:00", "2026-11-30 00:00", 40),
    ("a weekend", OFFICE, "2026-11-27 17:00", "2026-11-30 09:00", 0),
    ("Friday afternoon to Monday morning", OFFICE, "2026-11-27 16:30", "2026-11-30 09:30", 1),
    ("a day with a lunch break", SPLIT, "2026-11-23 00:00", "2026-11-24 00:00", 7),
    ("from within the break", SPLIT, "2026-11-23 12:30", "2026-11-23 14:00", 1),
    ("a night", NIGHTS, "2026-11-23 12:00", "2026-11-24 12:00", 8),
    ("from midnight, the night before still runs", NIGHTS, "2026-11-24 00:00", "2026-11-24 12:00", 6),
    ("the night in which an hour is skipped", NIGHTS, "2026-03-28 12:00", "2026-03-29 12:00", 7),
    ("the night in which an hour comes twice", NIGHTS, "2026-10-24 12:00", "2026-10-25 12:00", 9),
    ("a day of 23 hours", EVERY_DAY, "2026-03-29 00:00", "2026-03-30 00:00", 23),
    ("a day of 25 hours", EVERY_DAY, "2026-10-25 00:00", "2026-10-26 00:00", 25),
    ("office hours in the week of the jump", OFFICE, "2026-03-27 12:00", "2026-03-31 00:00", 13),
    ("over New Year", OFFICE, "2026-12-31 00:00", "2027-01-02 00:00", 16),
    ("a year of days and nights", EVERY_DAY, "2026-01-01 00:00", "2027-01-01 00:00", 365 * 24),
    ("three years", OFFICE, "2026-01-01 00:00", "2029-01-01 00:00", 782 * 8),
]


@pytest.mark.parametrize(
    ("weekly", "start", "end", "expected"), [row[1:] for row in SPANS], ids=[row[0] for row in SPANS]
)
def test_only_open_time_counts(weekly, start, end, expected):
    assert hours_between(make_calendar(weekly), start, end) == expected


SUNDAY_IN_MARCH, SUNDAY_IN_OCTOBER = "2026-03-29", "2026-10-25"
EDGES = [
    ("a start that is skipped is the jump", [["02:30", "05:00"]], SUNDAY_IN_MARCH, 2),
    ("an end that is skipped is the jump", [["01:00", "02:30"]], SUNDAY_IN_MARCH, 1),
    ("hours that are skipped altogether", [["02:10", "02:50"]], SUNDAY_IN_MARCH, 0),
    ("ranges that meet in the skipped hour do not overlap", [["01:00", "02:30"], ["02:30", "04:00"]], SUNDAY_IN_MARCH, 2),
    ("a start that comes twice is the first", [["02:30", "04:00"]], SUNDAY_IN_OCTOBER, 2.5),
    ("an end that comes twice is the first", [["01:00", "02:30"]], SUNDAY_IN_OCTOBER, 1.5),
    ("around the hour that comes twice", [["01:00", "04:00"]], SUNDAY_IN_OCTOBER, 4),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ranges", "day", "expected"), [row[1:] for row in EDGES], ids=[row[0] for row in EDGES]
)
def test_wall_times_that_are_skipped_or_come_twice(ranges, day, expected):
    calendar = make_calendar({"sun": ranges})

    assert hours_between(calendar, f"{day} 00:00", f"{day} 23:59") == expected


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [("Africa/Cairo", "2026-04-24", 23), ("America/Havana", "2026-11-01", 25), ("Australia/Lord_Howe", "2026-04-05", 24.5),
     ("Pacific/Apia", "2011-12-30", 0)],
    ids=["midnight is skipped", "midnight comes twice", "half an hour", "a whole day is skipped"],
)  # fmt: skip
def test_days_whose_length_is_odd(zone, day, expected):
    calendar = make_calendar(EVERY_DAY, zone)
    tomorrow = date.fromisoformat(day) + timedelta(days=1)

    assert hours_between(calendar, f"{day} 00:00", f"{tomorrow} 00:00") == expected


def test_a_holiday_gives_up_the_hours_that_start_on_it():
    calendar = make_calendar(NIGHTS, holidays={date(2026, 12, 25)})

    assert hours_between(calendar, "2026-12-24 22:00", "2026-12-26 22:00") == 8


def test_a_closure_closes_a_day_that_is_always_open():
    calendar = make_calendar(EVERY_DAY, special={date(2026, 12, 24): ()})

    assert hours_between(calendar, "2026-12-24 00:00", "2026-12-25 00:00") == 0


def test_a_special_opening_replaces_the_day_s_hours():
    calendar = make_calendar(special={date(2026, 11, 23): ((10 * HOUR, 12 * HOUR),)})

    assert hours_between(calendar, "2026-11-23 00:00", "2026-11-24 00:00") == 2


def test_a_special_opening_opens_a_holiday():
    day = date(2026, 12, 25)
    calendar = make_calendar(holidays={day}, special={day: ((10 * HOUR, 12 * HOUR),)})

    assert hours_between(calendar, "2026-12-25 00:00", "2026-12-26 00:00") == 2


def test_hours_that_overlap_count_once():
    calendar = make_calendar(NIGHTS, special={date(2026, 11, 24): ((5 * HOUR, 7 * HOUR),)})

    assert hours_between(calendar, "2026-11-23 22:00", "2026-11-24 12:00") == 9


def test_time_runs_backwards_as_it_runs_forwards():
    calendar = make_calendar()

    assert hours_between(calendar, "2027-11-23 17:00", "2026-11-23 09:00") == -hours_between(
        calendar, "2026-11-23 09:00", "2027-11-23 17:00"
    )


# The earliest instant at which the seconds are used up.
INSTANTS = [
    ("within the day", OFFICE, "2026-11-23 09:00", HOUR, "2026-11-23 10:00"),
    ("exactly at closing, not at the next opening", OFFICE, "2026-11-27 16:00", HOUR, "2026-11-27 17:00"),
    ("a second more is on Monday", OFFICE, "2026-11-27 16:00", HOUR + 1, "2026-11-30 09:00:01"),
    ("begun on a closed Saturday", OFFICE, "2026-11-28 11:00", HOUR, "2026-11-30 10:00"),
    ("none are used up at once, even while closed", OFFICE, "2026-11-28 11:00", 0, "2026-11-28 11:00"),
    ("before the lunch break, not after it", SPLIT, "2026-11-23 11:00", HOUR, "2026-11-23 12:00"),
    ("past the skipped hour", NIGHTS, "2026-03-28 22:00", 7 * HOUR, "2026-03-29 06:00"),
    ("past New Year", OFFICE, "2026-12-31 16:00", 2 * HOUR, "2027-01-01 10:00"),
    ("years ahead", OFFICE, "2026-01-01 00:00", 782 * 8 * HOUR, "2028-12-29 17:00"),
]


@pytest.mark.parametrize(
    ("weekly", "start", "seconds", "expected"),
    [row[1:] for row in INSTANTS],
    ids=[row[0] for row in INSTANTS],
)
def test_the_earliest_instant_at_which_the_seconds_are_used_up(weekly, start, seconds, expected):
    assert instant_after(make_calendar(weekly), wall(start), seconds) == wall(expected)


def test_the_second_of_two_equal_wall_times_is_an_hour_later():
    calendar = make_calendar(EVERY_DAY)
    first = wall("2026-10-25 02:30")

    assert business_seconds(calendar, first, first.replace(fold=1)) == HOUR


@pytest.mark.parametrize(
    "special", [{}, {date(2020, 1, 1): ((0, HOUR),)}], ids=["no hours", "hours long past"]
)
def test_a_calendar_that_never_opens_says_so(special):
    calendar = make_calendar({}, special=special)

    with pytest.raises(arithmetic.NeverOpens):
        instant_after(calendar, wall("2026-11-23 09:00"), 1)
    with pytest.raises(arithmetic.NeverOpens):
        arithmetic.next_opening(calendar, wall("2026-11-23 09:00"))


def test_an_only_opening_far_ahead_is_found():
    calendar = make_calendar({}, special={date(2060, 12, 31): ((23 * HOUR, 26 * HOUR),)})

    assert instant_after(calendar, wall("2026-11-23 09:00"), 3 * HOUR) == wall("2061-01-01 02:00")


def test_seconds_that_take_longer_than_a_century_are_refused():
    with pytest.raises(arithmetic.NeverOpens):
        instant_after(make_calendar(), wall("2026-11-23 09:00"), 1e11)


def test_business_time_has_no_negative_seconds():
    with pytest.raises(ValueError, match="forwards"):
        instant_after(make_calendar(), wall("2026-11-23 09:00"), -1)


OPEN = [
    ("2026-11-23 08:59:59", False),
    ("2026-11-23 09:00", True),
    ("2026-11-23 16:59:59", True),
    ("2026-11-23 17:00", False),
]


@pytest.mark.parametrize(("at", "expected"), OPEN)
def test_the_first_second_is_open_and_the_last_is_not(at, expected):
    assert arithmetic.is_open(make_calendar(), wall(at)) is expected


@pytest.mark.parametrize(
    ("at", "opens"),
    [("2026-11-27 12:00", "2026-11-27 12:00"), ("2026-11-27 17:00", "2026-11-30 09:00"),
     ("2026-12-31 20:00", "2027-01-04 09:00")],
    ids=["open", "just closed", "over New Year, a holiday"],
)  # fmt: skip
def test_the_next_opening(at, opens):
    calendar = make_calendar(holidays={date(2027, 1, 1)})

    assert arithmetic.next_opening(calendar, wall(at)) == wall(opens)


@pytest.mark.parametrize(
    ("weekly", "at", "closes"),
    [(OFFICE, "2026-11-23 10:00", "2026-11-23 17:00"), (NIGHTS, "2026-12-31 23:00", "2027-01-01 06:00"),
     (EVERY_DAY, "2026-11-23 10:00", None), (OFFICE, "2026-11-23 18:00", None)],
    ids=["office", "over New Year", "never", "closed already"],
)  # fmt: skip
def test_the_next_closing(weekly, at, closes):
    assert arithmetic.next_closing(make_calendar(weekly), wall(at)) == (closes and wall(closes))


# Any calendar. The zones: both hemispheres, half an hour, midnight skipped and twice, none.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Kathmandu",
    "UTC",
]
START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 365 * DAY * 1000).map(
    lambda thousandths: START + timedelta(milliseconds=thousandths)
)
starts = st.integers(0, 24 * 4 - 1).map(lambda quarter: quarter * 900)
ranges = st.tuples(starts, st.integers(1, 24 * 4)).map(lambda pair: (pair[0], pair[0] + pair[1] * 900))
days = st.lists(ranges, max_size=3).map(tuple)
dates = st.integers(0, 730).map(lambda day: date(2026, 1, 1) + timedelta(days=day))
any_calendar = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    week=st.tuples(*[days] * 6, st.lists(ranges, min_size=1, max_size=3).map(tuple)),
    special=st.dictionaries(dates, days, max_size=5),
    holidays=st.frozensets(dates, max_size=10),
)
# The days on which clocks change, so that they are met often.
CHANGES = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((3, 8), (3, 29), (4, 4), (4, 23), (10, 3), (10, 25), (11, 1))
]
near_changes = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-36 * 60, 60 * 60),
)
any_moment = st.one_of(moments, near_changes)


@settings(max_examples=examples(40), deadline=None)
@given(calendar=any_calendar, start=any_moment, thousandths=st.integers(0, 60 * DAY * 1000))
def test_after_so_many_seconds_so_many_are_used_up(calendar, start, thousandths):
    seconds = thousandths / 1000

    end = instant_after(calendar, start, seconds)

    assert business_seconds(calendar, start, end) == seconds
    if seconds:  # and a moment earlier they are not
        assert business_seconds(calendar, start, end - arithmetic.MICROSECOND) < seconds


@settings(max_examples=examples(40), deadline=None)
@given(calendar=any_calendar, start=any_moment, end=any_moment)
def test_the_instant_after_a_span_s_seconds_is_its_end_less_what_was_closed(calendar, start, end):
    start, end = min(start, end), max(start, end)

    back = instant_after(calendar, start, business_seconds(calendar, start, end))

    assert start <= back <= end
    assert business_seconds(calendar, back, end) == 0


@settings(max_examples=examples(40), deadline=None)
@given(calendar=any_calendar, moments=st.tuples(any_moment, any_moment, any_moment))
def test_splitting_a_span_never_changes_its_sum(calendar, moments):
    first, second, third = moments

    parts = business_seconds(calendar, first, second) + business_seconds(calendar, second, third)

    assert parts == pytest.approx(business_seconds(calendar, first, third), abs=1e-5)


@settings(max_examples=examples(20), deadline=None)
@given(
    calendar=any_calendar,
    start=st.one_of(near_changes, moments.map(lambda at: at.replace(second=0, microsecond=0))),
)
@example(make_calendar(NIGHTS), datetime(2026, 10, 24, 20, tzinfo=UTC))
def test_a_clock_asked_minute_by_minute_counts_the_same(calendar, start):
    """The other way round, from instants to wall times, so it shares no rule with what it checks."""
    minutes, hand, counted = 40 * 60, datetime.min, 0

    for minute in range(-3 * 60, minutes):
        shown = (start + timedelta(minutes=minute)).astimezone(calendar.zone).replace(tzinfo=None, fold=0)
        hand = max(
            hand, shown
        )  # in an hour that comes twice, what has begun goes on and what has ended is over
        counted += minute >= 0 and _is_open(calendar, hand)

    assert business_seconds(calendar, start, start + timedelta(minutes=minutes)) == counted * 60


def _is_open(calendar: Calendar, shown: datetime) -> bool:
    """By the wall: a range of today, or one of the days before that still runs."""
    for day in (shown.date() - timedelta(days=back) for back in range(3)):
        passed = (shown - datetime.combine(day, datetime.min.time())).total_seconds()
        if any(start <= passed < end for start, end in calendar.ranges_on(day)):
            return True
    return False


def test_a_year_s_span_takes_less_than_50_microseconds_when_warm():
    calendar = make_calendar(SPLIT)
    start, end = wall("2026-02-01 10:00"), wall("2027-01-29 10:00")
    seconds = business_seconds(calendar, start, end)
    instant_after(calendar, start, seconds)

    def took(calls: int = 200) -> float:
        begun = clock.perf_counter()
        for _ in range(calls):
            business_seconds(calendar, start, end)
            instant_after(calendar, start, seconds)
        return (clock.perf_counter() - begun) / calls

    assert min(took() for _ in range(5)) < 2 * 50e-6
