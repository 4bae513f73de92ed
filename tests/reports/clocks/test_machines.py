"""What Chatwoot does by itself long afterwards, or counts for itself, decides nothing here."""

from collections.abc import Iterable

import pytest
from django.db import transaction

from reports.models import Clock
from tests.factories import make_inbox
from tests.reports.clocks.test_clocks import answered, hear, resolved, wrote
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
MINUTE, DAY = 60, 86_400
RULE = {"sender": None, "content_attributes": {"automation_rule_id": 4}}
DELAYS = {
    "ten minutes": 10 * MINUTE,
    "two days": 2 * DAY,
    "thirty days": 30 * DAY,
}  # the least and the most since 4.16
SLA = {
    "applied_sla": {"id": 3, "sla_id": 2, "sla_status": "missed", "created_at": 1_764_000_000},
    "sla_events": [{"id": 9, "event_type": "frt", "meta": {}}, {"id": 10, "event_type": "rt", "meta": {}}],
}


@pytest.fixture(autouse=True)
def _seeded(seeded) -> None:
    make_inbox()


def waits() -> bool:
    return Conversation.objects.get().waiting_since is not None


def clocks() -> list[tuple]:
    kept = Clock.objects.order_by("metric", "number")
    return list(
        kept.values_list(
            "metric", "number", "state", "started_at", "due_at", "stopped_at", "business_seconds"
        )
    )


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
def test_what_a_delayed_automation_writes_answers_nobody(delay):
    hear(wrote(), at=0)

    hear(answered(at=delay, **RULE), at=delay)

    assert waits()
    assert {state for metric, _, state, *_ in clocks() if metric == "first_response"} <= {"running", "missed"}
    assert all(stopped is None for metric, *_, stopped, _ in clocks() if metric == "first_response")


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
def test_what_it_writes_after_an_answer_changes_no_decided_clock(delay):
    hear(wrote(), answered(at=MINUTE), at=MINUTE)
    known = [row for row in clocks() if row[0] == "first_response"]

    hear(answered(102, at=delay, **RULE), at=delay)

    assert not waits()
    assert [row for row in clocks() if row[0] == "first_response"] == known


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
def test_it_answers_no_question_that_came_after_an_answer_either(delay):
    hear(wrote(), answered(at=MINUTE), wrote(102, at=2 * MINUTE), at=2 * MINUTE)

    hear(answered(103, at=delay, **RULE), at=delay)

    assert waits()
    assert {state for metric, _, state, *_ in clocks() if metric == "next_response"} <= {"running", "missed"}
    assert all(stopped is None for metric, *_, stopped, _ in clocks() if metric == "next_response")


def test_chatwoots_own_sla_decides_nothing_here():
    told = [wrote(), answered(at=MINUTE), resolved(at=2 * MINUTE)]

    assert after(map(with_sla, told)) == after(told)


def after(told: Iterable[dict]) -> tuple:
    """Clocks and conversation after these events, which are forgotten again."""
    with transaction.atomic():
        hear(*told, at=2 * MINUTE)
        row = Conversation.objects.get()
        found = clocks(), row.status, row.waiting_since, row.labels, row.registers
        transaction.set_rollback(True)
    return found


def with_sla(event: dict) -> dict:
    """Enterprise editions put them on the conversation, and beside it."""
    nested = event.get("conversation")
    return event | SLA | ({"conversation": nested | SLA} if nested else {})
