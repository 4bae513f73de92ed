"""A gap's title is what a lead would type: the words that carry the meaning, in the language in which most ask."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as default

from knowledge.learning import gap_rows, gaps
from knowledge.learning.gaps import Asked, Topic
from tests.factories import NOW

ASKED = {
    "en": [
        "I cannot sign in because my phone with the code is gone", "I cannot enter the code because I lost my phone",
        "The code does not come because I have a new phone", "I cannot sign in, the code goes to my old phone",
    ],
    "de": [
        "Gibt es bei Ihnen vielleicht einen Rabatt für Studenten?", "Gibt es für Studenten vielleicht einen Rabatt?",
        "Ich wüsste gern, ob Studenten einen Rabatt bekommen", "Bekommen Studenten eigentlich einen Rabatt?",
    ],
    "es": [
        "Quisiera saber porque no puedo pagar con factura", "Quisiera pagar con factura porque somos una empresa",
        "Porque somos una empresa, quisiera una factura", "Quisiera saber si puedo pagar con factura",
    ],
    "pt": [
        "Gostaria de pausar minha assinatura porque vou viajar", "Gostaria de saber como pausar a assinatura",
        "Porque estou fora, gostaria de pausar a assinatura", "Posso pausar a assinatura? Gostaria de saber",
    ],
}  # fmt: skip
MEANT = {
    "en": {"phone", "code"}, "de": {"rabatt", "studenten"}, "es": {"factura", "pagar"}, "pt": {"assinatura", "pausar"},
}  # fmt: skip
EMPTY = {"because", "vielleicht", "gibt", "porque", "quisiera", "gostaria", "saber", "einen"}


def topic_of(*languages: str) -> Topic:
    said = [(text, language) for language in languages for text in ASKED[language]]
    asked = [
        Asked(key=number, customer=number, at=NOW + timedelta(minutes=number), text=text, language=language)
        for number, (text, language) in enumerate(said)
    ]
    return Topic(asked, {one.key: 1.0 for one in asked})


def words_of(title: str) -> set[str]:
    return set(title.casefold().split(", "))


@pytest.fixture
def _meaning(db, settings: Any) -> None:
    settings.EMBEDDER = default.EMBEDDER


@pytest.mark.parametrize("language", ASKED)
@pytest.mark.usefixtures("_meaning")
def test_a_title_names_what_is_asked_and_leaves_empty_words_out(language):
    topic = topic_of(language)

    title = words_of(gap_rows.title(topic, topic.asked))

    assert MEANT[language] <= title
    assert not title & EMPTY


@pytest.mark.usefixtures("_meaning")
def test_a_title_is_in_the_language_in_which_most_ask():
    few = [one for one in topic_of("en", "de").asked if one.language == "en" or one.key % 2]
    topic = Topic(few, {one.key: 1.0 for one in few})

    assert words_of(gap_rows.title(topic, few)) <= words_of(" ".join(ASKED["en"]).replace(" ", ", "))


def test_without_a_model_of_meaning_a_title_is_of_the_rarest_words():
    assert gaps.title({"discount": 9.0, "student": 8.0, "get": 1.0}) == "Discount, student"


def test_no_words_are_no_title():
    assert gaps.title({}) == ""
