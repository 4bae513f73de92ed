"""Troubles of the wire that no single delivery meets: from when on they are told, and when they are over."""

from datetime import timedelta

import pytest

from tests.factories import NOW, later, make_source
from tests.webhooks.deliveries.open_circuits import make_open_circuit, make_out
from webhooks.database import clock
from webhooks.models import Alert, AlertRule, Delivery, FailureNote, Upstream
from webhooks.workers import monitors

pytestmark = pytest.mark.django_db
MINUTE = 60


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def told(kind: str) -> list[str]:
    monitors.check(now=NOW)
    return list(Alert.objects.filter(kind=kind, closed_at=None).values_list("text", flat=True))


def rule(kind: str, threshold: int | None) -> None:
    AlertRule.objects.create(kind=kind, threshold=threshold)


def make_dead(count: int, *, at=NOW, event: str = "note.create", **facts) -> None:
    for number in range(count):
        row = make_out(f"{event}{at}{number}", event=event)
        Delivery.objects.filter(pk=row.pk).update(
            status="DEAD", next_attempt_at=None, finished_at=at, **facts
        )


def make_held(*, waits_s: float) -> None:
    row = make_out(f"held{waits_s}", event="reply.send")
    Delivery.objects.filter(pk=row.pk).update(
        status="HELD", held_for="rule", next_attempt_at=None, due_since=later(-waits_s)
    )


@pytest.mark.parametrize(("waits_s", "late"), [(5 * MINUTE, True), (5 * MINUTE - 1, False)])
def test_deliveries_are_late_from_so_many_minutes_on(waits_s, late):
    make_out(at=later(-waits_s))

    assert bool(told("late")) is late


def test_a_late_lane_is_named_with_its_oldest():
    make_out("a", at=later(-6 * MINUTE), lane="slow")
    make_out("b", at=later(-7 * MINUTE))

    assert told("late") == ["Deliveries are late: the oldest in lane send has waited for 7 min."]


@pytest.mark.parametrize(("count", "many"), [(9, False), (10, True)])
def test_dead_letters_are_told_from_so_many_an_hour_on(count, many):
    make_dead(count)

    assert bool(told("dead")) is many


def test_what_was_given_up_longer_ago_does_not_count():
    make_dead(10, at=NOW - timedelta(hours=1, seconds=1))

    assert told("dead") == []


def test_what_is_muted_does_not_count():
    make_dead(10, error_fingerprint="f" * 16)
    FailureNote.objects.create(fingerprint="f" * 16, muted_at=NOW, changed_at=NOW)

    assert told("dead") == []


def test_a_reply_that_was_given_up_is_told_as_parked_not_twice():
    rule("dead", 1)
    make_dead(1, event="reply.send")

    assert told("dead") == []


@pytest.mark.parametrize(("waits_s", "held"), [(15 * MINUTE, True), (15 * MINUTE - 1, False)])
def test_held_replies_are_told_after_a_while(waits_s, held):
    make_held(waits_s=waits_s)

    assert bool(told("held")) is held


def test_they_are_counted():
    make_held(waits_s=20 * MINUTE)
    make_held(waits_s=MINUTE)

    assert told("held") == ["2 approved replies are held, the oldest for 20 min."]


def test_a_rule_without_a_number_watches_nothing():
    rule("held", None)
    make_held(waits_s=3600)

    assert told("held") == []


def test_a_trouble_is_over_when_it_is_not_found_any_more():
    make_held(waits_s=3600)
    assert told("held")
    Delivery.objects.update(status="CANCELLED", held_for="", next_attempt_at=None)

    assert told("held") == []


def test_a_rested_party_is_told_with_its_last_error():
    make_open_circuit()

    (text,) = told("circuit_open")

    assert text.startswith("Chatwoot (acme): circuit open after 10 failures in a row")
    assert text.endswith("Last error: Chatwoot answered 502.")


def test_it_is_over_when_the_party_answers():
    make_open_circuit()
    assert told("circuit_open")
    Upstream.objects.update(opened_at=None, probe_at=None)

    assert told("circuit_open") == []


def test_the_alert_of_a_rested_chatwoot_is_its_sources():
    make_open_circuit()

    monitors.check(now=NOW)

    assert Alert.objects.get(kind="circuit_open").source == make_source()
