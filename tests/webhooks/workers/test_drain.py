"""Drains and what ends them, what wakes them, and the chores beside them."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.brokers import get_broker

from tests.factories import make_source
from webhooks import deliveries
from webhooks.database import outage
from webhooks.models import Attempt, Delivery
from webhooks.workers import drain, liveness
from webhooks.workers.drain import Chore

pytestmark = pytest.mark.django_db


def three_due(incoming, first: str = "fine") -> list[Delivery]:
    now = timezone.now()
    return [incoming(first if n == 0 else "fine", now=now + timedelta(seconds=n - 60)) for n in range(3)]


def attempts() -> list[int]:
    return list(Delivery.objects.order_by("received_at").values_list("attempts", flat=True))


@pytest.fixture
def line(monkeypatch):
    """The other end of this process's lifeline."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    monkeypatch.setattr(liveness, "_end", theirs)
    yield ours
    ours.close()
    theirs.close()


def test_a_drain_takes_what_is_due_and_says_how_many(incoming):
    three_due(incoming)

    assert drain.drain("in") == 3
    assert set(Delivery.objects.values_list("status", flat=True)) == {"DONE"}


def test_a_drain_whose_slice_is_over_gives_back_what_it_did_not_start(incoming, behaviours):
    behaviours["long"] = lambda: time.sleep(0.3)
    three_due(incoming, "long")

    assert drain.drain("in", slice_s=0.25) == 1
    assert attempts() == [1, 0, 0]


def test_after_a_term_the_row_at_hand_is_finished_and_the_others_go_back(incoming, behaviours):
    behaviours["is told to stop"] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    three_due(incoming, "is told to stop")
    ended = []
    before = signal.signal(signal.SIGTERM, lambda *args: ended.append(True))

    try:
        drain.drain("in")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert [row.status for row in Delivery.objects.order_by("received_at")] == ["DONE", "PENDING", "PENDING"]
    assert (attempts(), Attempt.objects.count()) == ([1, 0, 0], 1)
    assert ended == [True]


def test_a_drain_whose_lifeline_is_cut_stops_behind_the_row_at_hand(incoming, behaviours, line):
    behaviours["is cut off"] = line.close
    three_due(incoming, "is cut off")

    assert drain.drain("in") == 1
    assert attempts() == [1, 0, 0]


def test_a_drain_gives_signs_of_life(incoming, line):
    three_due(incoming)

    drain.drain("in")

    assert len(line.recv(100)) >= 3


def test_a_row_that_ends_its_worker_leaves_its_neighbours_their_attempts(incoming):
    three_due(incoming, "crashes")

    with pytest.raises(SystemExit):
        drain.drain("in")

    assert attempts() == [1, 0, 0]


def test_a_drain_that_loses_the_database_ends_its_process(incoming, monkeypatch):
    def away(*args, **options):
        raise OperationalError("the connection is closed")

    incoming()
    monkeypatch.setattr(deliveries, "claim", away)

    with pytest.raises(SystemExit):
        drain.drain("in")


def test_a_lane_is_overdue_by_its_oldest_row(incoming):
    three_due(incoming)

    assert 59 < drain.overdue_s()["in"] < 70
    assert "send" not in drain.overdue_s()


def test_a_lane_works_while_one_of_its_rows_runs_on_this_host(incoming):
    incoming(now=timezone.now())
    deliveries.claim("in", now=timezone.now())

    assert drain.is_working("in")
    assert not drain.is_working("send")


def test_a_row_that_runs_elsewhere_is_not_our_work(incoming):
    incoming(now=timezone.now())
    deliveries.claim("in", now=timezone.now())
    Delivery.objects.update(running_on="another-host:7")

    assert not drain.is_working("in")


def test_rows_of_a_killed_worker_come_back_at_once(incoming):
    incoming(now=timezone.now())
    deliveries.claim("in", now=timezone.now())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    Delivery.objects.update(running_on=f"{deliveries.host()}:{gone.pid}")

    drain.reclaim(now=timezone.now())

    assert Delivery.objects.get().next_attempt_at <= timezone.now()


def test_rows_of_a_living_worker_stay_its_own(incoming):
    incoming(now=timezone.now())
    deliveries.claim("in", now=timezone.now())

    drain.reclaim(now=timezone.now())

    assert Delivery.objects.get().next_attempt_at > timezone.now()


def test_a_process_nobody_has_waited_for_is_dead():
    killed = subprocess.Popen(["sleep", "60"])
    assert drain.is_alive(killed.pid)

    killed.kill()
    time.sleep(0.2)

    assert not drain.is_alive(killed.pid)
    killed.wait()


def test_as_many_drains_wait_as_there_are_workers_and_no_more(settings):
    get_broker("in").purge_queue()

    woken = [drain.wake("in") for _ in range(settings.LANES["in"] + 2)]

    assert woken == [True] * settings.LANES["in"] + [False, False]


done: list[str] = []


def fails(*, now) -> None:
    raise ValueError("it broke")


def finds_the_database_away(*, now) -> None:
    raise outage.DatabaseUnavailable


def works(*, now) -> None:
    done.append("worked")


def asks_for_what_is_not_there(*, now) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM never_migrated")


def chore(name: str) -> Chore:
    return Chore(name, f"{__name__}.{name}", 1)


def test_a_chore_that_fails_stops_no_other(incoming, monkeypatch):
    monkeypatch.setattr(drain, "CHORES", [chore("fails"), chore("works")])
    incoming(now=timezone.now())
    done.clear()

    assert drain.drain_all() == 1
    assert done == ["worked"]


def test_a_chore_that_goes_on_failing_is_logged_once(caplog, monkeypatch):
    monkeypatch.setattr(drain, "_last_errors", {})
    caplog.set_level(logging.ERROR, logger="webhooks.workers.drain")

    for _ in range(3):
        assert not drain.do(chore("fails"))

    assert [record.getMessage() for record in caplog.records] == ["chore.failed"]


def test_a_chore_without_a_database_waits_silently(caplog):
    assert not drain.do(chore("finds_the_database_away"))
    assert not caplog.records


def test_a_chore_that_asks_for_what_no_migration_made_is_logged_with_its_trace(caplog, monkeypatch):
    monkeypatch.setattr(drain, "_last_errors", {})

    assert not drain.do(chore("asks_for_what_is_not_there"))

    (record,) = caplog.records
    assert (record.getMessage(), bool(record.exc_info)) == ("chore.failed", True)


def test_every_chore_can_be_done():
    make_source()

    assert [one.name for one in drain.CHORES if not drain.do(one)] == []
