"""A worker that can be told what to do, by the content of a message; and a Chatwoot whose webhooks can be lost."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make_delivery, message_event
from tests.webhooks.reconcile.reconciling import Wire
from webhooks.errors import Hold, Overtaken, Permanent, Retryable
from webhooks.models import Delivery, RetryPolicy, Source
from webhooks.reconcile import runs

BEHAVIOURS: dict[str, Callable[[], None]] = {}


def behave(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """The handler these tests put behind the mirror's."""
    BEHAVIOURS.get(payload["content"], lambda: None)()


def _raise(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.fixture
def behaviours(db, settings) -> dict[str, Callable[[], None]]:
    """What messages do by their content; more can be put in. No jitter, two delays, three attempts."""
    settings.IN_HANDLERS = {
        "message_created": ["webhooks.mirror.handlers.apply_message", "tests.webhooks.conftest.behave"]
    }
    RetryPolicy.objects.create(name="default", is_default=True, delays=[10, 30], jitter=0, max_attempts=3)
    BEHAVIOURS.clear()
    BEHAVIOURS.update(
        fails=_raise(Retryable("The other side is down.")),
        breaks=_raise(ValueError("it said: my card is 4111 1111 1111 1111")),
        crashes=_raise(SystemExit(9)),  # as django-q2's timeout does: no handler of Exception sees it
        is_permanent=_raise(Permanent("It can never work.", http_status=410)),
        holds=_raise(Hold("Somebody must look.", held_for="rule")),
        is_overtaken=_raise(Overtaken("Not wanted any more.")),
    )
    return BEHAVIOURS


@pytest.fixture
def incoming(behaviours) -> Callable[..., Delivery]:
    """A kept message whose handler behaves as its content says."""
    ids = iter(range(100, 1000))

    def make(content: str = "fine", **facts: Any) -> Delivery:
        number = next(ids)
        conversation = {"id": number, "inbox_id": 2, "status": "open"}
        return make_delivery(message_event(number, content=content, conversation=conversation), **facts)

    return make


@pytest.fixture
def wire(db, settings, seeded, monkeypatch) -> Iterator[Wire]:
    settings.OUT_CALL_S = 1
    monkeypatch.setattr(runs, "PACE_S", 0)
    wire = Wire()
    wire.start()
    Source.objects.update(created_at=NOW - timedelta(hours=1))
    wire.source.refresh_from_db()
    yield wire
    wire.chatwoot.stop()
