"""One sample a minute of what arrived, what failed, and what is due."""

import pytest

from tests.factories import NOW, later, make_delivery
from webhooks.models import Attempt, Delivery, HealthSample
from webhooks.workers import health_samples

pytestmark = pytest.mark.django_db


def sample(at: float = 60) -> HealthSample:
    health_samples.take(now=later(at))
    return HealthSample.objects.latest("at")


def test_it_counts_what_arrived_in_the_minute_that_ended():
    for at in (-1, 0, 59, 60):
        make_delivery(now=later(at))

    assert (sample().at, sample().arrived) == (later(60), 2)


def test_it_counts_attempts_that_failed():
    row = make_delivery()
    for number, outcome in enumerate(("ok", "retryable", "unknown", "crashed", ""), start=1):
        Attempt.objects.create(
            delivery=row, number=number, started_at=NOW, finished_at=later(5), outcome=outcome
        )

    assert sample().failed == 3


def test_it_shows_the_backlog_and_how_late_the_oldest_is():
    for at in (0, 30):
        make_delivery(now=later(at))

    assert (sample(75).backlog, sample(75).late_s) == (2, 75)


def test_what_is_due_later_is_no_backlog():
    make_delivery()
    Delivery.objects.update(next_attempt_at=later(600))

    assert (sample().backlog, sample().late_s) == (0, 0)


def test_two_hosts_write_one():
    assert [health_samples.take(now=later(at)) for at in (60, 65)] == [True, False]
    assert HealthSample.objects.count() == 1
