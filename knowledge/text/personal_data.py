"""Finds email addresses and telephone, card and account numbers in a text, each with a key to compare it by. Pure.

Every pattern takes time linear in the text: no attempt to match reads again what another attempt has read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .plain import plain

LOCAL = re.compile(r"[\w.+%'-]{1,64}")  # read backwards, from the @
AT = re.compile(r"(?<=[\w+%'-])@([a-z0-9äöüß-]{1,63}(?:\.[a-z0-9äöüß-]{1,63}){1,8})")
DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})(?!\d)")
GAP = r"[ ()./‐‑–-]{0,3}"
PHONE = re.compile(
    rf"(?<![\w+])(?:\+{GAP}[1-9](?:{GAP}\d){{6,14}}|\(?0{GAP}\d(?:{GAP}\d){{5,13}})(?!\d)"
    r"|(?<![\w+-])\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?![\d-])"
)
SEP = r"[ ./-]{1,2}"
CARD = re.compile(
    rf"(?<![\d])(?:\d{{4}}{SEP}\d{{4}}{SEP}\d{{4}}{SEP}\d{{1,4}}(?:{SEP}\d{{1,3}})?"
    rf"|\d{{4}}{SEP}\d{{6}}{SEP}\d{{4,5}}|\d{{13,19}})(?!\d)"
)
ACCOUNT = re.compile(
    r"(?<![a-z0-9])[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?(?![a-z0-9])"
)
ACCOUNT_DIGITS = 10  # with fewer it is more likely a product's name
NOTHING = " · "  # replaces what has been found already
TAIL = 8  # digits by which +49 30 1234567 and 030 1234567 are one number


@dataclass(frozen=True)
class Found:
    what: str
    key: str  # the same for every way to write it
    text: str


def found(text: str) -> Iterator[Found]:
    plain_text = plain(text)
    yield from _addresses(plain_text)
    for match in ACCOUNT.finditer(plain_text):
        if sum(map(str.isdecimal, match[0])) >= ACCOUNT_DIGITS:
            yield Found("account number", re.sub(r"[ -]", "", match[0]), match[0])
    plain_text = ACCOUNT.sub(NOTHING, plain_text)
    for match in CARD.finditer(plain_text):
        digits = _digits(match[0])
        if len(digits) >= 13 and (not match[0].isdecimal() or _adds_up(digits)):
            yield Found("card number", digits, match[0])
    for match in PHONE.finditer(DATE.sub(NOTHING, CARD.sub(NOTHING, plain_text))):
        yield Found("telephone number", _digits(match[0])[-TAIL:], match[0])


def keys(texts: Iterable[str]) -> set[str]:
    return {one.key for text in texts for one in found(text)}


def numbers(texts: Iterable[str]) -> set[str]:
    """Keys of every run of digits, because a customer may write a number in a form that no pattern recognises."""
    runs = (run for text in texts for run in re.findall(rf"\d(?:{GAP}\d){{6,40}}", plain(text)))
    return {key for run in map(_digits, runs) for key in (run, run[-TAIL:])}


def _addresses(plain_text: str) -> Iterator[Found]:
    for at in AT.finditer(plain_text):
        local = LOCAL.match(plain_text[max(at.start() - 64, 0) : at.start()][::-1])
        if local:
            address = f"{local[0][::-1].strip(chr(39) + '.')}@{at[1].strip('-')}"
            yield Found("email address", address, address)


def _digits(text: str) -> str:
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())


def _adds_up(digits: str) -> bool:
    """Whether the digits pass the Luhn check, as card numbers do and most order numbers do not."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
