"""No reply leaves past the switch or a cap: both are asked again immediately before each call."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from knowledge.models import Draft, DraftEvent
from knowledge.replies import sending, sending_limits
from tests.factories import NOW, later, make_draft, make_lead
from webhooks.models import Alert, Delivery, SendingSwitch
from webhooks.sources import sending_switch


def flips_during_the_reads(monkeypatch, flip: Callable[[], Any]) -> None:
    """As when a person presses the button while a worker waits for Chatwoot."""
    real = sending.chatwoot.Client.conversation

    def read(*args: Any) -> Any:
        flip()
        return real(*args)

    monkeypatch.setattr(sending.chatwoot.Client, "conversation", read)


def limit(*, hour: int | None = None, conversation: int | None = None) -> None:
    sending_switch.limit(most_an_hour=hour, most_a_conversation=conversation)


def called(draft: Draft, *, times: int, at: Any = NOW) -> None:
    for _ in range(times):
        DraftEvent.objects.create(draft=draft, at=at, action="sending", before="APPROVED", after="SENDING")


def test_a_stop_during_the_reads_holds_the_reply_before_its_call(desk, monkeypatch):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    with monkeypatch.context() as patch:
        flips_during_the_reads(patch, lambda: sending_switch.stop(by=desk.lead, now=desk.now))
        delivery = desk.send()

    draft.refresh_from_db()
    assert (delivery.status, delivery.held_for, draft.status) == ("HELD", "rule", "APPROVED")
    assert desk.replies_in_chatwoot(conversation) == []


def test_after_resuming_what_was_held_is_sent_once(desk, monkeypatch):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    with monkeypatch.context() as patch:
        flips_during_the_reads(patch, lambda: sending_switch.stop(by=desk.lead, now=desk.now))
        desk.send()

    assert sending_switch.resume(by=desk.lead, reason="Prices are right.", now=desk.now) == 1
    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_over_the_hours_cap_a_reply_is_held_with_one_alert(desk):
    limit(hour=1)
    first, second, third = (desk.customer_writes() for _ in range(3))
    for conversation in (first, second, third):
        desk.approved(conversation)

    desk.send(60)

    assert sum(len(desk.replies_in_chatwoot(one)) for one in (first, second, third)) == 1
    assert Delivery.objects.filter(event="reply.send", status="HELD", held_for="rule").count() == 2
    alert = Alert.objects.get()
    assert (alert.kind, alert.count) == ("send_cap", 2)


def test_over_a_conversations_cap_only_that_conversation_waits(desk):
    limit(conversation=2)
    busy, other = desk.customer_writes(), desk.customer_writes()
    called(desk.approved(busy), times=2, at=desk.now)
    desk.approved(other)

    desk.send(60)

    assert desk.replies_in_chatwoot(busy) == []
    assert len(desk.replies_in_chatwoot(other)) == 1
    assert f"conversation {busy.display_id} of acme" in Alert.objects.get().text


@pytest.mark.parametrize(
    ("most", "words"), [(1, "The limit of 1 reply per hour"), (2, "The limit of 2 replies per hour")]
)
def test_a_cap_is_told_by_its_number(desk, most, words):
    limit(hour=most)
    for _ in range(most + 1):
        desk.approved(desk.customer_writes())

    desk.send(60)

    assert Alert.objects.get().text.startswith(words)


def test_a_cap_reached_during_the_reads_holds_too(desk, monkeypatch):
    limit(hour=5)
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    flips_during_the_reads(monkeypatch, lambda: called(draft, times=5, at=desk.now))

    delivery = desk.send(60)

    assert delivery.status == "HELD"
    assert desk.replies_in_chatwoot(conversation) == []
    assert Alert.objects.get().kind == "send_cap"  # not rolled back with the move


def test_released_after_the_hour_it_goes_on_and_the_alert_ends(desk):
    limit(hour=1)
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    called(draft, times=1, at=desk.now)
    desk.send(60)
    desk.tick(3700)

    assert sending_switch.release(now=desk.now) == 1
    desk.send(60)

    assert len(desk.replies_in_chatwoot(conversation)) == 1
    assert not Alert.objects.filter(closed_at=None).exists()


@pytest.mark.django_db
def test_released_too_early_it_is_still_over_the_cap():
    limit(hour=1)
    draft = make_draft()
    called(draft, times=1)

    with pytest.raises(sending_limits.CapReached):
        sending_limits.check(draft, now=later(3599))
    sending_limits.check(draft, now=later(3601))


@pytest.mark.django_db
def test_without_limits_anything_goes():
    limit()
    draft = make_draft()
    called(draft, times=700)

    sending_limits.check(draft, now=NOW)


@pytest.mark.django_db
def test_a_stop_needs_no_reason():
    sending_switch.stop(by=make_lead(), now=NOW)

    assert SendingSwitch.objects.get().reason == "No reason given"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_do_not_pass_a_cap_of_three():
    limit(hour=3)
    draft, barrier, passed = make_draft(), threading.Barrier(8), []

    def send() -> None:
        barrier.wait()
        try:
            with transaction.atomic():
                sending_limits.check(draft, now=NOW, in_turn=True)
                called(draft, times=1)
            passed.append(True)
        except sending_limits.CapReached:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(passed) == 3
