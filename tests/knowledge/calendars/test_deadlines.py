"""The customer's and the reviewer's deadline, on the calendar in force."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.business_time.arithmetic import Calendar
from knowledge.calendars import deadlines, inbox_calendars
from knowledge.models import BusinessCalendar
from knowledge.queue import queue
from tests.factories import NOW, deliver, make_draft, make_inbox, make_lead, make_waiting, message_event
from webhooks.models import Message

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 11, tzinfo=UTC)


def wrote(at: datetime) -> Message:
    make_inbox()
    deliver(message_event(100, at=at), now=at)
    return Message.objects.get(message_id=100)


def row() -> queue.Waiting:
    return queue.waiting(make_lead(), now=NOW)[0]


@pytest.mark.parametrize(
    ("at", "due"),
    [(NOW, NOW + timedelta(minutes=60)), (FRIDAY, NOW + timedelta(minutes=30)), (SATURDAY, NOW + timedelta(minutes=60)),
     (FRIDAY - timedelta(minutes=30), FRIDAY + timedelta(minutes=30))],
    ids=["while open", "shortly before the weekend", "at the weekend", "an hour before closing: then, not on Monday"],
)  # fmt: skip
def test_an_answer_is_due_after_sixty_business_minutes(seeded, at, due):
    wrote(at)

    assert row().reply_due_at == due


def test_a_draft_is_to_be_decided_within_fifteen_business_minutes(seeded):
    make_draft(wrote(SATURDAY), now=SATURDAY)

    assert row().review_due_at == NOW + timedelta(minutes=15)


def test_an_inbox_s_own_hours_decide(seeded):
    nights = BusinessCalendar.objects.create(name="Nights", zone="UTC", weekly={"mon": [["12:00", "24:00"]]})
    inbox_calendars.keep(nights, [make_inbox()])
    make_waiting()

    assert row().reply_due_at == NOW.replace(hour=13)


def test_a_desk_that_never_opens_again_loses_nobody():
    closed = Calendar(inbox_calendars.ALWAYS.zone, ((),) * 7)

    assert deadlines.due_at(closed, NOW, 3600) == NOW + timedelta(hours=1)


def test_a_long_queue_reads_the_calendars_once(seeded, django_assert_max_num_queries):
    lead = make_lead()
    wrote(NOW)
    with django_assert_max_num_queries(11) as few:
        queue.waiting(lead, now=NOW)
    for number in range(8, 12):
        about = {
            "id": number,
            "status": "open",
            "inbox_id": 2,
            "channel": "Channel::WebWidget",
            "updated_at": 1.0,
            "meta": {},
        }
        deliver(message_event(number * 100, conversation=about))

    with django_assert_max_num_queries(len(few)):
        assert len(queue.waiting(lead, now=NOW)) == 5
