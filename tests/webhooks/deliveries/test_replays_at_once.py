"""What only real connections can show: two hosts that step at once double nothing, and of two starts one wins."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tests.factories import NOW, later, make_delivery, make_source, message_event
from webhooks.deliveries import replay_runs
from webhooks.deliveries.replay_plans import Filters
from webhooks.models import Delivery, DeliveryAudit, ReplayItem, ReplayRun

# On SQLite the same is shown by tests/integration/test_replay_processes.py: threads share its test database in memory.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
START = later(1000)


def at_once(threads: int, work: Callable[[], Any]) -> list[Any]:
    """The results or errors of `work` in that many threads, which all begin together, each with its own connection."""
    barrier, results = threading.Barrier(threads), []

    def run() -> None:
        try:
            barrier.wait(10)
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    return results


def make_rows(count: int) -> list[Delivery]:
    rows = [make_delivery(message_event()) for _ in range(count)]
    Delivery.objects.update(status="DEAD", next_attempt_at=None, attempts=9)
    return rows


def start(pace: int = 20) -> ReplayRun:
    return replay_runs.start(
        Filters(make_source()), by=None, reason="the ledger is back", pace=pace, also_done=False, now=NOW
    )


def test_hosts_that_step_at_once_reopen_each_row_once():
    rows = make_rows(60)
    start()

    for second in range(4):
        steps = at_once(4, partial(replay_runs.step, now=later(second, START)))
        assert sum(steps) <= 20
        Delivery.objects.filter(status="PENDING").update(status="DONE", next_attempt_at=None)

    assert Counter(DeliveryAudit.objects.values_list("delivery", flat=True)) == {row.pk: 1 for row in rows}
    assert ReplayRun.objects.get().status == "DONE"


def test_of_two_starts_at_once_one_wins_and_the_other_is_told():
    make_source()
    make_rows(30)

    results = at_once(4, start)

    told = [str(error) for error in results if isinstance(error, replay_runs.CannotStart)]
    assert len(told) == 3
    assert all("A replay of acme is in progress: 0 of 30." in text for text in told)
    assert (ReplayRun.objects.count(), ReplayItem.objects.count()) == (1, 30)


def test_a_cancel_during_steps_leaves_the_rest_as_it_was():
    make_rows(60)
    run = start(pace=10)
    steps = iter(range(8))

    def step_or_cancel() -> None:
        number = next(steps)
        if number == 4:
            replay_runs.cancel(ReplayRun.objects.get(), by=None, now=START)
        else:
            replay_runs.step(now=later(number, START))

    results = at_once(8, step_or_cancel)

    assert [result for result in results if isinstance(result, Exception)] == []
    run.refresh_from_db()
    assert run.status == "CANCELLED"
    waiting = run.items.filter(state="WAITING").count()
    assert Delivery.objects.filter(status="DEAD").count() == waiting
    assert DeliveryAudit.objects.count() == 60 - waiting
