"""Articles that state one fact differently: "within 14 days" here, "within 30 days" there. Pure.

A claim is a sentence with a fact as the support check knows it (text/facts.py): an amount, a duration, a share, a date, a day of
the week, a time, a link, an email address, a telephone number, or the number of a house. Two claims contradict each other if they
say nearly the same words about facts of one kind, and share none. Times, days and house numbers come in twos ("from 9:00 to
17:00"): of these, neither may say all that the other says. False alarms cost trust, so doubt means no: the sentences must share
most of what they say, and articles about two variants of one thing ("Shipping to Norway", "Shipping to France") may differ.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..text import facts, number_terms
from ..text.fact import Fact
from ..text.words import sentences, words

Values = dict[str, tuple[Fact, ...]]  # by kind, such as EUR or minutes
KINDS = frozenset(
    {"minutes", "months", "%", "date", "time", "weekday", "month", "link", *number_terms.CURRENCIES}
)
MAIL, TELEPHONE, HOUSE = "mail", "telephone", "house"
IN_TWOS = frozenset({"time", "weekday", HOUSE})
STREET = re.compile(
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|straat|laan|gatan|vägen)\b|\b(?:street|road|lane|avenue|square|rue|place|calle"
    r"|avenida|plaza|rua|praça|via|viale|piazza|ulica|ul\.)\b",
    re.IGNORECASE,
)
ALIKE = 0.75  # of the content words of both sentences
LEAST_SHARED = 2
MOST_SENTENCES = 200  # of an article
MOST_ALIKE = 50  # claims under one word: a phrase that every article has says nothing about two of them
LONGEST = 400  # characters of a sentence that is kept
SHORT = 2  # letters: no content word

# Words that carry no fact, as stems.
EMPTY = frozenset(
    """
    a about after all also an and any are as at back be been befor but by can do does each for from get had has have he her if in
    into is it just may must need not of on onc only onli or our out over per pleas so than that the their them then there they
    thi this to up us usual want was we were what when which while who will with within without you your
    aber alle all als am an auch auf aus bei beim bitt bis da das dass dem den der des die dies durch ein einem einen einer es
    fur für hab haben hat ihr ihre ihren im in inner innerhalb ist jed je kann konn können man mit nach nicht noch nur od oder ohn
    pro sie sind so um und uns unser unt von vor war wenn werd werden wir wird wurd zu zum zur zurück
    """.split()  # noqa: SIM905
)
# Units, which are part of the value; in a title they say what it is about ("Summer hours").
UNITS = frozenset(
    """
    day days hour minut week month year tag tage stund minut woch monat jahr busi work working full calendar werktag arbeitstag
    eur euro usd dollar gbp pound percent prozent
    """.split()  # noqa: SIM905
)
# Words of titles that do not say what an article is about.
GENERIC = frozenset(
    """
    time long polici question faq info inform rule condit overview guid help how much many what where which general
    wie lang dauer dauert regel frag info bedingung hilf uberblick überblick allgemein
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Text:
    """inboxes: none means every inbox."""

    key: int
    language: str
    title: str
    body: str
    inboxes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Claim:
    sentence: str
    content: frozenset[str]
    values: Values


@dataclass(frozen=True)
class Pair:
    """one.key < other.key."""

    one: Text
    other: Text
    sentence: str
    other_sentence: str


def claims(text: Text) -> list[Claim]:
    found = []
    for sentence in sentences(text.body, language=text.language)[:MOST_SENTENCES]:
        values, rest = _values(sentence, text.language)
        content = _content(rest, text.language)
        if values and len(content) >= LEAST_SHARED:
            found.append(Claim(sentence[:LONGEST], content, values))
    return found


def _values(sentence: str, language: str) -> tuple[Values, str]:
    """What the sentence states, by kind, and the sentence without it."""
    found: dict[str, list[Fact]] = defaultdict(list)
    rest, has_street = sentence.casefold(), STREET.search(sentence) is not None
    for fact in facts.found(sentence, language=language):
        kinds = {_kind(key[0], key[1], has_street=has_street) for key in fact.needs} - {""}
        for kind in kinds:
            found[kind].append(fact)
        if kinds:
            rest = rest.replace(fact.shown, " ", 1)
    return {kind: tuple(stated) for kind, stated in found.items()}, rest


def _kind(kind: str, value: str, *, has_street: bool) -> str:
    """ "" for a kind that is no claim."""
    if kind == "address":
        return MAIL if "@" in value else TELEPHONE
    if kind == "number":
        return HOUSE if has_street else ""
    return kind if kind in KINDS else ""


def _content(text: str, language: str, *, without: frozenset[str] = EMPTY | UNITS) -> frozenset[str]:
    """Its words, without those that carry no fact, and without numbers."""
    found = words(text, language=language)
    return frozenset(
        word for word in found if len(word) > SHORT and word not in without and not word.isdecimal()
    )


def found(texts: Iterable[Text]) -> list[Pair]:
    """One pair of sentences for each pair of articles, in the order of their keys."""
    return among([(text, claims(text)) for text in texts])


def among(known: Sequence[tuple[Text, Sequence[Claim]]]) -> list[Pair]:
    """As `found`, of texts whose claims are known already."""
    pairs: dict[tuple[int, int], Pair] = {}
    for (one, claim), (other, second) in _candidates(known):
        if one.key > other.key:
            (one, claim), (other, second) = (other, second), (one, claim)
        if (one.key, other.key) not in pairs and _contradict(claim, second) and _same_scope(one, other):
            pairs[one.key, other.key] = Pair(one, other, claim.sentence, second.sentence)
    return [pairs[key] for key in sorted(pairs)]


Stated = tuple[Text, Claim]


def _candidates(known: Sequence[tuple[Text, Sequence[Claim]]]) -> Iterator[tuple[Stated, Stated]]:
    """Claims of two articles in one language, about values of one kind, that share a word."""
    by_word: dict[tuple[str, str, str], list[Stated]] = defaultdict(list)
    for text, made in known:
        for claim in made:
            for kind in claim.values:
                for word in claim.content:
                    by_word[text.language, kind, word].append((text, claim))
    for stated in by_word.values():
        if len(stated) <= MOST_ALIKE:
            yield from (pair for pair in combinations(stated, 2) if pair[0][0].key != pair[1][0].key)


def _contradict(one: Claim, other: Claim) -> bool:
    shared, either = one.content & other.content, one.content | other.content
    if len(shared) < LEAST_SHARED or len(shared) / len(either) < ALIKE:
        return False
    kinds = one.values.keys() & other.values.keys()
    return bool(kinds) and all(_differ(kind, one.values[kind], other.values[kind]) for kind in kinds)


def _differ(kind: str, one: Sequence[Fact], other: Sequence[Fact]) -> bool:
    shared = [any(map(fact.agrees, other)) for fact in one]
    back = [any(map(fact.agrees, one)) for fact in other]
    return not all(shared) and not all(back) if kind in IN_TWOS else not any(shared)


def _same_scope(one: Text, other: Text) -> bool:
    if one.inboxes and other.inboxes and not one.inboxes & other.inboxes:
        return False
    titles = [_content(text.title, text.language, without=EMPTY | GENERIC) for text in (one, other)]
    shared = titles[0] & titles[1]
    return not (shared and titles[0] - shared and titles[1] - shared)
