"""On PostgreSQL, many workers meet a rested upstream at once: one of them probes, and no failure is lost in the count."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import NOW
from tests.webhooks.deliveries.open_circuits import RESTS_UNTIL, make_open_circuit, make_out
from webhooks.deliveries import circuits
from webhooks.deliveries.circuit_breaker import IN_A_ROW
from webhooks.errors import NotYet
from webhooks.models import Upstream
from webhooks.outbound.reachability import Observed

LEASE_ENDS = RESTS_UNTIL + timedelta(seconds=50)
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def all_at_once(work: Callable[[int], None], count: int) -> None:
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_of_many_workers_probes():
    make_open_circuit()
    rows = [make_out(f"n{number}", at=LEASE_ENDS) for number in range(6)]
    probes: list[int] = []

    def meet(number: int) -> None:
        try:
            circuits.check(rows[number], now=RESTS_UNTIL)
        except NotYet:
            return
        probes.append(rows[number].pk)

    all_at_once(meet, len(rows))

    assert probes == [Upstream.objects.get().probe]


def test_ten_failures_at_once_are_ten():
    rows = [make_out(f"n{number}") for number in range(IN_A_ROW)]

    all_at_once(
        lambda number: circuits.record_result(rows[number], Observed(False, "No answer."), now=NOW), IN_A_ROW
    )

    assert (Upstream.objects.get().failures, Upstream.objects.get().opened_at) == (IN_A_ROW, NOW)
