"""What comes in is processed without waiting for the disk; everything else waits."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_delivery, make_source, message_event
from webhooks import deliveries
from webhooks.workers import drain

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = {"postgresql": "on", "sqlite": 2}[connection.vendor]
WAITS_NOT = {"postgresql": "off", "sqlite": 1}[connection.vendor]
seen: list[Any] = []


def setting() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW synchronous_commit" if connection.vendor == "postgresql" else "PRAGMA synchronous"
        )
        return cursor.fetchone()[0]


def look(delivery, payload, *, now) -> None:
    seen.append(setting())


@pytest.fixture(autouse=True)
def _handlers(settings):
    settings.IN_HANDLERS = {"message_created": [f"{__name__}.look"]}
    settings.OUT_HANDLERS = {"note.create": f"{__name__}.look"}
    seen.clear()


def test_what_comes_in_is_processed_without_waiting_for_the_disk():
    make_delivery(message_event(), now=timezone.now())

    drain.drain("in")

    assert seen == [WAITS_NOT]


def test_what_goes_out_waits_for_the_disk():
    now = timezone.now()
    deliveries.enqueue(
        make_source(), event="note.create", key="note:1", lane="send", payload={}, at=now, now=now
    )

    drain.drain("send")

    assert seen == [WAITS]


def test_whoever_comes_after_a_drain_waits_for_the_disk():
    drain.drain("in")

    assert setting() == WAITS


def test_a_drain_that_ends_its_worker_leaves_it_as_it_was(settings):
    settings.IN_HANDLERS = {"message_created": [f"{__name__}.crash"]}
    make_delivery(message_event(), now=timezone.now())

    with pytest.raises(SystemExit):
        drain.drain("in")

    assert setting() == WAITS


def crash(delivery, payload, *, now) -> None:
    raise SystemExit(9)
