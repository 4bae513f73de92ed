"""An agent's own answer in Chatwoot leaves a signal, ungraded, in whatever order events arrive."""

import itertools

import pytest

from knowledge.models import LearningSignal
from tests.factories import (
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
)
from tests.knowledge.learning.signal_events import answer, customer_writes, only

pytestmark = pytest.mark.django_db


def test_an_agents_own_answer_leaves_the_difference_to_what_was_sent():
    draft = make_draft()

    answer(text="Choose Forgot code.")

    signal = only()
    assert (signal.draft, signal.decision, signal.kind) == (draft, "overtaken", "superseded")
    assert (signal.final_text, signal.distance, signal.at) == ("Choose Forgot code.", 7, later(60))
    assert (signal.reviewer, signal.tone, signal.accuracy, signal.policy) == (None,) * 4


def test_an_approved_draft_that_an_agent_overtakes_has_both_signals():
    make_approved()

    answer()

    found = LearningSignal.objects.order_by("pk").values_list("decision", "withdrawn_at")
    assert list(found) == [("approved", None), ("overtaken", None)]


def test_our_own_reply_overtakes_nothing():
    draft = make_approved()

    answer(content_attributes={"support_reply": draft.marker})

    assert only().decision == "approved"


NO_ANSWERS = {
    "a note": {"private": True},
    "an automation": {"content_attributes": {"automation_rule_id": 3}},
    "a bot": {"sender": {"id": 9, "name": "Bot", "type": "agent_bot"}},
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_what_no_person_answered_overtakes_nothing(case):
    make_draft()

    answer(**NO_ANSWERS[case])

    assert not LearningSignal.objects.exists()


def test_a_draft_that_the_customer_overtook_teaches_nothing():
    make_draft()

    customer_writes(101, seconds=30)
    answer(102)

    assert not LearningSignal.objects.exists()


def test_a_second_answer_says_nothing_new():
    make_draft()

    answer(101)
    answer(102, seconds=90)

    assert only().answer_id == 101


@pytest.mark.parametrize("order", list(itertools.permutations(["answer", "resolved", "customer"])))
def test_the_order_of_arrival_changes_nothing(order):
    """The agent answers and resolves, the customer writes again: three events, any way round."""
    make_draft()
    events = {
        "answer": lambda: answer(101, seconds=60),
        "resolved": lambda: deliver(
            conversation_object(status="resolved", updated_at=later(61).timestamp()) | {"event": "conversation_resolved"},
            now=later(61),
        ),
        "customer": lambda: customer_writes(102, seconds=90),
    }  # fmt: skip

    for name in order:
        events[name]()

    assert (only().decision, only().answer_id) == ("overtaken", 101)


def test_an_answer_told_twice_is_one_signal():
    make_draft()

    for event in ("message_created", "message_updated"):
        answer(event=event)

    assert LearningSignal.objects.count() == 1


def test_an_answer_that_failed_withdraws_its_signal():
    make_draft()
    answer()

    answer(event="message_updated", seconds=70, status="failed", content_attributes={"external_error": "x"})

    assert only().withdrawn_at == later(70)
