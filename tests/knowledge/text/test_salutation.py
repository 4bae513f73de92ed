"""What follows a salutation begins as its language wants it: "Hi Noah, Thanks" and "Hallo Noah, vielen Dank"."""

import pytest

from knowledge.text import quoting
from knowledge.text.salutation import continued


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you can set a new password.", "You can set a new password."),
        ("Orders leave our warehouse today.", "Orders leave our warehouse today."),
        ("we'll check that.", "We'll check that."),
        ("e-mail us the number.", "E-mail us the number."),
        ("iPhone covers are in stock.", "iPhone covers are in stock."),
        ("acme.example/help shows how.", "acme.example/help shows how."),
        ("30 days are enough.", "30 days are enough."),
        ("", ""),
    ],
)
@pytest.mark.parametrize("after", ["Hi Noah,", "Ahoy Noah!", "Hi Noah,\n\nThanks for writing to us."])
def test_english_begins_with_a_capital_whatever_the_greeting_ends_with(text, expected, after):
    assert continued(text, after=after, language="en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vielen Dank für Ihre Nachricht.", "vielen Dank für Ihre Nachricht."),
        ("Das tut uns leid.", "das tut uns leid."),
        ("Wählen Sie „Passwort vergessen“.", "wählen Sie „Passwort vergessen“."),
        ("Solange das Paket hier ist, geht es.", "solange das Paket hier ist, geht es."),
        ("Sie können alles zurückgeben.", "Sie können alles zurückgeben."),
        ("Ihr Paket ist unterwegs.", "Ihr Paket ist unterwegs."),
        ("Bestellungen verlassen unser Lager.", "Bestellungen verlassen unser Lager."),
        ("AGB und Preise finden Sie online.", "AGB und Preise finden Sie online."),
        ("wir helfen gern.", "wir helfen gern."),
    ],
)
def test_german_goes_on_in_lower_case_after_a_comma_but_for_nouns_and_sie(text, expected):
    assert continued(text, after="Hallo Noah,", language="de") == expected


@pytest.mark.parametrize("after", ["Hallo Noah!", "Guten Tag,\n\nvielen Dank für Ihre Nachricht."])
def test_german_begins_with_a_capital_after_the_end_of_a_sentence(after):
    assert continued("wir helfen gern.", after=after, language="de") == "Wir helfen gern."


def test_the_usual_greetings_themselves_are_right_in_their_language():
    for language, greeting in quoting.GREETING.items():
        salutation, _, rest = greeting.partition("\n\n")
        assert continued(rest, after=salutation, language=language) == rest


def test_every_line_of_the_usual_english_closing_begins_with_a_capital():
    assert all(line[0].isupper() for line in quoting.CLOSING["en"].split("\n") if line)
