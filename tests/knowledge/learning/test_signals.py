"""Every decision leaves one learning signal, in its transaction; an agent's own answer leaves one, ungraded."""

import pytest
from django.db import transaction

from knowledge.learning import learning_signals
from knowledge.models import Draft, LearningSignal
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    deliver,
    later,
    make_approved,
    make_draft,
    make_lead,
    make_waiting,
    message_event,
)
from tests.knowledge.learning.signal_events import answer, only
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
