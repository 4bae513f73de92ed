"""Rows kept up from a memory are those calculated from scratch, event by event, in order and out of order (rule 10)."""

import random
from datetime import timedelta

import pytest

from reports.clocks import clocks, memories
from reports.models import Clock, DayChange, SLAPolicy
from reports.policies import versions
from reports.sla import go_on
from tests.factories import NOW, conversation_object, deliver, later, make_inbox, message_event
from tests.reports.clocks.test_oracle_of_events import BEGINS, Chatwoot, history, promised
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
CONTENT = [
    field.attname for field in Clock._meta.concrete_fields if field.name not in ("id", "first_calculated_at")
]


@pytest.fixture(autouse=True)
def _seeded(seeded) -> None:
    make_inbox()


@pytest.fixture
def gone_on(monkeypatch) -> list[int]:
    """How often clocks went on from a memory."""
    times: list[int] = []

    def counting(*args, **options):
        times.append(1)
        return go_on(*args, **options)

    monkeypatch.setattr(memories.sla, "go_on", counting)
    return times


def rows() -> list[tuple]:
    return list(Clock.objects.order_by("metric", "number").values_list(*CONTENT))


def said(number: int, at: float, *, kind: str = "incoming", **facts) -> dict:
    about = conversation_object(updated_at=later(at).timestamp(), **facts)
    return message_event(number, kind=kind, at=later(at), conversation=about)


def hear(*payloads: dict) -> None:
    """Each as soon as it happened, and compared with a calculation from scratch at the same moment."""
    for payload in payloads:
        now = later(payload["id"] * 60)
        deliver(payload, now=now)
        kept_up = rows()
        clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=now)
        assert kept_up == rows()


def turns(count: int) -> list[dict]:
    return [said(n, n * 60, kind=("incoming", "incoming", "outgoing")[n % 3]) for n in range(1, count + 1)]


def test_a_conversation_in_order_goes_on_from_its_memory(gone_on):
    for payload in turns(12):
        deliver(payload, now=later(payload["id"] * 60))
    kept_up = rows()

    clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=later(12 * 60))

    assert len(gone_on) == 11
    assert kept_up == rows()


def test_every_message_leaves_what_a_calculation_from_scratch_would():
    hear(*turns(9))


def test_a_late_message_is_calculated_from_scratch(gone_on):
    first, late, last = said(1, 0), said(2, 60, kind="outgoing"), said(3, 120)
    deliver(first, now=NOW)
    deliver(last, now=later(120))

    deliver(late, now=later(180))

    kept_up = rows()
    clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=later(180))
    assert len(gone_on) == 1
    assert kept_up == rows()


def test_a_status_that_was_not_reported_is_noticed():
    deliver(said(1, 0), now=NOW)

    deliver(said(2, 600, kind="outgoing", status="pending"), now=later(600))

    kept_up = rows()
    clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=later(600))
    assert kept_up == rows()


def test_a_changed_policy_is_noticed_by_the_next_message(gone_on):
    deliver(said(1, 0), now=NOW)
    policy = SLAPolicy.objects.get()
    versions.change(
        policy, {"next_response_s": 60, "valid_from": NOW - timedelta(days=1)}, now=NOW - timedelta(days=1)
    )

    deliver(said(2, 600, kind="outgoing"), now=later(600))

    assert not gone_on
    assert Conversation.objects.get().clocks_memory


def test_a_message_stored_outside_events_is_read_by_the_sweep(gone_on):
    from webhooks.mirror import handlers

    deliver(said(1, 0), now=NOW)
    handlers.keep_own_message(Conversation.objects.get(), said(2, 60, kind="outgoing"))

    clocks.sweep(now=later(120))

    assert len(gone_on) == 1
    assert Clock.objects.get(metric="first_response").stopped_at == later(60)


def test_a_clock_decided_on_a_past_day_is_reported_once():
    deliver(said(1, 0), now=NOW)
    for n in (2, 3, 4):
        deliver(said(n, n * 60), now=later(5 * 86_400 + n))

    assert DayChange.objects.count() == len(set(DayChange.objects.values_list("day", flat=True)))


@pytest.mark.parametrize("seed", range(6))
def test_mixed_up_histories_are_kept_up_as_from_scratch(seed):
    dice = random.Random(seed)
    begin = BEGINS[dice.choice(list(BEGINS))]
    promised(begin)
    events = [one for one in history(dice, first="open") if one[1] != "status" or one[2]]
    payloads = Chatwoot(dice, begin, events, first="open").payloads()
    for payload in payloads:
        payload["account"] = {"id": 1, "name": "Acme"}
    now = begin + timedelta(days=36)
    for payload in payloads:
        deliver(payload, now=now)
        kept_up = rows()
        clocks.keep_up(Conversation.objects.get(), versions.all_versions(), now=now)
        assert kept_up == rows()
        clocks.follow(Conversation.objects.get(), now=now)
