"""Confirmed questions move search towards their article, in the background, and leave no trace when they go."""

from dataclasses import replace

import numpy as np
import pytest

from knowledge.models import ArticleVector, Question, SearchState
from knowledge.search import articles, asked, embedders, index, learnt_questions, reindexing, search
from tests.factories import make_article, make_inbox
from tests.knowledge.search.making import FakeEmbedder, make_question

pytestmark = pytest.mark.django_db


def first(question: str) -> str:
    return search.search(question, limit=1).answers[0].live.slug


@pytest.fixture
def two(fake):
    """Neither says "invoice" more than the other."""
    made = (
        make_article("a-parcel", body="About the parcel."),
        make_article("b-refund", body="About the refund."),
    )
    index.current()
    return made


def test_a_confirmed_question_leads_to_its_article_once_it_is_taken_in(two):
    _, refund = two
    for _ in range(3):
        make_question(refund, "Where is my invoice?")
    assert first("invoice") == "a-parcel"

    assert learnt_questions.run() == 1

    assert first("invoice") == "b-refund"


def test_the_vector_is_shrunk_by_how_few_questions_there_are():
    own = np.array([[1.0, 0.0]], dtype=np.float32)
    questions = np.array([[0.0, 1.0]], dtype=np.float32)

    one, fifty = (asked.folded(own, questions, np.array([k]))[0] for k in (1, 50))

    assert one[1] / one[0] == pytest.approx(1.5 / 4)
    assert fifty[1] / fifty[0] == pytest.approx(1.5 * 50 / 53)
    assert np.linalg.norm(one) == pytest.approx(1)


def test_a_search_makes_no_vector_of_a_question(two, fake):
    make_question(two[1], "Where is my invoice?")
    before = fake.asked

    search.search("refund")

    assert fake.asked == before + 1  # what was searched for


def test_the_stamp_moves_when_questions_are_taken_in_and_not_before(two):
    stamp = SearchState.objects.stamp()
    make_question(two[1], "Where is my invoice?")
    assert SearchState.objects.stamp() == stamp

    learnt_questions.run()

    assert SearchState.objects.stamp() != stamp
    assert Question.objects.get().in_search


def test_a_deleted_question_leaves_the_vector_at_once(two):
    question = make_question(two[1], "Where is my invoice?")
    learnt_questions.run()
    assert ArticleVector.objects.filter(asked_count=1).exists()

    question.delete()

    assert not ArticleVector.objects.exclude(asked=b"", asked_count=0, asked_digest="").exists()
    assert first("invoice") == "a-parcel"


def test_what_went_with_its_conversation_is_calculated_again(two, monkeypatch):
    woken = []
    monkeypatch.setattr(learnt_questions, "async_task", lambda *args, **options: woken.append(args[0]))
    question = make_question(two[1], "Where is my invoice?")
    learnt_questions.run()
    learnt_questions.wake(now=None)
    assert woken == []

    question.conversation.delete()
    learnt_questions.wake(now=None)
    learnt_questions.run()

    assert woken == ["knowledge.search.learnt_questions.run"]
    assert not ArticleVector.objects.filter(asked_count=1).exists()


def test_the_newest_fifty_count_and_older_ones_are_deleted(two):
    for number in range(asked.MOST + 3):
        make_question(two[1], f"Question {number}?")

    learnt_questions.run()

    kept = Question.objects.order_by("at").values_list("text", flat=True)
    assert (len(kept), kept[0]) == (50, "Question 3?")


def test_a_customer_counts_once_for_an_article(two):
    for number in range(200):
        make_question(two[1], f"Invoice {number}?", customer=4)
    make_question(two[1], "The refund?")

    learnt_questions.run()

    assert sorted(Question.objects.values_list("text", flat=True)) == ["Invoice 199?", "The refund?"]


def test_an_article_for_some_inboxes_learns_from_these_only(two):
    theirs, other = make_inbox(inbox_id=8), make_inbox(inbox_id=9)
    two[1].inboxes.set([theirs])
    make_question(two[1], "Our invoice?", inbox=theirs), make_question(two[1], "Their secret?", inbox=other)

    learnt_questions.run()

    assert list(Question.objects.filter(in_search=True).values_list("text", flat=True)) == ["Our invoice?"]
    assert ArticleVector.objects.get(article=two[1]).asked_count == 1


def test_an_unconfirmed_question_does_not_count(two):
    make_question(two[1], "Where is my invoice?", confirmed_by=None)

    assert learnt_questions.run() == 0
    assert not Question.objects.filter(in_search=True).exists()


def test_words_alone_learn_from_questions_too(settings):
    settings.EMBEDDER = "words"
    make_article("a", body="About the invoice, invoices and more."), make_article("b", body="About money.")
    article = make_article("c", body="About delivery.")
    assert search.search("whereabouts of shipment", limit=1).answers == ()

    make_question(article, "Whereabouts of my shipment?")
    learnt_questions.run()

    assert first("whereabouts of shipment") == "c"


def test_a_new_embedder_learns_the_questions_again(two, monkeypatch):
    make_question(two[1], "Where is my invoice?")
    learnt_questions.run()
    monkeypatch.setattr(embedders, "current", lambda: FakeEmbedder(name="other", extra=2))
    index.forget()

    reindexing.run(), learnt_questions.run()

    assert ArticleVector.objects.get(article=two[1], embedder="other").asked_count == 1


def test_an_embedder_that_fails_leaves_the_questions_for_later(two, fake):
    make_question(two[1], "Where is my invoice?")
    fake.fails = True

    assert learnt_questions.run() == 0
    assert SearchState.objects.trouble() == "the fake one fails"
    assert not Question.objects.filter(in_search=True).exists()


def test_what_the_database_keeps_changes_no_digit():
    """So SQLite and PostgreSQL give the same: each gives what is calculated without any. The slugs are those that they sort
    differently.
    """
    for number, slug in enumerate(("b", "B-1", "a_x", "a-x", "A")):
        article = make_article(
            slug, title=f"Parcel {number}", body=f"About parcels and refunds, part {number}."
        )
        for text in ("Where is my parcel?", "I want my money back")[: number % 3]:
            make_question(article, text)
    embedder = embedders.current()
    reindexing.run(), learnt_questions.run()
    asked_for = "my parcle is late, I want the money"

    found = search.search(asked_for, limit=5)

    rows = [replace(row, pk=0) for row in articles.live()]
    pure = index.of(
        rows, embedder=embedder, vectors=index.compared(rows, embedder), model=index.model_of("use")
    )
    alone = search.within(pure, asked_for, limit=5)
    assert [row.slug for row in rows] == ["A", "B-1", "a-x", "a_x", "b"]
    assert found.embedder == alone.embedder == "use"
    assert [(one.live.slug, one.confidence, one.hit) for one in found.answers] == [
        (one.live.slug, one.confidence, one.hit) for one in alone.answers
    ]


def test_reindexing_takes_questions_in(two):
    make_question(two[1], "Where is my invoice?")

    reindexing.rebuild()

    assert ArticleVector.objects.get(article=two[1]).asked_count == 1
