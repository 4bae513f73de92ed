"""Deliveries to a Chatwoot that answers as it is told, and an upstream that is rested."""

from datetime import datetime
from typing import Any

import responses

from tests.factories import NOW, later, make_source
from webhooks import deliveries
from webhooks.deliveries.circuit_breaker import IN_A_ROW, PAUSES_S
from webhooks.models import Delivery, Source, Upstream
from webhooks.outbound import chatwoot

PROFILE = "http://chatwoot.test/api/v1/profile"
PAUSE = PAUSES_S[0]
RESTS_UNTIL = later(PAUSE)


def ask(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """The handler of these tests: one call."""
    if payload.get("calls", True):
        chatwoot.client(delivery.source).profile()


def answers(status: int = 200, *, to: str = PROFILE) -> None:
    responses.upsert(responses.GET, to, json={"id": 1}, status=status)


def make_out(
    key: str = "n1", *, source: Source | None = None, event: str = "note.create", at: datetime = NOW, lane: str = "send",
    **payload: Any,
) -> Delivery:  # fmt: skip
    deliveries.enqueue(
        source or make_source(), event=event, key=key, lane=lane, payload=payload, at=at, now=NOW
    )
    return Delivery.objects.get(delivery_key=key)


def make_open_circuit(source: Source | None = None, **facts: Any) -> Upstream:
    """Since now, with a probe after the first pause."""
    source = source or make_source()
    known = {
        "failures": IN_A_ROW, "pauses": 1, "opened_at": NOW, "probe_at": RESTS_UNTIL, "failed_at": NOW,
        "last_error": "Chatwoot answered 502.",
    }  # fmt: skip
    return Upstream.objects.create(key=f"chatwoot:{source.pk}", source=source, **known | facts)
