"""Deliveries that failed, and replays of them."""

from datetime import datetime
from typing import Any

from tests.factories import NOW, later, make_delivery, make_source, message_event
from webhooks.deliveries import replay_plans, replay_runs
from webhooks.deliveries.replay_plans import Filters, Plan
from webhooks.models import Delivery, ReplayRun, Source

START = later(1000)


def make_rows(
    count: int, *, status: str = "DEAD", source: Source | None = None, **facts: Any
) -> list[Delivery]:
    """In that state, as long ago as NOW."""
    rows = [make_delivery(message_event(), source=source) for _ in range(count)]
    facts = {"status": status, "next_attempt_at": NOW if status == "PENDING" else None, "attempts": 9} | facts
    if status == "HELD":
        facts |= {"held_for": "rule"}
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(**facts)
    return rows


def make_run(
    *,
    pace: int = 10,
    now: datetime = START,
    also_done: bool = False,
    source: Source | None = None,
    **filters: Any,
) -> ReplayRun:
    chosen = Filters(source or make_source(), **filters)
    return replay_runs.start(
        chosen, by=None, reason="the ledger is back", pace=pace, also_done=also_done, now=now
    )


def plan(*, also_done: bool = False, **filters: Any) -> Plan:
    return replay_plans.plan(Filters(make_source(), **filters), also_done=also_done)
