"""The facts in a text: links, addresses, dates, times, amounts, durations, shares, numbers and days. Pure.

Keys make two spellings of one fact equal: 5,000 and 5.000, € and EUR, ninety days and 90 Tage, two weeks
and 14 days. `KINDS` is the table: what is looked for, in which order. What one kind finds, the next ones do not see.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from . import fact_days, links, number_terms, number_words, personal_data
from .fact import Fact, Key, Placed, numbers, one, same, time_of
from .plain import plain

MOST = 20_000  # characters
NOTHING = "\0"
Finder = Callable[[str, str], Iterator[Placed]]


def found(text: str, *, language: str = "") -> list[Fact]:
    """In the text's order. language: a code, for numbers in words; empty: the words of English and German."""
    return [fact for _, _, fact in _found(_even(plain(text[:MOST])), language)]


def placed(text: str, *, language: str = "") -> list[Placed]:
    """The same with their places: (start, end, fact), where text[start:end] says it."""
    text = text[:MOST]
    even, places = _even(plain(text)), _places(text)
    return [(places[start], places[end - 1] + 1, fact) for start, end, fact in _found(even, language)]


def without(text: str, *, language: str = "", instead: str = " ") -> str:
    """The text with `instead` in the place of each fact."""
    kept, at = list[str](), 0
    for start, end, _ in placed(text, language=language):
        kept, at = [*kept, text[at:start]], max(at, end)
    return instead.join([*kept, text[at:]])


def _places(text: str) -> list[int]:
    """Of each character of the even text, where it stands in the text itself. Some letters become none, or two."""
    letters = [(letter, at) for at, one in enumerate(text) for letter in plain(one)]
    flat = "".join(letter for letter, _ in letters)
    if flat != plain(text):  # accents that were apart have been composed
        letters = [(letter, min(at, len(text) - 1)) for at, letter in enumerate(plain(text))]
        flat = plain(text)
    spaces = {glued.end() for glued in GLUED.finditer(_unnumbered(flat))}
    return [at for place, (_, at) in enumerate(letters) for at in ([at, at] if place in spaces else [at])]


def _found(rest: str, language: str) -> list[Placed]:
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


def _links(text: str, language: str) -> Iterator[Placed]:
    for match in LINK.finditer(text):
        shown = match[0].rstrip(".,;:!?*_")
        bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", shown).rstrip("/")
        host = bare.partition("/")[0]
        yield (
            match.start(),
            match.start() + len(shown),
            Fact(shown, one("link", bare), frozenset({("link", bare), ("link", host)})),
        )


def _addresses(text: str, language: str) -> Iterator[Placed]:
    """Mail addresses, and telephone, card and account numbers."""
    for known in personal_data.found(text):
        start = text.find(known.text)
        if start >= 0 and not personal_data.DATE.fullmatch(known.text.strip()):
            yield start, start + len(known.text), same(known.text.strip(), "address", known.key)


ALWAYS = re.compile(
    r"(?<!\d)24/7(?!\d)|around the clock|rund um die uhr|24 (?:hours|stunden) (?:a|am) (?:day|tag)"
)


def _always(text: str, language: str) -> Iterator[Placed]:
    for match in ALWAYS.finditer(text):
        yield match.start(), match.end(), same(match[0], "always", "")


GROUPED = r"\d{1,3}(?:(?P<g>[.,'’ \u202f\u2009\u00a0])\d{3})(?:(?P=g)\d{3})*(?:[.,]\d{1,2})?(?!\d)"
# Scripts without spaces between words stand right beside a number, and are no part of it.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff"
NUMBER = re.compile(
    rf"(?<![^\W{UNSPACED}])(?<![.,#/])(?<![^\W\d]-)(?:{GROUPED}|\d+(?:[.,]\d+)?)(?![\d]|[.,]\d)"
)
W = rf"[^\W{UNSPACED}]"  # \w of the other scripts
CODE = re.compile(
    rf"(?<!{W})#?(?=(?:{W}|[/-]){{0,40}}[^\W\d_{UNSPACED}])(?=(?:{W}|[/-]){{0,40}}\d)[^\W_{UNSPACED}]{W}{{0,40}}"
    rf"(?:[/-]{W}{{1,40}}){{0,8}}|#\d{{1,40}}"
)
MEASURE = re.compile(r"\d+(?:eur|usd|gbp|chf|[kc]?m|k?g|m?l|[mg]b|kwh|h|min)")
RANGE = re.compile(
    r"[ \n]?(?:-|–|—|to|bis|à|às|a|alle|do|till?|til|до|until|and|und|or|oder|or|y|e|en|tot)[ \n]?\Z"
)


