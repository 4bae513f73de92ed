"""Which facts of a reply have a source: 60 cases and more of each kind, as a table (tests/knowledge/risk/support_cases.py)."""

import time

import pytest

from knowledge.risk import support
from knowledge.text import facts
from tests.knowledge.risk import support_cases_abroad, support_cases_further
from tests.knowledge.risk.support_cases import ARTICLES, SUPPORTED, UNSUPPORTED


def unsupported(article: str, customer: str, reply: str) -> list[str]:
    return facts.unsupported(reply, [ARTICLES[article], customer])


def test_there_are_sixty_cases_of_each_kind():
    assert (len(UNSUPPORTED) >= 60, len(SUPPORTED) >= 60) == (True, True)


@pytest.mark.parametrize(("article", "customer", "reply", "expected"), UNSUPPORTED)
def test_a_fact_without_a_source_is_named(article, customer, reply, expected):
    assert unsupported(article, customer, reply) == expected


@pytest.mark.parametrize(("article", "customer", "reply"), SUPPORTED)
def test_what_has_a_source_is_not_flagged(article, customer, reply):
    assert unsupported(article, customer, reply) == []


@pytest.mark.parametrize("article", ARTICLES)
def test_an_articles_own_text_is_supported_by_itself(article):
    assert unsupported(article, "", ARTICLES[article]) == []


LANGUAGES = (support_cases_abroad, support_cases_further)
ARTICLE_IN = {language: text for cases in LANGUAGES for language, text in cases.ARTICLES.items()}
ASKED_IN = {language: text for cases in LANGUAGES for language, text in cases.ASKED.items()}


def abroad(language: str, reply: str) -> list[str]:
    sources = [ARTICLE_IN[language], ASKED_IN[language]]
    return support.unsupported(reply, sources, machine_text=reply, likely=["en", language])


@pytest.mark.parametrize(
    ("language", "reply", "expected"), [case for cases in LANGUAGES for case in cases.UNSUPPORTED]
)
def test_a_fact_without_a_source_is_named_in_any_language(language, reply, expected):
    assert abroad(language, reply) == expected


@pytest.mark.parametrize(("language", "reply"), [case for cases in LANGUAGES for case in cases.SUPPORTED])
def test_what_has_a_source_is_not_flagged_in_any_language(language, reply):
    assert abroad(language, reply) == []


@pytest.mark.parametrize("language", ARTICLE_IN)
def test_an_article_in_any_language_is_supported_by_itself(language):
    assert abroad(language, ARTICLE_IN[language]) == []


@pytest.mark.parametrize(
    ("reply", "source"),
    [
        ("De 9 a 17 horas.", "Atendemos de 9:00 a 17:00."), ("Dentro de 24 horas.", "En un día."),
        ("Sous 48h.", "Sous deux jours."), ("Fermé le 25/12.", "Fermé le 25 décembre."), ("Il 1° maggio.", "Il 1 maggio."),
        ("Llame al 912 345 678.", "+34 912 345 678"), ("24/7", "Rund um die Uhr."),
    ],
)  # fmt: skip
def test_two_spellings_are_one_fact(reply, source):
    language = {"Dentro de 24 horas.": "es", "Sous 48h.": "fr"}.get(reply, "")

    assert facts.unsupported(reply, [source], languages=lambda text: language) == []


HALVES = (
    ("en", "Within half an hour.", "30 minutes"), ("en", "It takes half a year.", "6 months"),
    ("en", "Within a fortnight.", "14 days"),
    ("de", "In einer halben Stunde.", "30 Minuten"), ("de", "Nach einem halben Jahr.", "sechs Monate"),
    ("fr", "Dans une demi-heure.", "30 minutes"), ("es", "En media hora.", "30 minutos"), ("pt", "Em meia hora.", "30 minutos"),
    ("it", "Entro mezz'ora.", "30 minuti"), ("nl", "Binnen een half uur.", "30 minuten"), ("pl", "W pół godziny.", "30 minut"),
    ("ru", "Через полчаса.", "30 минут"), ("tr", "Yarım saat sürer.", "30 dakika"),
)  # fmt: skip


@pytest.mark.parametrize(("language", "reply", "source"), HALVES)
def test_half_of_a_unit_is_a_fact(language, reply, source):
    def unsupported(source: str) -> list[str]:
        return facts.unsupported(reply, [source], languages=lambda text: language)

    assert unsupported(source) == []
    assert len(unsupported("20 minutes, 3 Monate.")) == 1


def test_half_of_anything_else_is_none():
    assert (
        facts.found("Choose half of them, on half-price Monday mornings or in half-open rooms.")[0].shown
        == "monday"
    )


FOREIGN = {
    "fr": "Vous avez quatre-vingt-dix jours et trente minutes.",
    "es": "Tiene noventa días y treinta minutos.",
    "pt": "Tem noventa dias e trinta minutos.",
    "it": "Ha novanta giorni e trenta minuti.",
    "nl": "U hebt negentig dagen en dertig minuten.",
}


@pytest.mark.parametrize("language", FOREIGN)
def test_numbers_in_words_are_read_in_the_language_of_the_reply(language):
    (found,) = facts.unsupported(
        FOREIGN[language],
        [ARTICLES["password"]],
        languages=lambda text: language if text in FOREIGN.values() else "en",
    )

    assert found.split()[0] in FOREIGN[language]
    assert found.split()[-1] in ("jours", "días", "dias", "giorni", "dagen")


STRANGE = {
    "numbers": "1 " * 10_000, "points": "9." * 10_000, "addresses": "a@b." * 5_000, "currencies": "€" * 20_000,
    "words": "two " * 5_000, "thousands": "1.000" * 4_000, "dashes": "1-" * 10_000, "slashes": "a1/" * 7_000,
}  # fmt: skip


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_a_strange_text_takes_no_long_time(text):
    began = time.process_time()

    facts.unsupported(text, [text])

    assert time.process_time() - began < 5
