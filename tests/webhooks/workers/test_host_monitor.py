"""Workers that are gone are noticed by those who are left; that none is left by the web, which then tells it itself."""

import os
import time as clocks
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from tests.factories import NOW, later, make_source, make_user
from tests.webhooks.deliveries.open_circuits import make_out
from webhooks.accounts import access
from webhooks.database import clock
from webhooks.models import Alert, AlertRule, WorkerHost
from webhooks.receiver import spool
from webhooks.workers import host_monitor

pytestmark = pytest.mark.django_db
GONE = 120


@pytest.fixture(autouse=True)
def _exact_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", timezone.now)


def make_host(name: str = "w1", *, silent_s: float = 0) -> None:
    WorkerHost.objects.create(host=name, pid=1, started_at=NOW, beat_at=later(-silent_s))


def told(kind: str = "workers") -> list[str]:
    return list(Alert.objects.filter(kind=kind, closed_at=None).values_list("text", flat=True))


@pytest.mark.parametrize(("silent_s", "gone"), [(GONE, False), (GONE + 1, True)])
def test_a_host_that_fell_silent_is_told_by_the_others(silent_s, gone):
    make_host("w1", silent_s=silent_s)
    make_host("w2")

    host_monitor.check(now=NOW)

    assert bool(told()) is gone


def test_it_is_over_when_the_host_is_back():
    make_host(silent_s=GONE + 1)
    host_monitor.check(now=NOW)
    WorkerHost.objects.update(beat_at=NOW)

    host_monitor.check(now=NOW)

    assert told() == []


def test_a_host_that_is_silent_for_a_day_was_taken_away():
    make_host(silent_s=86_401)

    host_monitor.check(now=NOW)

    assert told() == []


def test_where_no_worker_is_left_the_web_tells_people_itself():
    make_source()
    make_user("o", access.OPERATOR, email="o@example.com")
    make_host(silent_s=GONE + 1)

    host_monitor.check_workers(now=NOW)

    assert mail.outbox[0].subject.startswith("Alert: Workers not running")


def test_it_tells_so_once():
    make_source()
    make_user("o", access.OPERATOR, email="o@example.com")
    make_host(silent_s=GONE + 1)

    host_monitor.check_workers(now=NOW)
    host_monitor.check_workers(now=later(60))

    assert len(mail.outbox) == 1


def test_the_web_does_no_other_work_of_the_workers(settings):
    make_host(silent_s=GONE + 1)
    row = make_out(lane="slow")

    host_monitor.check_workers(now=NOW)

    row.refresh_from_db()
    assert row.attempts == 0


@pytest.mark.parametrize(("waits_s", "gone"), [(GONE - 1, False), (GONE, True)])
def test_workers_that_were_stopped_are_missed_once_something_waits(waits_s, gone):
    make_out(at=later(-waits_s))

    host_monitor.check_workers(now=NOW)

    assert bool(told()) is gone


def test_while_a_worker_lives_the_web_says_nothing():
    make_host("w1", silent_s=GONE + 1)
    make_host("w2")

    host_monitor.check_workers(now=NOW)

    assert told() == []


def test_a_worker_that_is_back_ends_it():
    make_host(silent_s=GONE + 1)
    host_monitor.check_workers(now=NOW)
    make_host("w2")
    WorkerHost.objects.filter(host="w1").delete()

    host_monitor.check(now=NOW)

    assert told() == []


@pytest.mark.parametrize(("ahead_s", "wrong"), [(29, False), (31, True), (-31, True)])
def test_a_host_whose_clock_is_off_is_told(monkeypatch, ahead_s, wrong):
    monkeypatch.setattr(clock, "now", lambda: timezone.now() - timedelta(seconds=ahead_s))

    host_monitor.check_host(now=NOW)

    assert bool(told("clock")) is wrong


def test_it_says_which_way(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + timedelta(seconds=90))

    host_monitor.check_host(now=NOW)

    assert told("clock")[0].endswith("is 1 min 30 s behind the database's.")


@pytest.mark.parametrize(("ahead_s", "wrong"), [(0, False), (300, True)])
def test_chatwoots_clock_is_looked_at_too(ahead_s, wrong):
    answered_at = timezone.now() + timedelta(seconds=ahead_s)

    host_monitor.check_clock_of(make_source(), answered_at, now=NOW)

    assert bool(told("clock")) is wrong


def test_an_answer_without_a_date_tells_nothing():
    AlertRule.objects.create(kind="clock", threshold=1)

    host_monitor.check_clock_of(make_source(), None, now=NOW)

    assert told("clock") == []


def keep_on_disk(name: str, *, age_s: float = 0) -> None:
    file = Path(spool.folder()) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    at = clocks.time() - age_s
    os.utime(file, (at, at))


@pytest.mark.parametrize(("age_s", "wrong"), [(60, False), (180, True)])
def test_webhooks_that_stay_on_the_disk_are_told(age_s, wrong):
    keep_on_disk(f"1{spool.SUFFIX}", age_s=age_s)

    host_monitor.check_host(now=NOW)

    assert bool(told("spool")) is wrong


def test_so_are_those_that_cannot_be_read():
    keep_on_disk(f"{spool.BAD}/1{spool.SUFFIX}")

    host_monitor.check_host(now=NOW)

    assert "1 webhook has been set aside there as unreadable" in told("spool")[0]
