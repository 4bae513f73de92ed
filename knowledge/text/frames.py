"""The greeting and closing around a reply's own text, by language: one table. Pure.

A customer whose language is not in the table is greeted by name alone, or not at all: a greeting in another language is worse
than none. An inbox's own greeting and signature take precedence.
"""

import re
from dataclasses import dataclass

from . import salutation

BEFORE_A_MARK = re.compile(r" +([,!.:;])")


@dataclass(frozen=True)
class Frame:
    """hello: with {name}. nobody: to somebody without a known name. stand_in: replaces {name} in an inbox's own greeting."""

    hello: str
    nobody: str
    thanks: str
    closing: str
    stand_in: str = ""

    @property
    def greeting(self) -> str:
        return f"{self.hello}\n\n{self.thanks}"


# German and Italian continue in lower case after the comma; the others begin a sentence. Spanish greets with a colon
# (RAE, Ortografía 2010, V.6.3). No form says more than we know about sex or rank.
FRAMES = {
    "en": Frame("Hi {name},", "Hi there,", "Thanks for writing to us.", "Best regards,\nYour support team", "there"),
    "de": Frame("Guten Tag {name},", "Guten Tag,", "vielen Dank für Ihre Nachricht.", "Freundliche Grüße\nIhr Support-Team"),
    "fr": Frame("Bonjour {name},", "Bonjour,", "Merci pour votre message.", "Cordialement,\nVotre équipe d’assistance"),
    "es": Frame("Hola, {name}:", "Hola:", "Gracias por su mensaje.", "Saludos cordiales,\nSu equipo de atención al cliente"),
    "pt": Frame("Olá, {name},", "Olá,", "Obrigado pela sua mensagem.", "Com os melhores cumprimentos,\nA sua equipa de apoio"),
    "it": Frame("Buongiorno {name},", "Buongiorno,", "grazie per il suo messaggio.", "Cordiali saluti\nIl team di assistenza"),
    "nl": Frame("Beste {name},", "Hallo,", "Hartelijk dank voor uw bericht.", "Met vriendelijke groet,\nUw supportteam"),
}  # fmt: skip
NEUTRAL = Frame("{name},", "", "", "")


def of(language: str) -> Frame:
    """By a language's code; pt-BR and pt_BR are pt."""
    return FRAMES.get(re.split(r"[-_]", language, maxsplit=1)[0].lower(), NEUTRAL)


def framed(text: str, *, language: str, name: str = "", greeting: str = "", signature: str = "") -> str:
    """The reply as it is sent. name: to greet by; greeting and signature: the inbox's own, if it has any."""
    frame, own = of(language), greeting.strip()
    usual = f"{frame.hello if name else frame.nobody}\n\n{frame.thanks}".strip()
    start = own.replace("{name}", name or frame.stand_in) if own else usual.replace("{name}", name)
    start = BEFORE_A_MARK.sub(r"\1", start)
    body = salutation.continued(text.strip(), after=start, language=language)
    return "\n\n".join(filter(None, (start, body, signature.strip() or frame.closing)))


def standard_texts() -> tuple[str, ...]:
    """Every standard greeting and closing, which a comparison of two replies ignores."""
    every = ((frame.greeting, frame.nobody, frame.closing) for frame in FRAMES.values())
    return tuple(text for texts in every for text in texts)
