"""The index follows the articles: whatever happened to them, in whatever order, it is the one that the tables give."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from knowledge.articles import changes
from knowledge.models import Article, ArticleVector, Question, SearchState
from knowledge.search import embedders, index, learnt_questions, reindexing, search
from tests.factories import edit_article, make_article, make_inbox
from tests.knowledge.search.making import TOPICS, FakeEmbedder, make_question
from tests.thorough import examples

pytestmark = pytest.mark.django_db
FOUR = ("one", "two", "three", "four")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("publish", "edit", "withdraw", "search", "ask", "ask", "forget", "learn", "limit")),
        st.sampled_from(FOUR),
        st.sampled_from(TOPICS),
    ),
    max_size=12,
)


class TestOrder(TestCase):
    @given(steps=STEPS)
    @__import__("hypothesis").settings(max_examples=examples(25), deadline=None)
    def test_an_index_that_followed_every_step_is_the_one_built_from_the_tables(self, steps):
        embedder = FakeEmbedder()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(embedders, "current", lambda: embedder)
            for step, slug, topic in steps:
                _take(step, slug, topic)
            reindexing.run()  # a question waits until its article has a vector
            learnt_questions.run(seconds=None)
            followed = index.current()
            ArticleVector.objects.all().delete()
            index.forget()
            reindexing.run()
            learnt_questions.run(seconds=None)
            fresh = index.build(followed.stamp, embedder)

        assert [row.slug for row in followed.live] == [row.slug for row in fresh.live]
        assert (followed.vectors is None) == (fresh.vectors is None)
        if fresh.vectors is not None:
            assert np.array_equal(followed.vectors, fresh.vectors)
        assert {
            word: (at.tolist(), weights.tolist()) for word, (at, weights) in followed.postings.lists.items()
        } == {word: (at.tolist(), weights.tolist()) for word, (at, weights) in fresh.postings.lists.items()}


def _take(step: str, slug: str, topic: str) -> None:
    article = Article.objects.filter(slug=slug).first()
    if step == "search":
        index.current()
    elif step == "publish" and article is None:
        make_article(slug, body=f"All about {topic}.")
    elif step == "publish" and article:
        Article.objects.filter(pk=article.pk).update(status="LIVE")
    elif step == "edit" and article:
        with contextlib.suppress(changes.Refused):  # nothing is different
            edit_article(article, body=f"Now about {topic}.")
    elif step == "withdraw":
        Article.objects.filter(slug=slug).update(status="WITHDRAWN")
    elif step == "ask" and article:
        make_question(article, f"Where is my {topic}?")
    elif step == "forget":
        Question.objects.filter(pk__in=Question.objects.order_by("pk").values("pk")[:1]).delete()
    elif step == "learn":
        learnt_questions.run(seconds=None)
    elif step == "limit" and article:
        article.inboxes.set([make_inbox(inbox_id=9)] if topic == "refund" else [])


def test_a_search_follows_an_edit_without_being_told(fake):
    article = make_article("one", body="About the password.")
    before = search.search("password").answers[0].hit.cos

    edit_article(article, body="About the refund.")

    assert search.search("password").answers[0].hit.cos < before


def test_nothing_is_read_again_while_nothing_changes(fake, django_assert_num_queries):
    make_article("one")
    index.current()

    with django_assert_num_queries(1):  # the stamp
        index.current()


def test_another_process_loads_vectors_and_makes_none(fake):
    make_article("one")
    index.current()
    made = fake.asked

    index.forget()
    index.current()

    assert fake.asked == made


def test_a_request_makes_few_vectors_and_ranks_the_rest_by_words(fake, monkeypatch):
    monkeypatch.setattr(index, "MOST_IN_REQUEST", 1)
    monkeypatch.setattr(index.build, "__kwdefaults__", {"most": 1})
    make_article("one", body="password"), make_article("two", body="refund")

    assert index.current().missing == 2
    assert search.search("refund").embedder == "words"
    assert search.search("refund").answers[0].live.slug == "two"
    assert fake.asked == 0

    assert reindexing.run() == 2
    index.forget()
    assert search.search("refund").embedder == "fake"


def test_vectors_of_another_length_are_made_again(fake):
    make_article("one"), make_article("two")
    index.current()
    fake.dims += 3
    index.forget()

    assert index.current().vectors.shape == (2, fake.dims)
    assert {len(bytes(row.vector)) for row in ArticleVector.objects.all()} == {fake.dims * 4}


def test_an_embedder_that_changes_its_length_meanwhile_leaves_words(fake):
    make_article("one", body="password")
    index.current()
    fake.dims += 3

    assert search.search("password").embedder == "words"
    assert "another length" in SearchState.objects.trouble()


def test_an_embedder_that_fails_leaves_words_and_is_noted(fake):
    make_article("one", body="password"), make_article("two", body="refund")
    fake.fails = True

    result = search.search("the refund")

    assert (result.embedder, result.answers[0].live.slug) == ("words", "two")
    assert SearchState.objects.trouble() == "the fake one fails"

    fake.fails = False
    reindexing.run()
    assert SearchState.objects.trouble() == ""


def test_the_chore_wakes_a_worker_only_while_vectors_are_missing(fake, monkeypatch):
    woken = []
    monkeypatch.setattr(reindexing, "async_task", lambda *args, **options: woken.append(args[0]))
    monkeypatch.setattr(reindexing, "_complete", None)
    make_article("one")

    reindexing.wake(now=None)
    reindexing.run()
    reindexing.wake(now=None)
    reindexing.wake(now=None)

    assert woken == ["knowledge.search.reindexing.run"]


def test_rebuilding_drops_the_vectors_of_other_embedders_and_of_withdrawn_articles(fake):
    one, two = make_article("one"), make_article("two")
    index.current()
    ArticleVector.objects.create(article=one, embedder="older", digest="", vector=b"")
    Article.objects.filter(pk=two.pk).update(status="WITHDRAWN")

    assert reindexing.rebuild() == 1
    assert list(ArticleVector.objects.values_list("article", "embedder")) == [(one.pk, "fake")]
