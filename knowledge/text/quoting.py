"""Separates a reply's own text from its greeting, signature and quoted text. Pure.

The standard greetings and closings are in frames.py; an inbox's own are passed as `ignoring`.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from webhooks.mirror import quoted_mail

from . import frames

# As people type them: a greeting with up to four words of address; a closing with up to four short lines of names.
HELLO = re.compile(
    r"(?:hola|olá),[ \t]+[^\s,!?:;]+[,!:]\s*"
    r"|(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|liebe[rs]?"
    r"|sehr geehrte[rs]?|moin|servus|grüß gott|grüezi"
    r"|bonjour|bonsoir|ch[eè]re?|hola|buen[oa]s (?:días|tardes|noches)|estimad[oa]|querid[oa]|olá|bo[am] (?:dia|tarde|noite)"
    r"|prezad[oa]|car[oa]|ciao|buongiorno|buonasera|gentile|beste|geachte|hoi|goede(?:morgen|middag|navond|ndag))"
    r"(?:[ \t]+[^\s,!?:;]+){0,4}[ \t]*(?:[,!:]\s*|\n\s*|\Z)",
    re.IGNORECASE,
)
GOODBYE = re.compile(
    r"(?:^|\n)(?:(?:with )?(?:(?:best|kind|kindest|warm|many) )?(?:regards|wishes)|best|(?:yours )?(?:sincerely|truly|faithfully)"
    r"|cheers|thanks|thank you"
    r"|(?:mit )?(?:freundliche[nm]?|viele[n]?|liebe[n]?|beste[n]?|herzliche[nm]?|schöne[n]?) gr(?:üße|üsse|uß|uss)n?|mfg|lg|vg"
    r"|(?:bien )?cordialement|bien à vous|(?:meilleures|sincères) salutations|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?"
    r"|atentamente|atenciosamente|(?:com os )?(?:melhores )?cumprimentos|(?:cordiali|distinti) saluti"
    r"|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?)"
    r"(?:[,.!](?: [^\s,:]+){0,3})?(?:\n(?![ ]?[\d*•-])[^\n:?]{0,60}){0,4}\Z",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"(?:^|\n)-- ?\n.*\Z", re.DOTALL)
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
TAIL = 600  # characters at the end in which a closing is looked for


class Part(NamedTuple):
    """A paragraph of a greeting or closing, where a text begins with it and where one ends with it."""

    opening: re.Pattern[str]
    closing: re.Pattern[str]


def core(text: str, *, ignoring: Iterable[str] = ()) -> str:
    """The reply's own text, evenly spaced. If nothing else would be left, the whole text."""
    plain = tidy(text)
    own = SIGNATURE.sub("", quoted_mail.own(plain))
    known = _paragraphs((*frames.standard_texts(), *ignoring))
    return _without_closing(_without_greeting(own.strip(), known), known).strip() or plain


def tidy(text: str) -> str:
    """One form for texts that look the same: line ends, composed letters, spaces, empty lines, invisible characters."""
    plain = unicodedata.normalize("NFC", INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    plain = re.sub(r"[^\S\n]+", " ", plain)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\n ?", "\n", plain)).strip()


def _without_greeting(text: str, known: tuple[Part, ...]) -> str:
    """Each paragraph of a greeting may be missing: an edit to one leaves the others recognised."""
    openings = [HELLO, *(part.opening for part in known)]
    while found := next(((one, end) for one in openings if (end := _end(one, text))), None):
        openings.remove(found[0])
        text = text[found[1] :]
    return text


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _without_closing(text: str, known: tuple[Part, ...]) -> str:
    for part in known:
        text = part.closing.sub("", text)
    start = max(len(text) - TAIL, 0)
    found = GOODBYE.search(text, start)
    return text[: found.start()] if found else text


@cache
def _paragraphs(greetings: tuple[str, ...]) -> tuple[Part, ...]:
    """Each paragraph of the greetings and closings; {name} stands for any few words."""
    parts = {part for greeting in greetings for part in tidy(greeting).split("\n\n") if part}
    return tuple(map(_part, sorted(parts)))


def _part(text: str) -> Part:
    words = re.escape(text).replace(r"\{name\}", r"[^\n,.!?:;]{0,80}?")
    return Part(
        re.compile(words + r"\s*", re.IGNORECASE), re.compile(rf"\s*(?:^|\n){words}\Z", re.IGNORECASE)
    )
