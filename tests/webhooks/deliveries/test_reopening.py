"""Replaying a row: who may be brought back, with what reason, and what is written down."""

import pytest
from django.conf import settings

from tests.factories import NOW, later, make_source, make_user, run_due
from webhooks import deliveries
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


def replay(row: Delivery, *, reason: str = "it is back", **how) -> Delivery:
    deliveries.replay(row, by=None, reason=reason, now=later(500), **how)
    return row


def refusal(row: Delivery, **how) -> str:
    with pytest.raises(deliveries.CannotReplay) as caught:
        replay(row, **how)
    return str(caught.value)


@pytest.fixture
def dead(incoming) -> Delivery:
    row = incoming("is_permanent")
    run_due("in", now=NOW)
    row.refresh_from_db()
    return row


def test_a_dead_row_comes_back_due_now_with_a_fresh_budget(dead):
    replay(dead)

    assert (dead.status, dead.next_attempt_at, dead.due_since) == ("PENDING", later(500), later(500))
    assert (dead.attempts, dead.budget_from, dead.budget_used) == (1, 1, 0)


def test_the_attempts_of_before_stay_in_the_log(dead):
    replay(dead)
    run_due("in", now=later(500))

    assert list(dead.attempt_log.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_the_fresh_budget_is_the_whole_policy(incoming):
    row = incoming("fails")
    for seconds in (0, 10, 40):
        run_due("in", now=later(seconds))
    row.refresh_from_db()
    replay(row)

    for seconds in (500, 510, 540, 600):
        run_due("in", now=later(seconds))

    row.refresh_from_db()
    assert (row.status, row.attempts, row.budget_used) == ("DEAD", 6, 3)


def test_a_held_row_can_be_replayed(incoming):
    row = incoming("holds")
    run_due("in", now=NOW)
    row.refresh_from_db()

    replay(row)

    assert (row.status, row.held_for) == ("PENDING", "")


def test_a_pending_row_cannot(incoming):
    assert "still being retried" in refusal(incoming())


def test_a_done_row_only_when_asked_for(incoming):
    row = incoming()
    run_due("in", now=NOW)
    row.refresh_from_db()

    assert "done" in refusal(row)
    assert replay(row, also_done=True).status == "PENDING"


@pytest.mark.parametrize("reason", ["", "   "], ids=["empty", "blank"])
def test_a_reason_is_needed(dead, reason):
    assert "Enter a reason" in refusal(dead, reason=reason)


def test_a_reply_is_never_replayed(behaviours):
    deliveries.enqueue(
        make_source(), event="reply.send", key="reply.send:1:1", lane="send", payload={}, at=NOW, now=NOW
    )
    Delivery.objects.update(status="DEAD", next_attempt_at=None)

    assert "open its draft" in refusal(Delivery.objects.get())


def test_of_two_who_replay_one_is_told_that_somebody_was_first(dead):
    other = Delivery.objects.get(pk=dead.pk)
    replay(dead)

    assert "changed since you opened it" in refusal(other)
    assert dead.audit.count() == 1


def test_it_is_written_down_who_did_it_and_why(dead):
    olga = make_user("olga", "Operator")

    deliveries.replay(dead, by=olga, reason="the ledger is back", now=later(500))

    row = dead.audit.get()
    assert (row.by, row.at, row.action, row.reason) == (olga, later(500), "replay", "the ledger is back")


@pytest.mark.parametrize("event", settings.NOTICES)
def test_a_message_that_was_sent_to_people_is_never_sent_again(dead, event):
    Delivery.objects.filter(pk=dead.pk).update(event=event, status="DONE", next_attempt_at=None)
    dead.refresh_from_db()

    assert "never repeats" in refusal(dead, also_done=True)
