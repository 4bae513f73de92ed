"""The facts in a text: links, addresses, dates, times, amounts, durations, shares, numbers and days. Pure.

Keys make two spellings of one fact equal: 5,000 and 5.000, € and EUR, ninety days and 90 Tage, two weeks
and 14 days. `KINDS` is the table: what is looked for, in which order. What one kind finds, the next ones do not see.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from . import links, number_terms, number_words, personal_data
from .plain import plain

MOST = 20_000  # characters
NOTHING = "\0"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """shown: as the text says it. needs: any of these supports it. gives: what a source that says it supports."""

    shown: str
    needs: frozenset[Key]
    gives: frozenset[Key]


Finder = Callable[[str, str], Iterator[tuple[int, int, Fact]]]


def found(text: str, *, language: str = "") -> list[Fact]:
    """In the text's order. language: a code, for numbers in words; empty: the words of English and German."""
    return [fact for _, _, fact in _found(_even(plain(text[:MOST])), language)]


def placed(text: str, *, language: str = "") -> list[tuple[int, int, Fact]]:
    """The same with their places: (start, end, fact), where text[start:end] says it."""
    text = text[:MOST]
    even, places = _even(plain(text)), _places(text)
    return [(places[start], places[end - 1] + 1, fact) for start, end, fact in _found(even, language)]


def _places(text: str) -> list[int]:
    """Of each character of the even text, where it stands in the text itself. Some letters become none, or two."""
    letters = [(letter, at) for at, one in enumerate(text) for letter in plain(one)]
    flat = "".join(letter for letter, _ in letters)
    if flat != plain(text):  # accents that were apart have been composed
        letters = [(letter, min(at, len(text) - 1)) for at, letter in enumerate(plain(text))]
        flat = plain(text)
    spaces = {glued.end() for glued in GLUED.finditer(_unnumbered(flat))}
    return [at for place, (_, at) in enumerate(letters) for at in ([at, at] if place in spaces else [at])]


def _found(rest: str, language: str) -> list[tuple[int, int, Fact]]:
    facts = []
    for kind in KINDS:
        spans = [
            (start, end, fact) for start, end, fact in kind(rest, language) if NOTHING not in rest[start:end]
        ]
        for start, end, fact in spans:
            facts.append((start, end, fact))
            rest = rest[:start] + NOTHING * (end - start) + rest[end:]
    return sorted(facts, key=lambda one: one[0])


def unsupported(
    reply: str, sources: Iterable[str], *, languages: Callable[[str], str] = lambda text: ""
) -> list[str]:
    """The facts of the reply that stand in none of the sources, as the reply says them. languages: (text) → code."""
    facts, known = found(reply, language=languages(reply)), set[Key]()
    if not facts:
        return []
    for source in sources:
        known.update(*(fact.gives for fact in found(source, language=languages(source))))
        known |= {("address", key) for key in personal_data.numbers([source])}
    return list(dict.fromkeys(fact.shown for fact in facts if not fact.needs & known))


# Not facts: "1." before a point of a list, "step 2", "(3)" at the start of a line.
NUMBERING = re.compile(
    r"(?m)^[ \t>*#-]{0,8}\(?\d{1,2}[.)](?=\s)"
    r"|\b(?:step|option|point|schritt|punkt|étape|paso|passo|opción|opção|opzione|stap|optie)[ \n]\d{1,2}\b"
)


GLUED = re.compile(r"(?<![^\W_])(eur|usd|gbp|chf|us\$|r\$)(?=\d)")


def _even(text: str) -> str:
    """Without numbering, and with a space between a currency and its number."""
    return GLUED.sub(r"\1 ", _unnumbered(text))


def _unnumbered(text: str) -> str:
    return NUMBERING.sub(lambda mark: NOTHING * len(mark[0]), text)


LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()\[\]\"'`\0]{1,500}"
    rf"|(?<![\w@./-])(?:[\w-]{{1,63}}\.){{1,8}}(?:{links.ENDINGS})(?![\w@-]|\.\w)(?:/[^\s<>()\[\]\"'`\0]{{0,500}})?"
)


