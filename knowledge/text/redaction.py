"""Removes what identifies a customer from a text: email addresses, telephone and account numbers, and names. Pure.

It removes too much rather than too little: ten to twelve digits in a row count as a telephone number, and a name that is
also an ordinary word counts as a name.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

GAP = r"[ \u00a0\u2009\u202f]?"
LETTER = r"[^\s@<>()\[\]\"',;:|/?=&]"
EMAIL = re.compile(rf"{LETTER}{{1,64}}@{LETTER}{{1,250}}\.[^\W\d_]{{2,}}")
ACCOUNT = re.compile(
    rf"\b[A-Z]{{2}}\d{{2}}(?:{GAP}[A-Z0-9]{{4}}){{3,7}}(?:{GAP}[A-Z0-9]{{1,3}})?\b", re.IGNORECASE
)
CARD = re.compile(r"(?<![\d.,])\d(?:[ \u00a0\u2009\u202f-]?\d){12,18}(?!\d)")
BETWEEN = r"[ \u00a0\u2009\u202f.()/‐‑–-]{0,3}"
PHONE = re.compile(
    # +49 170 123 45 67, 0049 ..., (030) 123 456, 0170/1234567; 555-123-4567; ten to twelve digits in a row
    rf"(?<![\w.,])(?:(?:\+|\(\+?0|0){BETWEEN}\d(?:{BETWEEN}\d){{5,13}}|\(?\d{{3}}\)?[ .-]\d{{3}}[ .-]\d{{4}}|\d{{10,12}})(?!\d)"
)
# Parts of names that are ordinary words too.
ORDINARY = set(
    "al am bin da das de del dem den der di die dr du el frau herr i im la le los mr mrs ms of prof the und van von y zu".split()  # noqa: SIM905
)
# Scripts without spaces between words: a name there has no word boundary.
UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")
LEAST = 2  # letters of a name


def redacted(text: str, *, names: Iterable[str] = ()) -> str:
    """names: the customer's full names. Each part of a name is removed too, where it is a word of its own."""
    plain = unicodedata.normalize("NFC", text)
    for pattern, instead in (
        (EMAIL, "[email]"),
        (ACCOUNT, "[account]"),
        (CARD, "[card]"),
        (PHONE, "[phone]"),
    ):
        plain = pattern.sub(instead, plain)
    known = _names(tuple(sorted({name for name in names if name})))
    return known.sub("[name]", plain) if known else plain


@lru_cache(maxsize=1024)
def _names(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Matches names with or without accents and with a possessive s, but not inside a placeholder such as [name]."""
    full = {" ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name))) for name in names}
    parts = {
        part for name in full for part in name.split() if len(part) >= LEAST and part.lower() not in ORDINARY
    }
    known = {spelling for name in full | parts if name for spelling in (name, _bare(name))}
    known = {name for name in known if len(name) >= LEAST and not name.isdigit()}
    if not known:
        return None
    anyone = "|".join(map(_pattern, sorted(known, key=len, reverse=True)))
    return re.compile(rf"(?<!\[)(?:{anyone})(?!\])", re.IGNORECASE)


def _pattern(name: str) -> str:
    letters = re.escape(name).replace(r"\ ", r"[\W_]+")
    return letters if UNSPACED.search(name) else rf"(?<![^\W_]){letters}(?:['’]?s)?(?![^\W_])"


def _bare(name: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter)
    )
