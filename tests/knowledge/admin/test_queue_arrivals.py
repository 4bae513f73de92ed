"""What came in while the desk was closed, in one line, by the desk's calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.admin import queue_arrivals
from knowledge.business_time.arithmetic import ALWAYS, Calendar
from knowledge.queue import queue
from tests.factories import conversation_object, deliver, make_draft, make_inbox, make_lead, message_event
from webhooks.models import Message

HOUR = 3600
FRIDAY_EVENING = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def office(*ranges: tuple[int, int]) -> Calendar:
    day = tuple((start * HOUR, end * HOUR) for start, end in ranges or ((9, 17),))
    return Calendar(zone=ZoneInfo("UTC"), week=(day,) * 5 + ((), ()), special={}, holidays=frozenset())


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        (MONDAY + timedelta(minutes=5), FRIDAY_EVENING, MONDAY),
        (MONDAY + timedelta(hours=7, minutes=59), FRIDAY_EVENING, MONDAY),
        (FRIDAY_EVENING + timedelta(hours=20), FRIDAY_EVENING, None),
        (MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=8), None),
    ],
    ids=["Monday morning", "Monday afternoon", "on Saturday", "Monday night"],
)
def test_the_closed_hours_are_those_before_today_s_opening_or_those_that_run(now, since, until):
    assert queue_arrivals.last_closed(office(), now=now) == queue_arrivals.Closed(since, until)


def test_a_lunch_break_is_no_night():
    wednesday = MONDAY.replace(day=25)

    closed = queue_arrivals.last_closed(office((9, 12), (13, 17)), now=wednesday.replace(hour=14))

    assert closed == queue_arrivals.Closed(wednesday - timedelta(hours=16), wednesday)


def test_a_desk_that_never_closes_has_no_closed_hours():
    assert queue_arrivals.last_closed(ALWAYS, now=MONDAY) is None


@pytest.mark.django_db
def test_the_line_counts_who_came_meanwhile_and_how_many_have_a_draft():
    make_inbox()
    for number, at in (
        (7, FRIDAY_EVENING + timedelta(hours=1)),
        (8, MONDAY - timedelta(hours=9)),
        (9, MONDAY),
    ):
        deliver(message_event(number, at=at, conversation=conversation_object(number)), now=at)
    make_draft(Message.objects.get(message_id=8))
    now = MONDAY + timedelta(minutes=3)

    rows = queue.waiting(make_lead(), now=now)

    told = "2 arrived since Friday 17:00 and are still waiting; 1 has a new draft"
    assert queue_arrivals.arrivals(rows, office(), now=now) == told


@pytest.mark.django_db
def test_where_nobody_came_there_is_no_line():
    assert queue_arrivals.arrivals([], office(), now=MONDAY) == ""
