"""A decision that confirms an article leaves the customer's question, without personal data; an undone one takes it back."""

import pytest

from knowledge.learning import confirmed_questions
from knowledge.models import Draft, LearningSignal, Question
from knowledge.replies import decisions
from knowledge.search import embedders
from tests.factories import GRADES, later, make_article, make_draft, make_inbox, make_lead, make_waiting
from tests.knowledge.learning.learnt import make_signal

pytestmark = pytest.mark.django_db
ASKED = "Hi, Ada Park here (ada@example.com): where is my refund?"


def approved(*, text: str = "About refund.", asked: str = ASKED, cites: str = "refund", **grades) -> Draft:
    evidence = [
        {"article": cites, "version": 1, "score": 0.9},
        {"article": "other", "version": 1, "score": 0.2},
    ]
    draft = make_draft(make_waiting(text=asked), text=text, evidence=evidence)
    decisions.approve(draft, by=make_lead(), revision=draft.revision, grades=GRADES | grades, now=later(60))
    return draft


def test_the_first_cited_article_gets_the_question_without_personal_data():
    article, _ = make_article("refund"), make_article("other")

    draft = approved()

    kept = Question.objects.get()
    assert (kept.article, kept.conversation, kept.language) == (article, draft.conversation, "en")
    assert "where is my refund?" in kept.text
    assert not {"Ada", "Park", "ada@example.com"} & set(kept.text.replace("(", " ").replace(")", " ").split())
    assert kept.confirmed_by == draft.signals.get().reviewer
    assert not kept.in_search


NOT_KEPT = {
    "graded as wrong": {"accuracy": 3},
    "only thanks": {"asked": "Thanks!"},
    "an unknown article": {"cites": "gone"},
}


@pytest.mark.parametrize("facts", NOT_KEPT.values(), ids=NOT_KEPT)
def test_a_decision_that_confirms_no_article_leaves_none(facts):
    make_article("refund")

    approved(**facts)

    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"ratio": 0.0, "grades": None}, True),
        ({"ratio": 0.33, "grades": (5, 4, 5)}, True),
        ({"ratio": 0.34, "grades": (5, 5, 5)}, False),
        ({"ratio": None, "grades": (5, 5, 5)}, False),
        ({"ratio": 0.0, "grades": (5, 3, 5)}, False),
        ({"ratio": 0.0, "grades": (5, 5, 5), "decision": "rejected"}, False),
        ({"ratio": 0.0, "grades": None, "decision": "overtaken", "kind": "superseded"}, False),
        ({"ratio": 0.0, "grades": (5, 5, 5), "category": ""}, False),
    ],
)
def test_what_confirms_an_article(facts, expected):
    make_signal(**{"category": "refund"} | facts)

    assert LearningSignal.objects.filter(confirmed_questions.CONFIRMED).exists() is expected


def test_an_undone_approval_takes_its_question_back():
    make_article("refund")
    draft = approved()
    assert Question.objects.exists()

    decisions.undo(draft, by=draft.signals.get().reviewer, now=later(62))

    assert not Question.objects.exists()


def test_an_article_of_another_inbox_does_not_get_it():
    article = make_article("refund")
    article.inboxes.set([make_inbox(inbox_id=77)])

    approved()

    assert not Question.objects.exists()


def test_a_decision_embeds_nothing(monkeypatch):
    make_article("refund")
    monkeypatch.setattr(embedders, "current", lambda: pytest.fail("a decision must not wait for an embedder"))

    approved()

    assert Question.objects.exists()
