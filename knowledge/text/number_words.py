"""Numbers in words, in English and German: two hundred and fifty, fünftausendzweihundert. Pure, linear in the text."""

import re
from collections.abc import Iterator

ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "ein": 1, "eine": 1, "einem": 1, "einen": 1, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5, "fuenf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "zwoelf": 12, "dreizehn": 13,
    "vierzehn": 14, "fünfzehn": 15, "fuenfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "fuenfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90, "dozen": 12, "dutzend": 12,
}  # fmt: skip
SCALES = {
    "hundred": 1e2, "hundert": 1e2, "thousand": 1e3, "tausend": 1e3, "grand": 1e3, "million": 1e6, "millions": 1e6,
    "millionen": 1e6, "billion": 1e9, "milliarde": 1e9, "milliarden": 1e9, "hundreds": 1e2, "thousands": 1e3, "hunderte": 1e2,
    "tausende": 1e3,
}  # fmt: skip
JOINED = ("and", "und", "a", "of")
# The parts of a German compound, the longest first: fünfzehn is not fünf and zehn.
PART = re.compile("|".join(sorted({*ONES, *SCALES, "und"}, key=len, reverse=True)))
WORD = re.compile(r"[^\W\d_]{1,60}")
GAP = re.compile(r"[ \n-]{0,2}")
LEAST = re.compile(
    r"one|two|three|four|fi[vf]|six|seven|eight|nine|ten|elev|twel|twen|thir|dozen|ein|zw|drei|vier|f[uü]|sechs|sieb|acht|neun"
    r"|zehn|elf|dutz|hund|thou|taus|grand|milli|billi"
)


def found(text: str) -> Iterator[tuple[int, int, float]]:
    """(start, end, value) of each run of number words. text: in lower case."""
    if not LEAST.search(text):
        return
    run: list[str] = []
    start = end = 0
    for word in WORD.finditer(text):
        parts = _parts(word[0])
        if run and GAP.fullmatch(text, end, word.start()) is None:
            yield from _said(run, start, end)
            run = []
        if parts and (run or parts[0] not in JOINED):
            start = start if run else word.start()
            run.extend(parts)
            end = word.end()
        elif run:
            yield from _said(run, start, end)
            run = []
    yield from _said(run, start, end)


def _parts(word: str) -> list[str]:
    """Of a number, or nothing where the word is anything else."""
    if word in ONES or word in SCALES or word in JOINED:
        return [word]
    parts, at = [], 0
    while at < len(word):
        part = PART.match(word, at)
        if part is None:
            return []
        parts.append(part[0])
        at = part.end()
    return parts


def _said(run: list[str], start: int, end: int) -> Iterator[tuple[int, int, float]]:
    value = _value(run)
    if value:
        yield start, end, value


def _value(parts: list[str]) -> float:
    total = below = 0.0
    for part in parts:
        if part in ONES:
            below += ONES[part]
        elif part in SCALES:
            scale = SCALES[part]
            if scale == 1e2:
                below = (below or 1) * scale
            else:
                total, below = total + (below or 1) * scale, 0.0
    return total + below
