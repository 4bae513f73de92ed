"""Words of any script stay whole, in one form for all spellings that look alike."""

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
