"""How far two replies are apart: their own words are compared, whatever stands around them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.learning import edits
from knowledge.text import frames, quoting
from knowledge.text.redaction import redacted

WORDS = "Choose Forgot password."
FRAMED = {
    "bare": WORDS,
    "as drafted": frames.framed(WORDS, language="en", name="Ada"),
    "as drafted in German": frames.framed(WORDS, language="de", name="Frau Park"),
    "as drafted, nameless": frames.framed(WORDS, language="de"),
    "as drafted in French": frames.framed(WORDS, language="fr", name="Ada"),
    "as drafted in Spanish": frames.framed(WORDS, language="es", name="Ada"),
    "as drafted in Portuguese": frames.framed(WORDS, language="pt"),
    "as drafted in Italian": frames.framed(WORDS, language="it", name="Ada"),
    "as drafted in Dutch": frames.framed(WORDS, language="nl", name="Ada"),
    "as typed in French": "Bonjour Madame,\n\n" + WORDS + "\n\nBien cordialement,\nLena",
    "as typed in Spanish": "Hola, Ada:\n\n" + WORDS + "\n\nUn saludo,\nLena",
    "as typed in Dutch": "Beste Ada,\n\n" + WORDS + "\n\nGroeten,\nLena",
    "another greeting, the thanks left": f"Dear Ada,\n\nthanks for writing to us.\n\n{WORDS}",
    "a greeting in the line": f"Hi Ada, {WORDS}",
    "a title with a full stop": f"Sehr geehrte Frau Dr. Park,\n\n{WORDS}\n\nMit freundlichen Grüßen\nMaria Roth",
    "a signature": f"{WORDS}\n\nKind regards,\nMaria\n\n-- \nAcme Ltd\nTel: 030 123456",
    "the mail it answers": f"{WORDS}\n\nOn Mon, 23 Nov 2026 at 09:00 Ada wrote:\n> Help\n> please",
    "an original message": f"{WORDS}\n\n-----Original Message-----\nFrom: Ada\nHelp",
    "quoted line by line": f"> How?\n{WORDS}\n> Thanks",
    "line ends and spaces": f"  {WORDS.replace(' ', '  ')}\r\n\r\n\r\n",
}


@pytest.mark.parametrize("name", FRAMED)
def test_greeting_closing_signature_and_quotes_are_no_words_of_a_reply(name):
    assert quoting.core(FRAMED[name]) == WORDS


KEPT = {
    "a greeting alone": "Hello",
    "steps after thanks": "Do this.\n\nThanks, here are the steps:\n1. Open\n2. Click",
    "a list at the end": "Please send us:\n\nBest\n- a photo\n- the number",
    "a question at the end": "Open the page.\n\nThanks\nDid that help?",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_only_looks_like_a_frame_stays(name):
    assert quoting.core(KEPT[name]) == KEPT[name]


def test_an_inbox_may_have_a_greeting_and_a_closing_of_its_own():
    text = f"Ahoy Ada, matey.\n\n{WORDS}\n\nThe crew\nof the Acme"

    assert quoting.core(text, ignoring=["Ahoy {name}, matey.", "The crew\nof the Acme"]) == WORDS


def test_the_ratio_is_by_the_longer_text():
    assert edits.difference("abcd", "abcdefgh") == edits.Difference(4, 0.5)


def test_a_changed_greeting_is_no_edit():
    assert edits.difference(FRAMED["as drafted"], FRAMED["a signature"]).distance == 0


def test_what_differs_beyond_the_measured_part_counts_as_a_whole():
    same = "a" * edits.MEASURED

    assert edits.difference(same + "b" * 5, same + "c" * 7) == edits.Difference(7, 7 / (edits.MEASURED + 7))


texts = st.text(max_size=60) | st.sampled_from(sorted(FRAMED.values()))


@given(texts, texts)
def test_the_ratio_lies_between_nothing_and_everything(one, other):
    assert 0 <= edits.difference(one, other).ratio <= 1


@given(texts, texts)
def test_the_difference_is_none_just_where_the_words_are_the_same(one, other):
    assert (edits.difference(one, other).distance == 0) == (quoting.core(one) == quoting.core(other))


@given(texts, texts)
def test_the_difference_is_the_same_both_ways(one, other):
    assert edits.difference(one, other) == edits.difference(other, one)


FACTS = {
    "a number": ("within 30 days", "within 14 days", True),
    "a price": ("costs 4.50 €", "costs 4.60 €", True),
    "a link": ("see https://acme.test/a", "see https://acme.test/b", True),
    "a link added": ("see our page", "see our page https://acme.test/a", True),
    "an address": ("write to a@acme.test", "write to b@acme.test", True),
    "a day": ("on Monday", "on Tuesday", True),
    "a month, in German": ("bis März", "bis Juni", True),
    "the order alone": ("30 days, Monday", "Monday, 30 days", False),
    "a full stop": ("see https://acme.test/a.", "see https://acme.test/a", False),
    "words": ("You can return it", "You may send it back", False),
    "a number in the signature": ("Yes.\n\n-- \nTel: 030 123", "Yes.\n\n-- \nTel: 030 456", False),
}


@pytest.mark.parametrize("name", FACTS)
def test_numbers_links_addresses_days_and_months_are_facts(name):
    before, after, changed = FACTS[name]

    assert edits.facts_changed(before, after) is changed


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_make_up_both_texts(before, after):
    pieces = edits.words_between(before, after)

    assert "".join(piece.text for piece in pieces if piece.how != "new") == before
    assert "".join(piece.text for piece in pieces if piece.how != "gone") == after


def test_words_that_changed_together_are_shown_together():
    pieces = edits.words_between("You can return it, now.", "You may send it now.")

    assert [(piece.how, piece.text) for piece in pieces] == [
        ("same", "You "), ("gone", "can return it,"), ("new", "may send it"), ("same", " now."),
    ]  # fmt: skip


def test_very_long_texts_differ_as_a_whole():
    before, after = "a " * edits.MOST_WORDS, "b " * edits.MOST_WORDS

    assert edits.words_between(before, after) == [
        edits.Piece("gone", before),
        edits.Piece("new", after),
    ]


HOSTILE = [
    "a",
    "a.",
    "0",
    "0 ",
    "(",
    "a@",
    "\n ",
    "> ",
    "Hi ",
    "On a\n",
    "_",
    "DE89",
    "https://",
    "Thanks\n",
    " \t",
]


@pytest.mark.parametrize("part", HOSTILE)
def test_no_text_takes_long(part):
    text = part * (50_000 // len(part))

    began = time.process_time()
    edits.difference(text, text + "1")
    edits.facts_changed(text, text + "1")
    redacted(text, names=["Ada Park"])

    assert time.process_time() - began < 1


DRAFTED = frames.framed("We refund within 5 days.", language="en", name="Ada")


@pytest.mark.parametrize(
    ("final", "edit"),
    [
        (DRAFTED, "nothing"),
        (DRAFTED.replace("\n", "\r\n") + "  ", "nothing"),
        (DRAFTED.replace("Hi Ada", "Dear Ada"), "frame"),
        (f"We refund within 5 days.\n\n{frames.FRAMES['en'].closing}", "frame"),
        (DRAFTED.replace("We refund", "You get it back"), "wording"),
        (DRAFTED.replace("5 days", "7 days"), "facts"),
        (DRAFTED.replace("Hi Ada", "Dear Ada").replace("5 days", "7 days"), "facts"),
    ],
)
def test_an_edit_changes_nothing_the_frame_the_wording_or_a_fact(final, edit):
    assert edits.edited(DRAFTED, final) == edit
