"""Words of any script stay whole, in one form for all spellings that look alike."""

import time

import pytest

from knowledge.text import words

WHOLE = {
    "Zażółć gęślą jaźń": ["zażółć", "gęślą", "jaźń"],
    "أين طَلَبي؟": ["أين", "طَلَبي"],
    "Где мой заказ?": ["где", "мой", "заказ"],
    "मेरा ऑर्डर कहाँ है": ["मेरा", "ऑर्डर", "कहाँ", "है"],
    "注文はABC社": ["注文", "文は", "abc", "社"],
    "ﬁnd it — Straße_7": ["find", "it", "strasse", "7"],
    "don't": ["don", "t"],
    "👍 …": [],
}


@pytest.mark.parametrize(("text", "expected"), WHOLE.items(), ids=range(len(WHOLE)))
def test_words_of_any_script_stay_whole(text, expected):
    assert list(words.plain_words(text)) == expected


ENDINGS = [
    ("en", "refunded", "refunds"),
    ("de", "Rechnungen", "Rechnung"),
    ("es", "reembolsos", "reembolso"),
    ("ru", "заказы", "заказ"),
]


@pytest.mark.parametrize(("language", "one", "other"), ENDINGS)
def test_endings_are_cut_by_the_rules_of_the_language(language, one, other):
    assert words.words(one, language=language) == words.words(other, language=language)
    assert words.words(one) != words.words(other)


def test_a_composed_letter_is_the_same_as_its_parts():
    assert words.words("Zu\u0308rich", language="de") == words.words("Zürich", language="de")


def test_sentences_end_at_their_marks_and_at_lines():
    text = "Choose “Forgot password”. The link is valid for 1.5 hours! 次へ。設定\n- One\n- Two"

    assert words.sentences(text) == [
        "Choose “Forgot password”.", "The link is valid for 1.5 hours!", "次へ。", "設定", "- One", "- Two",
    ]  # fmt: skip


UNBROKEN = {
    "de": "Soll eine Rechnung Ihre USt-IdNr. oder eine andere Adresse nennen, z. B. bis 3. Dezember unter Nr. 5, sagen Sie es.",
    "en": "Ask Dr. Smith about item No. 4 of p. 12, e.g. by phone.",
    "es": "Llame al núm. 5 de la av. Central.",
    "fr": "Voir p. ex. la page 4, n° 5.",
    "nl": "Bel bijv. nr. 5.",
}


@pytest.mark.parametrize("language", UNBROKEN)
def test_a_short_form_ends_no_sentence(language):
    assert words.sentences(f"{UNBROKEN[language]} Ok.", language=language) == [UNBROKEN[language], "Ok."]


def test_customers_who_write_without_capitals_write_sentences():
    said = "i cannot log in. it says error! please help"

    assert words.sentences(said) == ["i cannot log in.", "it says error!", "please help"]


def test_spans_are_places_in_the_text_whatever_stands_before():
    text = "👍 Grüße aus Zu\u0308rich. \r\n\n\u2028 Ja! Nein"

    assert [text[start:end].strip() for start, end in words.sentence_spans(text)] == [
        "👍 Grüße aus Zu\u0308rich.", "Ja!", "Nein",
    ]  # fmt: skip


def test_the_longest_text_is_split_in_a_moment():
    for part in ("a. ", "!?", "([", "\n", "z. B. ", "。"):
        began = time.thread_time()
        list(words.sentence_spans(part * (150_000 // len(part)), language="de"))
        assert time.thread_time() - began < 1, part
