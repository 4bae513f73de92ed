"""What came, what was resolved and what is left, day by day: the same numbers as the weekly report's."""

from datetime import date, timedelta

import pytest

from reports.weekly import flow, trends, volume
from reports.weekly.readers import EVERYONE
from tests.factories import make_inbox, make_user
from tests.reports.clocks.test_clocks import hear, resolved, wrote
from tests.reports.weekly.week_48 import PERIOD

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]
DAY = 86_400


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def test_each_day_has_its_own_and_the_last_backlog_is_the_week_s():
    hear(wrote(), wrote(200, id=8))
    hear(resolved(2 * DAY), at=2 * DAY)

    came, done, left = flow.chart(PERIOD, DAYS, reader=EVERYONE).series

    assert list(came.values) == [2, 0, 0, 0, 0, 0, 0]
    assert list(done.values) == [0, 0, 1, 0, 0, 0, 0]
    assert list(left.values) == [2, 2, 1, 1, 1, 1, 1]
    assert left.values[-1] == volume.figures(PERIOD)["backlog_end"]


def test_a_reader_of_another_inbox_sees_none_of_it():
    hear(wrote())
    pat = make_user("pat", "Lead", inboxes=[make_inbox(inbox_id=9)])

    assert {value for one in flow.chart(PERIOD, DAYS, reader=pat).series for value in one.values} == {0}


@pytest.mark.once
def test_going_back_from_the_last_backlog_undoes_each_change():
    assert trends.left_after(5, [9, 2, -1]) == [4, 6, 5]
