"""Nothing coming is told where somebody said what is usual, and only business time counts."""

from datetime import timedelta

import pytest

from tests.factories import NOW, deliver, make_delivery, make_inbox, make_source, message_event
from webhooks.models import Alert, Inbox, Source
from webhooks.sources import silence

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FRIDAY_EVENING = NOW - timedelta(days=2, hours=16, minutes=20)  # 16:40; the desk opens on weekdays, 9 to 17


def told() -> list[str]:
    return list(Alert.objects.filter(closed_at=None).values_list("text", flat=True))


@pytest.fixture
def source(seeded) -> Source:
    make_source()
    Source.objects.update(silence_minutes=40)
    return Source.objects.get()


@pytest.mark.parametrize(("minutes", "silent"), [(39, False), (40, True)])
def test_a_source_is_silent_after_so_many_minutes(source, minutes, silent):
    make_delivery(source=source, now=NOW)

    silence.check(now=NOW + minutes * MINUTE)

    assert bool(told()) is silent


@pytest.mark.parametrize(("minutes", "silent"), [(19, False), (20, True)])
def test_nights_and_weekends_do_not_count(source, minutes, silent):
    make_delivery(source=source, now=FRIDAY_EVENING)

    silence.check(now=NOW + minutes * MINUTE)

    assert bool(told()) is silent


def test_it_says_of_whom_and_for_how_long(source):
    make_delivery(source=source, now=NOW)

    silence.check(now=NOW + 45 * MINUTE)

    assert told() == ["No webhooks from acme for 45 min of its business hours (alert after 40 min)."]


def test_a_look_that_finds_it_silent_still_is_no_new_meeting(source):
    make_delivery(source=source, now=NOW)

    for minutes in (45, 46, 47):
        silence.check(now=NOW + minutes * MINUTE)

    assert Alert.objects.get().count == 1


def test_it_is_over_when_something_comes(source):
    make_delivery(source=source, now=NOW)
    silence.check(now=NOW + HOUR)
    make_delivery(source=source, now=NOW + HOUR)

    silence.check(now=NOW + HOUR)

    assert told() == []


def test_without_a_threshold_nobody_watches(source):
    make_delivery(source=source, now=NOW)
    silence.check(now=NOW + HOUR)
    Source.objects.update(silence_minutes=None)

    silence.check(now=NOW + HOUR)

    assert told() == []


def test_an_inbox_is_watched_by_itself(source):
    Source.objects.update(silence_minutes=None)
    make_inbox(source)
    deliver(message_event(), source=source)
    Inbox.objects.update(silence_minutes=30)

    silence.check(now=NOW + 31 * MINUTE)

    assert told() == ["No webhooks from Chat (acme) for 31 min of its business hours (alert after 30 min)."]