def value(number: str) -> float:
    """Three places after a single point or comma are thousands: 5.000 is 5,000."""
    bare = re.sub(r"['’\s]", "", number)
    last = max(bare.rfind("."), bare.rfind(","))
    whole, places = (re.sub(r"\D", "", bare[:last]), bare[last + 1 :]) if last >= 0 else (bare, "")
    return float(whole + places) if len(places) == 3 else float(f"{whole or 0}.{places or 0}")


def _counts(text: str, language: str) -> Iterator[Placed]:
    """Numbers in digits and words, with what they count: money, time, per cent, or nothing that is known."""
    known, done = sorted([*_in_digits(text), *_in_words(text, language)]), 0
    for place, (start, end, meant, worded) in enumerate(known):
        if start < done:
            continue  # the "cent" of "quinze pour cent"
        key, stop, begin = _unit(text, start, end)
        if not key and place + 1 < len(known) and RANGE.fullmatch(text[end : known[place + 1][0]]):
            key, _, _ = _unit(text, *known[place + 1][:2])  # "two to four days": both are days
        if not key and re.match(W, text[end : end + 1]):
            continue  # 2FA, 3rd
        if worded and not key and (meant == 1 or number_terms.RHETORICAL.match(text, end)):
            continue
        shown, done = " ".join(text[begin:stop].split()).rstrip("."), stop
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
    for article in number_terms.A.finditer(text):
        if number_terms.UNIT.match(text, article.end()):
            yield article.start(1), article.end(), 1.0, True
    for half in number_terms.HALF.finditer(text):
        if number_terms.UNIT.match(text, half.end()):
            yield half.start(), half.end(), 0.5, True


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
    bare, number = one("bare", f"{meant:g}"), numbers({meant})
    if not unit:
        return Fact(shown, number | _telephone(shown), number | bare)
    dimension, _, size = unit.partition("*")
    if dimension == "clock":  # "à 9 h", "de 9 a 17 horas": a time, or how long
        typed = one("minutes", f"{meant * 60:g}") | (
            time_of(int(meant)) if meant in range(25) else frozenset()
        )
    else:
        typed = one(dimension, f"{meant * float(size or 1):g}")
    return Fact(shown, typed | bare, typed | number)


def _telephone(shown: str) -> frozenset[Key]:
    """912 345 678 may be the national part of +34 912 345 678."""
    digits = re.sub(r"\D", "", shown)
    return one("address", digits[-personal_data.TAIL :]) if len(digits) >= personal_data.TAIL else frozenset()


def _codes(text: str, language: str) -> Iterator[Placed]:
    """Order numbers and the like: letters and digits together. Up to three digits (A4, 2FA, MP3) are names of things."""
    for match in CODE.finditer(text):
        bare, digits = re.sub(r"[\W_]", "", match[0]), re.sub(r"\D", "", match[0])
        if (len(digits) > 3 or match[0].startswith("#")) and not MEASURE.fullmatch(bare):
            keys = frozenset({("code", bare), *(numbers({float(digits)}) if len(digits) < 13 else ())})
            yield match.start(), match.end(), Fact(match[0], keys, keys)


KINDS: tuple[Finder, ...] = (
    _links, fact_days.dates, _addresses, _always, fact_days.times, _codes, _counts, fact_days.named_days,
)  # fmt: skip
