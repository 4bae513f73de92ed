"""Every decision leaves one learning signal, in its transaction; an agent's own answer leaves one, ungraded."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from knowledge.calendars import inbox_calendars
from knowledge.learning import learning_signals
from knowledge.models import Draft, LearningSignal
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_lead,
    make_waiting,
    message_event,
)
from tests.knowledge.replies.deciding import approve, flagged
from webhooks.models import Message

pytestmark = pytest.mark.django_db
EVIDENCE = [
    {"article": "shipping-time", "version": 2, "score": 0.3},
    {"article": "reset-password", "version": 4, "score": 0.9},
]


def reject(draft: Draft, **changed) -> Draft:
    facts = {"by": make_lead(), "revision": draft.revision, "grades": GRADES, "reason": "no"} | changed
    decisions.reject(draft, now=later(60), **facts)
    return draft


def answer(message_id: int = 101, *, text: str = "Choose it yourself.", seconds: float = 60, **facts) -> None:
    """Maria answers in Chatwoot."""
    at = later(seconds)
    deliver(message_event(message_id, content=text, kind="outgoing", at=at, **facts), now=at)


def customer_writes(message_id: int, *, seconds: float) -> None:
    deliver(message_event(message_id, content="And?", at=later(seconds)), now=later(seconds))


def only() -> LearningSignal:
    return LearningSignal.objects.get()


def test_an_approval_leaves_a_signal_with_what_was_proposed_and_what_became_of_it():
    lead = make_lead()

    approve(make_draft(evidence=EVIDENCE), by=lead, text="Choose Forgot code.")

    signal = only()
    assert (signal.decision, signal.approval, signal.reviewer, signal.at) == ("approved", 1, lead, NOW)
    assert (signal.proposal, signal.final_text) == ("Choose Forgot password.", "Choose Forgot code.")
    assert (signal.distance, signal.grades, signal.kind) == (7, GRADES, "factual_correction")
    assert signal.ratio == pytest.approx(7 / 23)
    assert (signal.author, signal.author_kind) == ("Built-in drafter", "drafter")


def test_a_rejection_leaves_a_signal_without_a_final_text():
    reject(make_draft())

    signal = only()
    assert (signal.decision, signal.final_text, signal.distance, signal.ratio) == ("rejected", "", None, None)
    assert (signal.grades, signal.kind) == (GRADES, "new_pattern")


def test_the_first_look_of_two_leaves_none_the_second_does():
    draft, second = flagged(make_draft()), make_lead()

    approve(draft)
    assert not LearningSignal.objects.exists()

    approve(draft, by=second)
    assert only().reviewer == second


def test_the_signal_cites_the_articles_with_their_versions_the_best_first():
    approve(make_draft(evidence=EVIDENCE))

    assert only().category == "reset-password"
    assert only().articles == [
        {"article": "reset-password", "version": 4},
        {"article": "shipping-time", "version": 2},
    ]


ODD_EVIDENCE = {
    "nothing": ([], {}),
    "texts and lists": (["refund", ["refund"], None, 3], {}),
    "an article that is no text": ([{"article": 7}], {}),
    "an empty article": ([{"article": " "}], {}),
    "a version that is no number": ([{"article": "a", "version": "2"}], {"a": None}),
    "a version that is too large": ([{"article": "a", "version": 2**40}], {"a": None}),
    "a score that is no number": ([{"article": "a", "score": "high"}, {"article": "b", "score": 0.1}], {"b": None, "a": None}),
    "a score that is none at all": ([{"article": "a", "score": float("nan")}], {"a": None}),
    "an article twice": ([{"article": "a", "version": 1}, {"article": "a", "version": 2}], {"a": 1}),
    "a very long name": ([{"article": "a" * 300}], {"a" * 200: None}),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD_EVIDENCE)
def test_outside_agents_may_say_what_they_like_as_evidence(case):
    evidence, expected = ODD_EVIDENCE[case]

    assert list(learning_signals.cited(evidence).items()) == list(expected.items())


def test_the_question_is_everything_the_customer_wrote_since_the_last_answer():
    make_waiting(text="An old matter")
    answer(101, seconds=10)
    for number, text in ((102, "Hello"), (103, "How do I reset my password?")):
        deliver(message_event(number, content=text, at=later(number)), now=later(number))

    approve(make_draft(Message.objects.get(message_id=103)))

    assert LearningSignal.objects.get(decision="approved").question == "Hello\n\nHow do I reset my password?"


def test_an_undone_approval_keeps_its_signal_withdrawn():
    draft = make_approved()

    decisions.undo(draft, by=make_lead(), now=later(5))

    assert only().withdrawn_at == later(5)


def test_an_approval_after_an_undo_is_a_signal_of_its_own():
    draft = make_approved()
    decisions.undo(draft, by=make_lead(), now=later(5))

    decisions.approve(draft, by=make_lead(), revision=1, grades=GRADES, now=later(9))

    found = LearningSignal.objects.order_by("pk").values_list("approval", "withdrawn_at")
    assert list(found) == [(1, later(5)), (2, None)]


def test_sending_again_what_was_parked_is_no_decision_about_the_words():
    draft = make_approved()
    decisions.transition(draft, "PARKED", now=NOW, action="parked")

    decisions.resend(draft, by=make_lead(), now=NOW)

    assert LearningSignal.objects.count() == 1


def test_undoing_what_was_sent_again_withdraws_the_decision():
    draft = make_approved()
    decisions.transition(draft, "PARKED", now=NOW, action="parked")
    decisions.resend(draft, by=make_lead(), now=NOW)

    decisions.undo(draft, by=make_lead(), now=later(5))

    assert only().withdrawn_at == later(5)


def breaking(*arguments, **facts):
    raise RuntimeError


@pytest.mark.parametrize("verb", [approve, reject])
def test_a_decision_whose_signal_fails_is_none(verb, monkeypatch):
    draft = make_draft()
    monkeypatch.setattr(learning_signals, "_record", breaking)

    with pytest.raises(RuntimeError), transaction.atomic():
        verb(draft)

    draft.refresh_from_db()
    assert draft.status == "PROPOSED"


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


def test_how_long_the_reviewer_had_it_open_counts_from_the_first_opening():
    draft, lead = make_draft(), make_lead()
    for seconds in (0, 40):
        decisions.claim(draft, by=lead, now=later(seconds))

    decisions.approve(draft, by=lead, revision=1, grades=GRADES, now=later(60))

    assert (only().opened_s, only().waited_s) == (60, 60)


def test_waiting_counts_while_the_desk_is_open():
    inbox_calendars.seed()
    opening = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # Monday
    draft = make_draft(now=opening - timedelta(days=3) + timedelta(hours=7, minutes=59))  # Friday, 16:59

    decisions.approve(draft, by=make_lead(), revision=1, grades=GRADES, now=opening + timedelta(minutes=2))

    assert only().waited_s == 180


def test_what_lapsed_is_opened_anew():
    draft, lead = make_draft(), make_lead()
    for seconds in (0, 3600):
        decisions.claim(draft, by=lead, now=later(seconds))

    decisions.approve(draft, by=lead, revision=1, grades=GRADES, now=later(3605))

    assert only().opened_s == 5


def test_who_never_opened_it_has_no_time_of_reading():
    draft = make_draft()
    decisions.claim(draft, by=make_lead(), now=NOW)

    approve(draft)

    assert only().opened_s is None


def test_every_decision_has_its_signal():
    draft = make_draft()
    approve(draft)
    decisions.undo(draft, by=make_lead(), now=later(5))
    reject(draft)

    assert learning_signals.decisions_without_signal().count() == 0


@pytest.mark.parametrize("verb", [approve, reject])
def test_a_decision_without_a_signal_is_found(verb):
    draft = verb(make_draft())
    LearningSignal.objects.all().delete()

    found = learning_signals.decisions_without_signal()

    assert [event.draft for event in found] == [draft]


def test_a_decision_costs_few_statements_more(django_assert_max_num_queries):
    draft, lead = make_draft(evidence=EVIDENCE), make_lead()

    with django_assert_max_num_queries(8):
        learning_signals.rejected(draft, by=lead, now=NOW)
