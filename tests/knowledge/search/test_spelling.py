"""A slip of one letter is corrected by the articles' own words; what is spelt as meant stays."""

import pytest

from knowledge.search import search, spelling
from tests.factories import make_article

COUNTS = {"account": 5, "transfer": 3, "transfers": 4, "keep": 2, "does": 9, "card": 7, "überweisung": 1}


def corrected(text: str, *known: str) -> str:
    return spelling.corrected(
        text, spelling.Vocabulary(COUNTS), is_known=lambda word: word in COUNTS or word in known
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my acount is locked", "my account is locked"),  # lost
        ("my accountt", "my account"),  # added
        ("my accoumt", "my account"),  # replaced
        ("my accuont", "my account"),  # swapped
        ("ACOUNT!", "account!"),
        ("two trnsfers", "two transfers"),
        ("meine Überwesung", "meine überweisung"),
        ("my acuont", "my acuont"),  # two slips
        ("the bccount", "the bccount"),  # the first letter is hardly ever wrong
        ("it doesn't", "it doesn't"),
        ("car", "car"),  # too short to tell
        ("", ""),
    ],
)
def test_one_slip_is_mended(text, expected):
    assert corrected(text) == expected


def test_a_word_that_the_embedder_has_as_a_whole_stays():
    assert corrected("very keen") == "very keep"
    assert corrected("very keen", "keen") == "very keen"


def test_of_several_the_most_frequent_is_taken():
    assert corrected("transferz") == "transfers"


def test_a_long_text_costs_a_bounded_number_of_comparisons():
    asked = []
    text = " ".join(f"wor{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(200))

    class Counting(spelling.Vocabulary):
        def nearest(self, word):
            asked.append(word)

    spelling.corrected(text, Counting(COUNTS), is_known=lambda word: False)

    assert len(asked) == spelling.MOST_MENDED


@pytest.mark.django_db
@pytest.mark.parametrize("embedder", ["use", "words"])
def test_a_misspelt_question_finds_its_article(embedder, settings):
    settings.EMBEDDER = embedder
    make_article("parcel", title="Where your parcel is", body="Follow the parcel with its number.")
    make_article("invoice", title="Get an invoice", body="Every invoice is in your account.")

    best = search.search("wheres my parcle", limit=1).answers[0]

    assert best.live.slug == "parcel"
    assert best.hit.bm25 > 0


@pytest.mark.django_db
def test_the_language_is_that_of_the_text_as_it_was_written():
    make_article("password", title="Reset your password", body="Reset your password here.")

    assert search.search("Ich habe mein Passwort vergessen").language == "de"
