"""What a change does to search: the same as ranking everything again, measured before it is approved, never by an edit unseen."""

import random
from dataclasses import replace

import numpy as np
import pytest

from knowledge.articles import changes
from knowledge.models import Article, Change, Probe, ProbeVector
from knowledge.search import confidence, embedders, index, probe_effect, probes, search, standing
from knowledge.search.articles import Live
from knowledge.search.standing import Question
from tests.factories import NOW, edit_article, make_article, make_lead
from tests.knowledge.search.making import TOPICS, FakeEmbedder

WORDS = ("reset", "cancel", "order", "return", "send", "late", "card", "price", *TOPICS)


def collection(chance: random.Random, size: int) -> list[Live]:
    texts = [" ".join(chance.choices(WORDS, k=6)) for _ in range(size)]
    return [
        Live(at, f"a{at:03}", chance.choice(["en", "de"]), text[:20], text, text * 2, "", 1)
        for at, text in enumerate(texts)
    ]


def indexed(live: list[Live], embedder: FakeEmbedder | None) -> index.Index:
    vectors = index.vectors_of(live, embedder) if embedder else None
    return index.of(
        live, embedder=embedder, vectors=vectors, model=confidence.shipped("use" if embedder else "words")
    )


@pytest.mark.parametrize("embedder", [FakeEmbedder(), None], ids=["meaning", "words"])
def test_many_questions_stand_where_search_ranks_them(embedder):
    chance = random.Random(3)
    now = indexed(collection(chance, 60), embedder)
    texts = [" ".join(chance.choices(WORDS, k=4)) for _ in range(40)]
    vectors = embedder.embed(texts) if embedder else [None] * len(texts)
    asked = [Question(at, text, f"a{at:03}", vectors[at], "en") for at, text in enumerate(texts)]

    for one, stood in zip(asked, standing.of(now, asked), strict=True):
        answers = search.within(now, one.text, limit=60, language="en").answers
        slugs = [answer.live.slug for answer in answers]
        assert stood.first == (slugs[0] if slugs else None)
        assert stood.p == pytest.approx(answers[0].confidence if answers else 0)
        assert stood.rank == (slugs.index(one.expected) + 1 if one.expected in slugs else None)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_out_in_a_large_collection_changes_nothing(monkeypatch, seed):
    chance, embedder = random.Random(seed), FakeEmbedder(extra=1)
    live = collection(chance, 200)
    now = indexed(live, embedder)
    texts = [" ".join(chance.choices(WORDS, k=4)) for _ in range(100)]
    vectors = embedder.embed(texts)
    asked = [Question(at, text, chance.choice(live).slug, vectors[at], "en") for at, text in enumerate(texts)]
    standings = standing.of(now, asked)
    given = {7: replace(live[7], title="password", question=texts[0], body=texts[1]), 9: None}

    monkeypatch.setattr(standing, "EVERY", 0)
    some = probe_effect.of(now, live, given, asked, standings)
    monkeypatch.setattr(standing, "EVERY", 10**9)

    every = probe_effect.of(now, live, given, asked, standings)
    assert len(set(some.lost) ^ set(every.lost)) + len(set(some.gained) ^ set(every.gained)) <= 1


# On the tables


@pytest.fixture
def desk(db, fake):
    """Two articles, each with a probe that finds it."""
    for topic in ("password", "refund"):
        make_article(topic, title=topic, question=f"{topic}?", body=f"All about the {topic}.")
    by = make_lead()
    for topic in ("password", "refund"):
        saved(f"my {topic} please", topic, by=by)
    return by


def saved(question: str, slug: str | None, *, by, **facts) -> Probe:
    expected = Article.objects.get(slug=slug) if slug else None
    return probes.save(question, expected=expected, by=by, now=NOW, **facts)


def moved_away(slug: str = "refund") -> Change:
    """An edit after which the question about it finds another article."""
    texts = {"title": "invoice", "question": "invoice?", "body": "All about the invoice."}
    return changes.propose(Article.objects.get(slug=slug), texts, kind="EDIT", origin="PERSON", now=NOW)


def approve(change: Change, by, **more):
    return changes.approve(change, by=by, base_version=change.base_version, now=NOW, **more)


def code(change: Change, by, **more) -> str:
    with pytest.raises(changes.Refused) as refused:
        approve(change, by, **more)
    return refused.value.code


