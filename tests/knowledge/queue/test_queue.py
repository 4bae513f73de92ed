"""Every waiting customer is in the queue, exactly once, whatever happened to a draft (design, promise 7)."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.queue import queue
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.thorough import examples
from webhooks.models import Inbox

pytestmark = pytest.mark.django_db


def waiting(user=None) -> list[int]:
    return [row.conversation.display_id for row in queue.waiting(user or make_lead(), now=NOW)]


def test_who_wrote_waits():
    make_waiting()

    assert waiting() == [7]


def test_who_wrote_three_times_waits_once_since_the_first():
    make_waiting()
    for number in (101, 102):
        deliver(message_event(number, at=later(number)), now=later(number))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert (row.waiting_since, row.conversation.waiting_message.message_id) == (NOW, 102)


def test_who_was_answered_does_not():
    make_waiting()
    deliver(message_event(101, kind="outgoing", at=later(60)), now=later(60))

    assert waiting() == []


@pytest.mark.parametrize("status", ["resolved", "pending", "snoozed"])
@pytest.mark.every_row
def test_only_open_conversations_wait(status):
    make_waiting(status=status)

    assert waiting() == []


def test_an_inbox_without_drafting_is_not_shown():
    make_waiting()
    Inbox.objects.update(drafting=False)

    assert waiting() == []


def rejected(draft) -> None:
    decisions.reject(draft, by=make_lead(), revision=1, grades=GRADES, reason="no", now=NOW)


def parked(draft) -> None:
    decisions.transition(make_approved(draft), "PARKED", now=NOW, action="parked")


def closed(draft) -> None:
    parked(draft)
    decisions.close(draft, by=make_lead(), now=NOW)


FATES = {
    "proposed": lambda draft: None,
    "approved": make_approved,
    "rejected": rejected,
    "withdrawn": lambda draft: decisions.transition(draft, "WITHDRAWN", now=NOW, action="x"),
    "expired": lambda draft: decisions.transition(draft, "EXPIRED", now=NOW, action="x"),
    "stale": lambda draft: decisions.transition(draft, "STALE", now=NOW, action="x"),
    "parked": parked,
    "closed": closed,
}


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.every_row
def test_whatever_happened_to_the_draft_the_customer_waits_once(fate):
    FATES[fate](make_draft())

    assert waiting() == [7]


def test_two_drafts_make_one_row_that_shows_the_newer():
    message = make_waiting()
    make_draft(message)
    newer = make_draft(message, author="Agent two", text="Something else.")

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.draft == newer


def test_a_draft_for_an_older_message_is_not_shown():
    make_draft()
    deliver(message_event(101, at=later(60)), now=later(60))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.draft is None


def test_people_see_the_inboxes_they_belong_to():
    make_waiting()
    other = make_inbox(inbox_id=3)

    assert waiting(make_user("bob", "Agent", inboxes=[Inbox.objects.get(inbox_id=2)])) == [7]
    assert waiting(make_user("charlie", "Agent", inboxes=[other])) == []


def test_the_most_urgent_come_first():
    make_inbox(inbox_id=3, channel="Channel::Whatsapp")
    chat, whatsapp = {"inbox_id": 2}, {"inbox_id": 3, "channel": "Channel::Whatsapp"}
    for number, age, where in ((8, 7200, chat), (9, 60, chat), (10, 86_000, whatsapp)):
        about = conversation_object(number, **where)
        deliver(message_event(number * 100, conversation=about, at=NOW - timedelta(seconds=age)))

    assert waiting() == [10, 8, 9]


def test_a_window_that_closes_by_the_clock_is_shown():
    make_inbox(channel="Channel::Whatsapp")
    deliver(message_event(conversation=conversation_object(channel="Channel::Whatsapp")))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.window_closes_at == NOW + timedelta(hours=24)


# A letter a message: customer, answer, note, bot, survey answer.
KINDS = {
    "c": {"kind": "incoming"},
    "a": {"kind": "outgoing"},
    "n": {"kind": "outgoing", "private": True},
    "b": {"kind": "outgoing", "sender": {"id": 9, "name": "Bot", "type": "agent_bot"}},
    "s": {"kind": "incoming", "content_type": "input_csat"},
}


@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.text("cccaanbs", max_size=6), seed=st.randoms(use_true_random=False))
def test_a_customer_waits_exactly_when_nobody_answered_the_last_message(said, seed):
    order = list(enumerate(said))
    seed.shuffle(order)
    with transaction.atomic():
        make_inbox()
        for number, letter in order:
            deliver(message_event(100 + number, at=later(number * 60), **KINDS[letter]), now=later(3600))
        rows = queue.waiting(make_lead(), now=later(3600))
        since = [row.waiting_since for row in rows]
        transaction.set_rollback(True)

    unanswered = said.rpartition("a")[2]
    first = len(said) - len(unanswered) + unanswered.find("c")
    assert since == ([later(first * 60)] if "c" in unanswered else [])
