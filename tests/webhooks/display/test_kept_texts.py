"""Texts kept in English are recognised by their words, and shown with their facts in the language of the page."""

import pytest
from django.utils import translation

from webhooks.display.kept_texts import KeptTexts, number

ANSWERED, LATE = "Chatwoot answered %(n)s.", "The page did not arrive within %(n)s s."
TEXTS = KeptTexts(ANSWERED, LATE, facts={"n": number})


def shown(text: str) -> str | None:
    with translation.override("de"):
        return TEXTS.shown_paragraph(text)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("Chatwoot answered 503.", "Chatwoot antwortete mit 503."),
        ("Chatwoot answered 1,503.5.", "Chatwoot antwortete mit 1.503,5."),
        (
            "Chatwoot answered 503. The page did not arrive within 15 s.",
            "Chatwoot antwortete mit 503. Die Seite kam nicht innerhalb von 15 s an.",
        ),
        ("Chatwoot answered 503. Nobody knows.", None),
        ("Chatwoot answered nothing.", None),
        ("", None),
    ],
)
def test_a_paragraph_is_shown_only_if_each_of_its_sentences_is_known(kept, said):
    assert shown(kept) == said


def test_a_text_that_no_template_made_stands_as_it_is():
    with translation.override("de"):
        assert TEXTS.shown("Chatwoot answered %(n)s.") == "Chatwoot answered %(n)s."