def test_a_change_that_loses_a_probe_needs_a_reason(desk):
    change = moved_away()

    assert code(change, desk) == "reason_required"
    approve(change, desk, reason="We refund nothing any more.")

    change.refresh_from_db()
    assert (change.status, change.reason) == ("APPROVED", "We refund nothing any more.")
    assert (change.probe_result["stay"], len(change.probe_result["lost"])) == (1, 1)


def test_a_pinned_probe_that_is_lost_stops_the_approval_even_with_a_reason(desk):
    Probe.objects.filter(expected__slug="refund").update(pinned=True)

    assert code(moved_away(), desk, reason="I want it.") == "pinned_probe_lost"
    assert Article.objects.get(slug="refund").version == 1


def test_publishing_at_once_is_stopped_too_and_leaves_nothing(desk):
    with pytest.raises(changes.Refused, match="loses 1 probe"):
        edit_article(
            Article.objects.get(slug="refund"), title="invoice", question="", body="All about the invoice."
        )

    assert not Change.objects.filter(status="OPEN").exists()


def test_a_change_that_makes_an_article_answer_what_none_should_loses_that_probe(desk):
    saved("my parcel please", None, by=desk)
    texts = {"slug": "parcel", "title": "parcel", "question": "my parcel please", "body": "my parcel please"}
    change = changes.propose(None, texts, kind="NEW", origin="PERSON", now=NOW)

    found = probe_effect.measure(change, now=NOW)

    probe = Probe.objects.get(expected=None)
    assert [[probe.pk, "parcel"]] == found["lost"] or probe.last_confidence >= confidence.DRAFT_FROM


def test_a_gained_probe_is_counted(desk):
    probe = saved("my invoice please", "refund", by=desk)
    Probe.objects.filter(question="my refund please").delete()

    found = probe_effect.measure(moved_away(), now=NOW)

    assert (found["gained"], found["lost"]) == ([[probe.pk, "refund"]], [])


def test_an_edit_of_the_change_is_measured_anew(desk):
    change = moved_away()
    probe_effect.measure(change, now=NOW)
    changes.edit(
        change,
        {"title": "refund", "question": "refund?", "body": "Refund, refund."},
        by=desk,
        base_version=1,
        now=NOW,
    )

    approve(change, desk)

    change.refresh_from_db()
    assert change.probe_result["lost"] == []


def test_a_large_desk_waits_for_the_task(desk, monkeypatch):
    monkeypatch.setattr(probe_effect, "PAIRS_IN_REQUEST", 0)
    change = moved_away()
    assert code(change, desk, reason="Yes.") == "being_measured"

    assert probe_effect.run() == 1
    approve(change, desk, reason="Yes.")


def test_texts_that_have_vectors_are_not_embedded_again(desk, fake):
    probe_effect.measure(moved_away(), now=NOW)
    before = fake.asked
    assert ProbeVector.objects.count() == 2

    probe_effect.measure(moved_away("password"), now=NOW)

    assert fake.asked - before <= 3  # title, question and text of the article that changes


def test_a_change_of_the_owner_alone_is_not_ranked(desk, monkeypatch):
    owner = make_lead()
    article = Article.objects.get(slug="refund")
    change = changes.propose(article, {"owner": owner.username}, kind="EDIT", origin="PERSON", now=NOW)
    monkeypatch.setattr(standing, "changed", lambda *_: pytest.fail("ranked"))

    assert probe_effect.measure(change, now=NOW)["stay"] == 2


def test_without_an_embedder_it_is_measured_by_words(db, monkeypatch):
    monkeypatch.setattr(embedders, "current", lambda: None)
    monkeypatch.setattr(embedders, "wanted", lambda: "words")
    make_article("refund", body="We refund it.")
    lead = make_lead()
    saved("refund please", "refund", by=lead)

    assert code(moved_away(), lead) == "reason_required"


def test_no_probe_no_search(db, monkeypatch):
    monkeypatch.setattr(index, "current", lambda: pytest.fail("loaded"))
    make_article("refund")

    approve(moved_away(), make_lead())


def test_vectors_of_another_length_are_made_again(desk, fake):
    ProbeVector.objects.all().delete()
    for probe in Probe.objects.all():
        ProbeVector.objects.create(
            probe=probe, embedder="fake", digest="", vector=np.ones(2, dtype="<f4").tobytes()
        )

    assert len(probe_effect.questions(index.current())[0].vector) == fake.dims
