"""Days that are over, counted once: the same figures with these rows and without, whatever happens to clocks afterwards."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from reports.attainment import aggregates, attainment, daily_rollup
from reports.attainment.groupings import GROUPINGS
from reports.models import Clock, DayChange, DayTally
from reports.periods import Period
from tests.factories import NOW, later, make_inbox, make_user
from tests.reports.clocks.test_clocks import answered, hear, resolved, wrote
from webhooks.models import Inbox

pytestmark = pytest.mark.django_db
UTC = ZoneInfo("UTC")
MONDAY = NOW.date()
WEEK = Period(MONDAY - timedelta(days=3), MONDAY + timedelta(days=6), UTC)
DAY_S = 86_400
LATER = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


@pytest.fixture
def some_days() -> None:
    """Met, missed, missed and answered days later, resolved, reopened, still open; with labels and without."""
    for number, (asked_at, answered_at) in enumerate(
        [(0, 60), (30, 4000), (50, 2.2 * DAY_S), (DAY_S, DAY_S + 10)]
    ):
        about = {"id": 100 + number, "labels": ["vip", "refund"][: number % 3]}
        hear(wrote(number * 10, asked_at, **about), at=asked_at)
        hear(answered(number * 10 + 1, answered_at, within=about), at=answered_at)
    hear(wrote(500, 100, id=9), at=100)
    hear(resolved(3 * DAY_S) | {"id": 100}, at=3 * DAY_S)
    hear(wrote(501, 4 * DAY_S, id=100), at=4 * DAY_S)


def figures(by: str, *, saved: daily_rollup.SavedDays | None = None, period: Period = WEEK) -> object:
    found = attainment.attainment(period, by=by, now=LATER, within=Q(), saved=saved)
    figures = {metric: tally.figures() for metric, tally in found.total.items()}
    groups = {
        group: {metric: tally.figures() for metric, tally in tallies.items()}
        for group, tallies in found.groups.items()
    }
    return figures, groups


def steps(saved: daily_rollup.SavedDays) -> object:
    found = attainment.trend(WEEK, within=Q(), saved=saved)
    return {
        metric: {day: (dict(step.counts), sorted(step.business)) for day, step in days.items()}
        for metric, days in found.items()
    }


def saved_days() -> set[date]:
    return set(daily_rollup.saved(WEEK, by="inbox", within=Q()))


def count_all() -> None:
    daily_rollup.keep_up(now=LATER, most=1000)


def test_figures_are_the_same_with_days_counted_before_and_without(some_days):
    count_all()

    for by in GROUPINGS:
        saved = daily_rollup.saved(WEEK, by=by, within=Q())
        assert MONDAY in saved, by
        assert figures(by, saved=saved) == figures(by, saved={}), by
        assert steps(saved) == steps({}), by


def test_what_is_asked_for_reads_them_by_itself(some_days, django_assert_max_num_queries):
    without = figures("agent")
    count_all()

    with django_assert_max_num_queries(6):
        assert figures("agent") == without


def test_a_day_whose_clocks_were_written_since_is_counted_again(some_days):
    count_all()
    before = figures("inbox")

    hear(answered(700, 5 * DAY_S, within={"id": 9}), at=29 * DAY_S)

    assert figures("inbox") != before
    assert figures("inbox") == figures("inbox", saved={})
    assert len(saved_days()) < WEEK.days
    count_all()
    assert len(saved_days()) == WEEK.days - 3  # nothing was decided before Monday
    assert figures("inbox") == figures("inbox", saved={})


def test_what_is_written_while_a_day_is_counted_makes_it_unsound(some_days, monkeypatch):
    real = aggregates.day_by_day

    def slow(*asked, **how):
        rows = list(real(*asked, **how))
        daily_rollup.changed(Clock.objects.all(), now=LATER)
        return rows

    monkeypatch.setattr(aggregates, "day_by_day", slow)
    count_all()

    assert MONDAY not in saved_days()


def test_today_and_yesterday_are_never_counted_before(some_days):
    daily_rollup.keep_up(now=later(3 * DAY_S), most=1000)

    assert saved_days() == {MONDAY, MONDAY + timedelta(days=1)}


def test_a_clock_of_today_is_no_change_of_a_day_that_is_over(some_days):
    DayChange.objects.all().delete()

    hear(wrote(800, 6 * DAY_S, id=77), answered(801, 6 * DAY_S + 5, within={"id": 77}), at=6 * DAY_S + 10)

    assert not DayChange.objects.exists()


def test_people_who_see_some_inboxes_get_only_their_figures(some_days):
    count_all()
    lea = make_user("lea", "Lead", inboxes=[Inbox.objects.get()])

    assert daily_rollup.saved(WEEK, by="inbox", within=attainment.seen_by(lea)) == {}


def test_a_run_counts_the_newest_days_first_and_only_some(some_days):
    assert daily_rollup.keep_up(now=later(12 * DAY_S), most=2) == 2

    assert {row.day for row in DayTally.objects.all()} == {
        MONDAY + timedelta(days=10),
        MONDAY + timedelta(days=9),
    }


def test_nothing_is_left_to_do_once_all_is_counted(some_days):
    count_all()

    assert daily_rollup.keep_up(now=LATER) == 0


def test_without_clocks_there_is_nothing_to_count():
    assert daily_rollup.keep_up(now=LATER) == 0


def test_days_of_another_zone_are_removed(some_days, settings):
    count_all()
    settings.TIME_ZONE = "Europe/Berlin"

    count_all()

    assert set(DayTally.objects.values_list("zone", flat=True)) == {f"Europe/Berlin {daily_rollup.FORM}"}


def test_saved_days_in_another_format_are_ignored_and_removed(some_days, monkeypatch):
    without = figures("inbox")
    count_all()
    DayTally.objects.update(content=b"as an older release wrote it")
    monkeypatch.setattr(daily_rollup, "FORM", daily_rollup.FORM + 1)

    assert figures("inbox") == without
    count_all()
    assert figures("inbox") == without
    assert MONDAY in saved_days()


def test_an_inbox_renamed_since_is_one_group_under_its_name_now(some_days):
    count_all()
    Inbox.objects.update(name="Renamed")

    _, groups = figures("inbox")

    assert [name for _, name in groups] == ["Renamed"]


def test_with_many_gaps_all_is_counted_from_its_clocks(some_days):
    count_all()
    half = Period(MONDAY, MONDAY + timedelta(days=27), UTC)
    DayTally.objects.filter(day__in=[half.first + timedelta(days=n) for n in range(0, 28, 2)]).delete()

    assert daily_rollup.saved(half, by="inbox", within=Q()) == {}


def test_the_days_between_known_ones_are_given_as_periods():
    at = [WEEK.first + timedelta(days=n) for n in range(10)]

    parts = daily_rollup.others(WEEK, [at[1], at[2], at[6]])

    assert [(part.first, part.last) for part in parts] == [(at[0], at[0]), (at[3], at[5]), (at[7], at[9])]
