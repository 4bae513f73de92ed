"""What only two real connections can show: no row is taken twice, and equal requests make one row."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.factories import NOW, make_delivery, make_source, message_event, signed
from webhooks import deliveries
from webhooks.models import Attempt, Delivery

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(threads: int, work: Callable[[], Any]) -> list[Any]:
    """The results of `work` in that many threads, which all begin together, each with its own connection."""
    barrier, results, errors = threading.Barrier(threads), [], []

    def run() -> None:
        try:
            barrier.wait(10)
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    assert not errors
    return results


def test_no_row_is_claimed_twice(settings):
    settings.CLAIM_BATCH = 7
    source = make_source()
    rows = [make_delivery(message_event(100 + n), source=source) for n in range(60)]

    def claim_all() -> list[int]:
        mine = []
        while batch := deliveries.claim("in", now=NOW):
            mine += [row.pk for row in batch]
        return mine

    taken = Counter(pk for mine in at_once(4, claim_all) for pk in mine)

    # skip_locked may hand a worker nothing while another holds the rest: what is left is due still.
    taken.update(claim_all())
    assert taken == Counter({row.pk: 1 for row in rows})
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
    assert Attempt.objects.count() == 60


def test_of_200_equal_requests_over_16_threads_one_makes_a_row():
    make_source()
    arguments = signed(message_event(), key="the one delivery")
    left = iter(range(200))

    def post_some() -> list[dict[str, Any]]:
        return [Client().post("/webhooks/chatwoot/acme/", **arguments).json() for _ in left]

    answers = [answer for some in at_once(16, post_some) for answer in some]

    assert Counter(answer["status"] for answer in answers) == {"accepted": 1, "duplicate": 199}
    assert {answer["id"] for answer in answers} == {Delivery.objects.get().pk}


def test_of_equal_happenings_processed_at_once_one_runs_its_handlers():
    source = make_source()
    for number in range(6):
        make_delivery(message_event(), source=source, key=f"delivery {number}")

    def work() -> None:
        for row in deliveries.claim("in", now=NOW, limit=1):
            deliveries.process(row, now=NOW)

    at_once(6, work)
    while batch := deliveries.claim("in", now=NOW):
        for row in batch:
            deliveries.process(row, now=NOW)

    assert Counter(Delivery.objects.filter(direction="IN").values_list("status", flat=True)) == {"DONE": 6}
    assert Delivery.objects.filter(direction="IN", duplicate_of=None).count() == 1
