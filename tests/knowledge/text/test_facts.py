"""Which facts of a reply have a source: 60 cases and more of each kind, as a table (tests/knowledge/risk/support_cases.py)."""

import time

import pytest

from knowledge.text import facts
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
