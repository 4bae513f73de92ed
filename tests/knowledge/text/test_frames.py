"""Greeting and closing around a reply: right in each language, and none where we do not know how to greet."""

import re

import pytest

from knowledge.text import frames
from knowledge.text.frames import framed

WHOLE = {
    "en": "Hi Ada,\n\nThanks for writing to us.\n\nBODY.\n\nBest regards,\nYour support team",
    "de": "Guten Tag Ada,\n\nvielen Dank für Ihre Nachricht.\n\nBODY.\n\nFreundliche Grüße\nIhr Support-Team",
    "fr": "Bonjour Ada,\n\nMerci pour votre message.\n\nBODY.\n\nCordialement,\nVotre équipe d’assistance",
    "es": "Hola, Ada:\n\nGracias por su mensaje.\n\nBODY.\n\nSaludos cordiales,\nSu equipo de atención al cliente",
    "pt": "Olá, Ada,\n\nObrigado pela sua mensagem.\n\nBODY.\n\nCom os melhores cumprimentos,\nA sua equipa de apoio",
    "it": "Buongiorno Ada,\n\ngrazie per il suo messaggio.\n\nBODY.\n\nCordiali saluti\nIl team di assistenza",
    "nl": "Beste Ada,\n\nHartelijk dank voor uw bericht.\n\nBODY.\n\nMet vriendelijke groet,\nUw supportteam",
}


@pytest.mark.parametrize("language", WHOLE)
def test_each_language_has_its_own_frame(language):
    assert framed("BODY.", language=language, name="Ada") == WHOLE[language]


@pytest.mark.parametrize("language", frames.FRAMES)
def test_without_a_name_the_greeting_names_nobody_and_leaves_no_gap(language):
    first = framed("BODY.", language=language).split("\n")[0]

    assert first == frames.FRAMES[language].nobody
    assert not re.search(r"\{|\s[,:]|,,", first)


def test_a_region_does_not_change_the_language():
    assert framed("BODY.", language="pt-BR", name="Ada") == WHOLE["pt"]


@pytest.mark.parametrize("language", ["", "?", "ar", "pl", "xx"])
def test_an_unknown_language_gets_the_name_alone_or_nothing(language):
    assert framed("treść", language=language, name="Ada") == "Ada,\n\ntreść"
    assert framed("treść", language=language) == "treść"


def test_an_inboxs_own_greeting_and_signature_replace_the_standard_ones():
    assert framed("we do.", language="en", name="Ada", greeting="Ahoy {name}!", signature="The crew") == (
        "Ahoy Ada!\n\nWe do.\n\nThe crew"
    )


@pytest.mark.parametrize(
    ("greeting", "language", "first"),
    [
        ("Ahoy {name}!", "en", "Ahoy there!"),
        ("Moin {name},", "de", "Moin,"),
        ("Salut {name} !", "fr", "Salut!"),
    ],
)
def test_in_an_inboxs_own_greeting_a_missing_name_leaves_no_gap(greeting, language, first):
    assert framed("BODY.", language=language, greeting=greeting).split("\n")[0] == first
