"""What follows a salutation begins as its language wants it: "Hi Noah, Thanks" and "Hallo Noah, vielen Dank"."""

import pytest

from knowledge.text import frames
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grazie per il suo messaggio.", "grazie per il suo messaggio."),
        ("Può restituire tutto entro 30 giorni.", "può restituire tutto entro 30 giorni."),
        ("Marco la chiamerà domani.", "Marco la chiamerà domani."),
        ("IBAN e prezzi sono online.", "IBAN e prezzi sono online."),
    ],
)
def test_italian_goes_on_in_lower_case_after_a_comma_but_for_names(text, expected):
    assert continued(text, after="Buongiorno Ada,", language="it") == expected


@pytest.mark.parametrize("language", ["fr", "es", "pt", "nl", "pt-BR"])
def test_the_others_begin_with_a_capital(language):
    assert continued("éxito total.", after="Hola, Ada:", language=language) == "Éxito total."


@pytest.mark.parametrize("language", ["", "?", "ar", "pl"])
def test_a_text_in_a_language_without_a_rule_stays_as_it_is(language):
    assert continued("miłego dnia", after="Ada,", language=language) == "miłego dnia"


@pytest.mark.parametrize("language", frames.FRAMES)
def test_the_usual_greetings_themselves_are_right_in_their_language(language):
    frame = frames.FRAMES[language]

    assert continued(frame.thanks, after=frame.hello, language=language) == frame.thanks
