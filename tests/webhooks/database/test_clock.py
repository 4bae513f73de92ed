"""The clock that workers agree on. On SQLite there is one host and one clock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.factories import make_source, message_event, signed
from webhooks.database import clock
from webhooks.models import Delivery

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ELSEWHERE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _just_started(monkeypatch):
    monkeypatch.setattr(clock, "_read", None)
    monkeypatch.setattr(clock, "_offset", None)


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


def test_a_host_learns_how_far_its_clock_is_off(monkeypatch):
    monkeypatch.setattr(clock, "_ask", lambda: timezone.now() - timedelta(minutes=4))

    clock.measure_offset()

    off = timezone.now() - clock.to_database_time(timezone.now())
    expected = 240 if connection.vendor == "postgresql" else 0
    assert off.total_seconds() == pytest.approx(expected, abs=1)


def test_a_webhook_is_due_at_once_though_its_host_is_offset_of_the_others(monkeypatch):
    make_source()
    monkeypatch.setattr(clock, "_offset", timedelta(minutes=4))

    Client().post("/webhooks/chatwoot/acme/", **signed(message_event()))

    assert Delivery.objects.get().next_attempt_at < timezone.now() - timedelta(minutes=3)


def test_a_host_just_started_knows_it_for_its_first_webhook(monkeypatch):
    make_source()
    monkeypatch.setattr(clock, "_ask", lambda: timezone.now() - timedelta(minutes=4))

    Client().post("/webhooks/chatwoot/acme/", **signed(message_event()))

    assert Delivery.objects.get().next_attempt_at < timezone.now() - timedelta(minutes=3)
