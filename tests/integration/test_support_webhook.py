"""The contract: one webhook's way through the site, read as a story. Real endpoint, real engine; `now` is passed in."""

import pytest
import requests
import responses
from django.test import Client

from tests.factories import (
    NOW,
    SECRET,
    later,
    make_client,
    make_source,
    make_user,
    message_event,
    run_due,
    signed,
)
from webhooks.database import clock
from webhooks.models import Delivery, RetryPolicy

pytestmark = pytest.mark.django_db

OUTSIDE = "http://ledger.test/events"


def flaky_handler(delivery: Delivery, payload: dict, *, now: object) -> None:
    """Stands for any handler that needs something which is down for a while."""
    requests.get(OUTSIDE, timeout=5).raise_for_status()


@pytest.fixture(autouse=True)
def _story(settings, seeded):
    settings.IN_HANDLERS = settings.IN_HANDLERS | {
        "message_created": [
            "webhooks.mirror.handlers.apply_message",
            "tests.integration.test_support_webhook.flaky_handler",
        ]
    }
    RetryPolicy.objects.filter(is_default=True).update(jitter=0, delays=[10, 30, 120], max_attempts=4)
    make_source(secret=SECRET)


@pytest.fixture
def outside():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def receive(payload: dict) -> Delivery:
    answer = Client().post("/webhooks/chatwoot/acme/", **signed(payload))
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "accepted"
    # The endpoint reads the wall clock; the story is told from NOW on.
    Delivery.objects.filter(pk=answer.json()["id"]).update(
        received_at=NOW, due_since=NOW, next_attempt_at=NOW
    )
    return Delivery.objects.get(pk=answer.json()["id"])


def attempt_at(seconds: float) -> Delivery | None:
    """What a worker does at that moment of the story: the row it tried, or None when nothing was due."""
    ran = run_due("in", now=later(seconds))
    return ran[0] if ran else None


def fail(outside: responses.RequestsMock, times: int) -> None:
    for _ in range(times):
        outside.get(OUTSIDE, status=503)
    outside.get(OUTSIDE, json={"ok": True})


def test_a_failing_handler_is_retried_at_the_times_the_policy_says_and_resolves(outside):
    fail(outside, times=3)
    delivery = receive(message_event())

    tried = {second: attempt_at(second) for second in (0, 9, 10, 39, 40, 159, 160)}

    assert [second for second, row in tried.items() if row] == [0, 10, 40, 160]
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == ("DONE", 4, None)
    assert [attempt.outcome for attempt in delivery.attempt_log.order_by("number")] == ["retryable"] * 3 + [
        "ok"
    ]


def test_a_failed_attempt_leaves_no_effect_behind(outside):
    from webhooks.models import Conversation, Message

    fail(outside, times=1)
    receive(message_event())

    attempt_at(0)
    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)

    attempt_at(10)
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 1)


def test_an_exhausted_policy_makes_a_dead_letter_that_keeps_its_body(outside):
    fail(outside, times=9)
    delivery = receive(message_event())

    for second in (0, 10, 40, 160, 280, 5000):
        attempt_at(second)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == ("DEAD", 4, None)
    assert delivery.payload()["id"] == 100


def test_a_policy_edited_between_two_attempts_decides_the_next_one(outside):
    fail(outside, times=2)
    delivery = receive(message_event())
    attempt_at(0)
    operator = make_client(make_user("olga", "Operator"))
    policy = RetryPolicy.objects.get(is_default=True)

    edited = operator.patch(
        f"/api/v1/retry-policies/{policy.pk}/", {"delays": [300], "version": policy.version}, format="json"
    )
    attempt_at(10)
    delivery.refresh_from_db()

    assert edited.status_code == 200
    assert delivery.next_attempt_at == later(310)
    assert delivery.attempt_log.get(number=2).policy_version == f"default v{policy.version + 1}"


def test_a_replay_brings_a_dead_letter_back_with_a_fresh_budget(outside):
    fail(outside, times=4)
    delivery = receive(message_event())
    for second in (0, 10, 40, 160):
        attempt_at(second)
    operator = make_client(make_user("olga", "Operator"))

    answer = operator.post(
        f"/api/v1/deliveries/{delivery.pk}/replay/", {"reason": "the ledger is back"}, format="json"
    )
    run_due("in", now=clock.now())
    delivery.refresh_from_db()

    assert answer.status_code == 200
    assert (delivery.status, delivery.attempts, delivery.budget_used) == ("DONE", 5, 1)
    assert delivery.audit.get().reason == "the ledger is back"


def test_the_same_delivery_twice_is_one_row_and_one_effect(outside):
    fail(outside, times=0)
    post = signed(message_event())

    first, second = (Client().post("/webhooks/chatwoot/acme/", **post).json() for _ in range(2))

    assert (first["status"], second["status"]) == ("accepted", "duplicate")
    assert first["id"] == second["id"]
    assert Delivery.objects.filter(direction="IN").count() == 1


def test_the_same_message_under_another_delivery_id_is_done_without_handlers(outside):
    fail(outside, times=0)
    original, again = receive(message_event()), receive(message_event())

    attempt_at(0)
    again.refresh_from_db()

    assert (again.status, again.duplicate_of_id) == ("DONE", original.pk)
    assert len(outside.calls) == 1
