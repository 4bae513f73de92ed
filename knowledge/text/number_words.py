"""Numbers in words, in English and German: two hundred and fifty, fünftausendzweihundert. Pure, linear in the text.

money.py also reads those of other languages (ABROAD): cinco mil, cinquemila. Where there is no currency beside them, too many
of these are other words.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from . import number_terms

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
HUNDREDS_ABROAD = {
    100: "cien ciento cem",
    200: "doscientos doscientas duzentos duzentas dwieście двести",
    300: "trescientos trescientas trezentos trezentas trzysta триста",
    400: "cuatrocientos cuatrocientas quatrocentos quatrocentas czterysta четыреста",
    500: "quinientos quinientas quinhentos quinhentas pięćset пятьсот",
    600: "seiscientos seiscientas seiscentos seiscentas sześćset шестьсот",
    700: "setecientos setecientas setecentos setecentas siedemset семьсот",
    800: "ochocientos ochocientas oitocentos oitocentas osiemset восемьсот",
    900: "novecientos novecientas novecentos novecentas dziewięćset девятьсот",
}
SCALES_ABROAD = {
    1e2: "cent cents cento honderd hundra hundre hundrede",
    1e3: "mil mille mila duizend tusen tusind tysiąc tysiące tysięcy tisíc tisíce тысяча тысячи тысяч ألف آلاف",
    1e6: "millón millon millones milhão milhões milione milioni miljoen milion miliony milionů miljon miljoner миллион "
    "миллиона миллионов",
}
COINS = (["cent"], ["cents"])  # no hundred by themselves
JOINED_ABROAD = ("y", "e", "et", "de", "di", "a", "i", "en", "og", "och")
WORD = re.compile(r"[^\W\d_]{1,60}")
GAP = re.compile(r"[ \n-]{0,2}")
OTHERS = {"un", "una", "uno", "um", "uma", "une", "en", "ett", "een", "jeden"}
LEAST = re.compile(
    r"one|two|three|four|fi[vf]|six|seven|eight|nine|ten|elev|twel|twen|thir|dozen|ein|zw|drei|vier|f[uü]|sechs|sieb|acht|neun"
    r"|zehn|elf|dutz|hund|thou|taus|grand|milli|billi"
)


class Vocabulary:
    """ones: words with a value of their own. scales: words that multiply what stands before them."""

    def __init__(
        self, ones: Mapping[str, float], scales: Mapping[str, float], joined: tuple[str, ...]
    ) -> None:
        self.ones, self.scales, self.joined = ones, scales, joined

    @cached_property
    def part(self) -> re.Pattern[str]:
        """Of a compound, the longest first: fünfzehn is not fünf and zehn."""
        return re.compile("|".join(sorted({*self.ones, *self.scales, "und"}, key=len, reverse=True)))

    def parts(self, word: str) -> list[str]:
        """Of a number, or nothing where the word is anything else."""
        if word in self.ones or word in self.scales or word in self.joined:
            return [word]
        parts, at = [], 0
        while at < len(word):
            part = self.part.match(word, at)
            if part is None:
                return []
            parts.append(part[0])
            at = part.end()
        return parts

    def value(self, parts: list[str]) -> float:
        total = below = 0.0
        for part in parts:
            if part in self.ones:
                below += self.ones[part]
            elif part in self.scales:
                scale = self.scales[part]
                if scale == 1e2:
                    below = (below or 1) * scale
                else:
                    total, below = total + (below or 1) * scale, 0.0
        return total + below


def _abroad() -> Vocabulary:
    ones = {word: value for words in number_terms.NUMBER_WORDS.values() for word, value in words.items()}
    ones |= {word: float(value) for value, words in HUNDREDS_ABROAD.items() for word in words.split()}
    ones |= dict.fromkeys(OTHERS, 1.0)
    scales = {word: scale for scale, words in SCALES_ABROAD.items() for word in words.split()}
    return Vocabulary(
        {word: value for word, value in ones.items() if word not in scales}, scales, JOINED_ABROAD
    )


HOME = Vocabulary(ONES, SCALES, JOINED)
ABROAD = _abroad()


def found(text: str, vocabulary: Vocabulary = HOME) -> Iterator[tuple[int, int, float]]:
    """(start, end, value) of each run of number words. text: in lower case."""
    if vocabulary is HOME and not LEAST.search(text):
        return
    run: list[str] = []
    start = end = 0
    for word in WORD.finditer(text):
        parts = vocabulary.parts(word[0])
        if run and GAP.fullmatch(text, end, word.start()) is None:
            yield from _said(run, start, end, vocabulary)
            run = []
        if parts and (run or parts[0] not in vocabulary.joined):
            start = start if run else word.start()
            run.extend(parts)
            end = word.end()
        elif run:
            yield from _said(run, start, end, vocabulary)
            run = []
    yield from _said(run, start, end, vocabulary)


def _said(run: list[str], start: int, end: int, vocabulary: Vocabulary) -> Iterator[tuple[int, int, float]]:
    if value := 0.0 if run in COINS else vocabulary.value(run):
        yield start, end, value
