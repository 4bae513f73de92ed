"""The clock that workers agree on. On SQLite there is one host and one clock."""

from datetime import UTC, datetime

import pytest

from webhooks import clock

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ELSEWHERE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _just_started(monkeypatch):
    monkeypatch.setattr(clock, "_read", None)


def test_the_databases_time_counts(monkeypatch):
    monkeypatch.setattr(clock, "_ask", lambda: ELSEWHERE)

    assert 0 <= (clock.now() - ELSEWHERE).total_seconds() < 1


def test_it_is_asked_once_a_second(django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(10):
            clock.now()


def test_it_is_asked_again_after_a_second(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(clock, "FRESH_S", 0)

    with django_assert_num_queries(2):
        clock.now()
        clock.now()


def test_time_goes_on_in_between():
    first, second = clock.now(), clock.now()

    assert first < second
