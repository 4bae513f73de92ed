"""On PostgreSQL, a switch and a reply about to leave meet at one lock: one is first, and the other sees what it did."""

import threading

import pytest
from django.db import connection, transaction

from tests.factories import make_delivery, make_source, message_event
from tests.webhooks.sources.moding import switch
from webhooks.errors import Hold
from webhooks.models import Source
from webhooks.sources import modes

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_a_switch_waits_for_a_reply_that_passed_the_gate_and_the_next_one_is_held():
    make_source()
    row = make_delivery(message_event())
    switched = threading.Event()

    def pause() -> None:
        try:
            switch("paused")
            switched.set()
        finally:
            connection.close()

    thread = threading.Thread(target=pause)
    with transaction.atomic():
        modes.check_reply(row)
        thread.start()
        assert not switched.wait(0.5)
    thread.join(10)

    assert Source.objects.get().mode == "paused"
    with pytest.raises(Hold), transaction.atomic():
        modes.check_reply(row)