def _links(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    for match in LINK.finditer(text):
        shown = match[0].rstrip(".,;:!?*_")
        bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", shown).rstrip("/")
        host = bare.partition("/")[0]
        yield (
            match.start(),
            match.start() + len(shown),
            Fact(shown, _one("link", bare), frozenset({("link", bare), ("link", host)})),
        )


def _addresses(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    """Mail addresses, and telephone, card and account numbers."""
    for one in personal_data.found(text):
        start = text.find(one.text)
        if start >= 0 and not personal_data.DATE.fullmatch(one.text.strip()):
            yield start, start + len(one.text), _same(one.text.strip(), "address", one.key)


ALWAYS = re.compile(
    r"(?<!\d)24/7(?!\d)|around the clock|rund um die uhr|24 (?:hours|stunden) (?:a|am) (?:day|tag)"
)


def _always(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    for match in ALWAYS.finditer(text):
        yield match.start(), match.end(), _same(match[0], "always", "")


MONTH_WORD = "|".join(sorted(number_terms.MONTH_OF, key=len, reverse=True))
DATE = re.compile(
    r"(?<![\d.])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"
    r"|(?<![\d.])(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})(?P=s)(?P<y2>\d{4}|\d{2})(?!\d)"
    r"|(?<![\d.,])(?P<a1>\d{1,2})\.(?P<b1>\d{1,2})\.(?!\d)"
    rf"|(?<![\d.,])(?P<d3>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?(?: of| de| di)? (?P<m3>{MONTH_WORD})\b\.?"
    r"(?:,? (?:de )?(?P<y3>\d{4}))?"
    rf"|\b(?P<m4>{MONTH_WORD})\.? (?:the )?(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.\d|[ -]?(?:days|tage|%|€))"
    r"(?:,? (?P<y4>\d{4}))?"
)


def _dates(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    """By month and day, with the year where both have one. 3/4 may be either."""
    for match in DATE.finditer(text):
        one = match.groupdict()
        year = next((value[-2:] for name in ("y", "y2", "y3", "y4") if (value := one[name])), "")
        pairs = {
            (one["m"], one["d"]), (one["b"], one["a"]), (one["a"], one["b"]), (one["b1"], one["a1"]),
            (str(number_terms.MONTH_OF.get(one["m3"] or "", "")), one["d3"]),
            (str(number_terms.MONTH_OF.get(one["m4"] or "", "")), one["d4"]),
        }  # fmt: skip
        days = {
            (int(month), int(day)) for month, day in pairs
            if month and day and 1 <= int(month) <= 12 and 1 <= int(day) <= 31
        }  # fmt: skip
        if days:
            yield match.start(), match.end(), _dated(match[0].strip(" ."), days, year)


def _dated(shown: str, days: set[tuple[int, int]], year: str) -> Fact:
    """A date with a year is supported by the same one, or by one without a year."""
    named = [f"{month}-{day}" for month, day in days]
    needs = {("date", day, mark) for day in named for mark in ((year, "any") if year else ("",))}
    gives = {("date", day, mark) for day in named for mark in ((year, "") if year else ("any", ""))}
    return Fact(shown, frozenset(needs), frozenset(gives) | {("month", str(month)) for month, _ in days})


TIME = re.compile(
    r"(?<![\d.,:])(?P<h>\d{1,2})(?:[:.h](?P<min>\d{2}))?[ \n]?(?P<half>[ap]\.?m\b\.?|uhr\b|o'clock)"
    r"|(?<![\d.,:])(?P<h2>\d{1,2})[:h](?P<min2>\d{2})(?!\d|:\d)|(?<![\d.,:])(?P<h3>\d{1,2})h(?![\w])"
)


def _times(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    for match in TIME.finditer(text):
        hour = int(match["h"] or match["h2"] or match["h3"])
        minute, half = int(match["min"] or match["min2"] or 0), match["half"] or ""
        said = {float(hour)}
        if half.startswith(("a", "p")):
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        time = _one("time", f"{hour}:{minute:02d}")
        # "From 8 to 18:00" says 8:00, too.
        bare = frozenset(("bare", f"{one:g}") for one in said if not minute)
        shown = match[0].strip(" .")
        yield match.start(), match.end(), Fact(shown, time | bare, time | _numbers(said | {float(hour)}))


GROUPED = r"\d{1,3}(?:(?P<g>[.,'’ \u202f\u2009\u00a0])\d{3})(?:(?P=g)\d{3})*(?:[.,]\d{1,2})?(?!\d)"
# Scripts without spaces between words stand right beside a number, and are no part of it.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff"
NUMBER = re.compile(
    rf"(?<![^\W{UNSPACED}])(?<![.,#/])(?<![^\W\d]-)(?:{GROUPED}|\d+(?:[.,]\d+)?)(?![\d]|[.,]\d)"
)
W = rf"[^\W{UNSPACED}]"  # \w of the other scripts
CODE = re.compile(
    rf"(?<!{W})#?(?=(?:{W}|[/-]){{0,40}}[^\W\d_{UNSPACED}])(?=(?:{W}|[/-]){{0,40}}\d)[^\W_{UNSPACED}]{W}{{0,40}}"
    rf"(?:[/-]{W}{{1,40}}){{0,8}}|#\d{{1,40}}"
)
MEASURE = re.compile(r"\d+(?:eur|usd|gbp|chf|[kc]?m|k?g|m?l|[mg]b|kwh|h|min)")
RANGE = re.compile(r"[ \n]?(?:-|–|—|to|bis|à|a|until|and|und|or|oder|or|y|e|en|tot)[ \n]?\Z")


def value(number: str) -> float:
    """Three places after a single point or comma are thousands: 5.000 is 5,000."""
    bare = re.sub(r"['’\s]", "", number)
    last = max(bare.rfind("."), bare.rfind(","))
    whole, places = (re.sub(r"\D", "", bare[:last]), bare[last + 1 :]) if last >= 0 else (bare, "")
    return float(whole + places) if len(places) == 3 else float(f"{whole or 0}.{places or 0}")


def _counts(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    """Numbers in digits and words, with what they count: money, time, per cent, or nothing that is known."""
    numbers = sorted([*_in_digits(text), *_in_words(text, language)])
    for place, (start, end, meant, worded) in enumerate(numbers):
        key, stop, begin = _unit(text, start, end)
        if not key and place + 1 < len(numbers) and RANGE.fullmatch(text[end : numbers[place + 1][0]]):
            key, _, _ = _unit(text, *numbers[place + 1][:2])  # "two to four days": both are days
        if not key and re.match(W, text[end : end + 1]):
            continue  # 2FA, 3rd
        if worded and not key and (meant == 1 or number_terms.RHETORICAL.match(text, end)):
            continue
        shown = " ".join(text[begin:stop].split())
        yield begin, stop, _counted(shown, key, meant)


def _in_digits(text: str) -> Iterator[tuple[int, int, float, bool]]:
    for match in NUMBER.finditer(text):
        if len(re.sub(r"\D", "", match[0])) <= 12:
            yield match.start(), match.end(), value(match[0]), False


def _in_words(text: str, language: str) -> Iterator[tuple[int, int, float, bool]]:
    known = number_terms.NUMBER_WORDS.get(language[:2])
    if known is not None:
        for word in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)*", text):
            if word[0] in known:
                yield word.start(), word.end(), known[word[0]], True
    else:
        for start, end, said in number_words.found(text):
            yield start, end, said, True
    for one in number_terms.A.finditer(text):
        if number_terms.UNIT.match(text, one.end()):
            yield one.start(1), one.end(), 1.0, True


def _unit(text: str, start: int, end: int) -> tuple[str, int, int]:
    """(what is counted, where it ends, where it begins): "minutes*60", "EUR", "%" or nothing."""
    if match := number_terms.PERCENT.match(text, end):
        return "%", match.end(), start
    if match := number_terms.CURRENCY_AFTER.match(text, end):
        return _currency(match), match.end(), start
    if match := number_terms.CURRENCY_BEFORE.search(text, max(start - 12, 0), start):
        return _currency(match), end, match.start()
    if match := number_terms.UNIT.match(text, end):
        dimension, size = list(number_terms.UNITS)[int((match.lastgroup or "u0")[1:])]
        return f"{dimension}*{size}", match.end(), start
    return "", end, start


def _currency(match: re.Match[str]) -> str:
    return list(number_terms.CURRENCIES)[int((match.lastgroup or "c0")[1:])]


def _counted(shown: str, unit: str, meant: float) -> Fact:
    """50 % is not supported by 50 €, but by a bare 50: what the customer paid is often "49.90". A bare 50 is by either."""
    bare, number = _one("bare", f"{meant:g}"), _numbers({meant})
    if not unit:
        return Fact(shown, number, number | bare)
    dimension, _, size = unit.partition("*")
    typed = _one(dimension, f"{meant * float(size or 1):g}")
    return Fact(shown, typed | bare, typed | number)


def _numbers(meant: set[float]) -> frozenset[Key]:
    return frozenset(("number", f"{one:g}") for one in meant)


def _codes(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    """Order numbers and the like: letters and digits together. Up to three digits (A4, 2FA, MP3) are names of things."""
    for match in CODE.finditer(text):
        bare, digits = re.sub(r"[\W_]", "", match[0]), re.sub(r"\D", "", match[0])
        if (len(digits) > 3 or match[0].startswith("#")) and not MEASURE.fullmatch(bare):
            keys = frozenset({("code", bare), *(_numbers({float(digits)}) if len(digits) < 13 else ())})
            yield match.start(), match.end(), Fact(match[0], keys, keys)


def _named_days(text: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    for word in re.finditer(r"[^\W\d_]+(?:-feira)?", text):
        said = word[0]
        if said in number_terms.WEEKDAY_OF:
            yield word.start(), word.end(), _same(said, "weekday", str(number_terms.WEEKDAY_OF[said]))
        elif said in number_terms.MONTH_ALONE:
            yield word.start(), word.end(), _same(said, "month", str(number_terms.MONTH_OF[said]))
        elif said in number_terms.TOMORROW:
            yield (
                word.start(),
                word.end(),
                _same(said, "tomorrow", "in two days" if said == "übermorgen" else ""),
            )


def _same(shown: str, kind: str, value: str) -> Fact:
    return Fact(shown, _one(kind, value), _one(kind, value))


def _one(kind: str, value: str) -> frozenset[Key]:
    return frozenset({(kind, value)})


KINDS: tuple[Finder, ...] = (_links, _dates, _addresses, _always, _times, _codes, _counts, _named_days)
