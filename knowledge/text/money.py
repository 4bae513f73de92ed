"""Amounts of money in a text, as English and German write them. Pure; every pattern takes time linear in the text.

$1,234.50, 1.234,50 €, CHF 1'234.–, EUR 50,-, 2.5k €, three hundred euros. Currencies are not distinguished.
"""

import re
from collections.abc import Iterator

from .plain import plain

CURRENCY = (
    r"(?:[€$£¥]|(?:eur|usd|gbp|chf|cad|aud|sek|nok|dkk|pln|czk|jpy)(?![a-z])"
    r"|(?:euros?|dollars?|dollar|pounds?|quid|pfund|franken|sfr|kronen|yen)(?![a-zäöüß]))"
)
ANY = re.compile(CURRENCY)
SCALES = {
    "k": 1e3, "tsd": 1e3, "thousand": 1e3, "tausend": 1e3, "hundred": 1e2, "hundert": 1e2,
    "m": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6, "mio": 1e6, "mn": 1e6,
}  # fmt: skip
UNITS = {
    "two": 2, "zwei": 2, "three": 3, "drei": 3, "four": 4, "vier": 4, "five": 5, "fünf": 5, "six": 6, "sechs": 6,
    "seven": 7, "sieben": 7, "eight": 8, "acht": 8, "nine": 9, "neun": 9, "ten": 10, "zehn": 10, "twenty": 20,
    "zwanzig": 20, "thirty": 30, "dreißig": 30, "forty": 40, "vierzig": 40, "fifty": 50, "fünfzig": 50,
}  # fmt: skip
# A single dot or comma before exactly three digits separates thousands: money has no thousandths.
NUMBER = r"(?:\d{1,3}(?:[.,'’ ]\d{3}){1,4}(?!\d)|\d{1,12})(?:[.,]\d{1,2}(?!\d))?(?:[.,][-–—]{1,2})?"
SCALE = r"(?: ?(?:" + "|".join(sorted(SCALES, key=len, reverse=True)) + r")(?![a-zäöüß])\.?)?"
AFTER = re.compile(rf"(?<![\d.,])({NUMBER})({SCALE})[ \n-]{{0,2}}{CURRENCY}")
BEFORE = re.compile(rf"{CURRENCY}\.?[ \n]{{0,2}}({NUMBER})({SCALE})")
SPELLED = re.compile(
    rf"(?<![^\W_])({'|'.join(UNITS)})?[ -]?(hundred|thousand|hundert|tausend|million|millionen)"
    rf"[ -]?(?:[a-zäöüß]{{2,20}}[ -]){{0,3}}{CURRENCY}"
)


def amounts(text: str) -> Iterator[float]:
    """Each amount in the text: with the currency before it, after it, or spelled out."""
    plain_text = plain(text)
    if not ANY.search(plain_text):
        return
    for pattern in (AFTER, BEFORE):
        for found in pattern.finditer(plain_text):
            yield _value(found[1]) * (SCALES[found[2].strip(" .")] if found[2] else 1)
    for found in SPELLED.finditer(plain_text):
        yield UNITS.get(found[1] or "", 1) * SCALES[found[2]]


def _value(number: str) -> float:
    if number.isdecimal():
        return float(number)
    whole, cents = number.rstrip(".,-–—"), ""
    last = max(whole.rfind("."), whole.rfind(","))
    if last >= 0 and len(whole) - last - 1 <= 2:
        whole, cents = whole[:last], whole[last + 1 :]
    digits = re.sub(r"\D", "", whole)
    return float(f"{digits or 0}.{cents or 0}")
