"""Which facts an edit replaced, sentence by sentence: "within five working days" became "within seven working days". Pure.

Facts are those of text/facts.py, and names of things: what stands in quotes, and capitalised words in the middle of a sentence
(not in German, which capitalises every noun). An edit that replaces no fact is one of tone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from ..text import facts
from ..text.fact import Fact
from ..text.words import sentence_spans

ALIKE = 60  # rapidfuzz ratio from which two sentences are one and its edit
MOST_SENTENCES = 80
NAME, QUOTED = "name", "quoted"
KIND_OF = {"minutes": "duration", "months": "duration", "%": "share", "number": "number", "bare": "number"}
PLAIN_KINDS = ("link", "address", "always", "date", "time", "weekday", "month", "tomorrow", "code")
BY = re.compile(r"[ \n]?[x×*][ \n]?")  # between the sides of a size
QUOTE = re.compile(r"[\"“”„«「『]([^\"“”„«»「」『』\n]{1,60})[\"”“»」』]")
WORD = re.compile(r"[^\W\d_][\w’'-]*")
# A word after these begins a sentence or an item of a list, and is capitalised for that.
BEGINS = re.compile(r"(?:[.!?:;…•*#>(\n\"“„«-]|\A)\s*\Z")
NOUNS_ARE_CAPITAL = ("de", "lb")


@dataclass(frozen=True)
class Said:
    """A fact, several that are one, or a name, and its place in the whole text. key: the same for all spellings of it.

    kinds: what it may be, the likeliest first. "9 h" is a duration or a time, and a long number may be a telephone's.
    """

    start: int
    end: int
    kinds: tuple[str, ...]
    key: str
    facts: tuple[Fact, ...] = ()

    def is_same(self, other: "Said") -> bool:
        if not self.facts or not other.facts:
            return self.kinds == other.kinds and self.key == other.key
        both = zip(self.facts, other.facts, strict=False)
        return len(self.facts) == len(other.facts) and all(one.agrees(fact) for one, fact in both)


@dataclass(frozen=True)
class Sentence:
    start: int
    text: str
    said: tuple[Said, ...]

    @property
    def rest(self) -> str:
        """Without what it says: how it says it."""
        kept, at = [], 0
        for one in self.said:
            kept.append(self.text[at : one.start - self.start])
            at = one.end - self.start
        return " ".join("".join([*kept, self.text[at:]]).split())


@lru_cache(maxsize=512)  # of articles: each decision is compared with its own version and the live one
def sentences(text: str, language: str = "") -> tuple[Sentence, ...]:
    """A sentence does not end within a fact: "9 a.m.", "3. Dezember"."""
    said = _said(text, language)
    cuts = [0]
    for begin, end in sentence_spans(text, language=language):
        own_end = begin + len(text[begin:end].rstrip())
        if not any(one.start < own_end < one.end for one in said) and not _is_short_form(text, own_end):
            cuts.append(end)
    found: list[Sentence] = []
    for start, stop in zip(cuts, [*cuts[1:], len(text)], strict=True):
        own = text[start:stop].strip()
        if own and len(found) < MOST_SENTENCES:
            begin = start + text[start:stop].index(own)
            found.append(Sentence(begin, own, tuple(one for one in said if start <= one.start < stop)))
    return tuple(found)


def _is_short_form(text: str, at: int) -> bool:
    """ "a.m. ", "z. B. ", "e.g. ": a single letter before the point."""
    return bool(re.search(r"(?:^|[\s.])[^\W\d_]\.\Z", text[max(at - 4, 0) : at]))


def _said(text: str, language: str) -> list[Said]:
    placed = facts.placed(text, language=language)
    merged = _joined(text, placed)
    taken = [(one.start, one.end) for one in merged]
    names = [
        one for one in _names(text, language) if not any(a < one.end and one.start < b for a, b in taken)
    ]
    return sorted([*merged, *names], key=lambda one: one.start)


def _joined(text: str, placed: Sequence[tuple[int, int, Fact]]) -> list[Said]:
    """Two to four days, 9:00 to 17:00, Monday to Friday, 60 x 40 x 30: one fact."""
    found: list[Said] = []
    for start, end, fact in placed:
        one = Said(start, end, _kinds(fact), _key(fact), (fact,))
        last = found[-1] if found else None
        if last and (kinds := _common_kinds(last, one, text[last.end : start].lower())):
            key = f"{last.key} to {one.key}"
            found[-1] = Said(last.start, end, kinds, key, (*last.facts, fact))
        else:
            found.append(one)
    return found


def _common_kinds(last: Said, one: Said, between: str) -> tuple[str, ...]:
    """Of two facts that are one; none where they are two."""
    is_range = len(last.facts) == 1 and facts.RANGE.fullmatch(between)
    if not is_range and not BY.fullmatch(between):
        return ()
    return tuple(kind for kind in one.kinds if kind in last.kinds or last.kinds[0] == "number")


def _kinds(fact: Fact) -> tuple[str, ...]:
    names = {key[0] for key in fact.needs} - {"bare"} or {"bare"}
    ordered = sorted(names, key=lambda name: (name != "number", name))
    return tuple(dict.fromkeys(map(_kind, ordered)))


def _kind(name: str) -> str:
    return KIND_OF.get(name) or (name if name in PLAIN_KINDS else "amount")


def _key(fact: Fact) -> str:
    typed = [key for key in fact.needs if key[0] != "bare"] or list(fact.needs)
    return "|".join(sorted(":".join(key) for key in typed))


def _names(text: str, language: str) -> Iterable[Said]:
    quoted = [
        Said(one.start(1), one.end(1), (QUOTED,), one[1].strip().casefold()) for one in QUOTE.finditer(text)
    ]
    yield from quoted
    if language[:2] in NOUNS_ARE_CAPITAL:
        return
    for word in WORD.finditer(text):
        within = any(one.start <= word.start() < one.end for one in quoted)
        if (
            not within
            and _is_a_name(word[0])
            and not BEGINS.search(text[max(word.start() - 12, 0) : word.start()])
        ):
            yield Said(word.start(), word.end(), (NAME,), word[0].casefold())


def _is_a_name(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and not word.startswith(("I'", "I’"))


def pairs(before: Sequence[Sentence], after: Sequence[Sentence]) -> dict[int, int]:
    """place before → place after, of sentences of which one is an edit of the other. The most alike first."""
    if not before or not after:
        return {}
    found: dict[int, int] = {}
    scores = process.cdist(
        [one.text.casefold() for one in before], [one.text.casefold() for one in after], scorer=fuzz.ratio
    )
    places = sorted(
        ((int(scores[a][b]), -abs(a - b), a, b) for a in range(len(before)) for b in range(len(after))), reverse=True
    )  # fmt: skip
    for score, _, a, b in places:
        if score < ALIKE:
            break
        if a not in found and b not in found.values() and fuzz.ratio(before[a].rest, after[b].rest) >= ALIKE:
            found[a] = b
    return found


def swaps(before: str, after: str, one: Sentence, other: Sentence) -> list[tuple[Said, Said]]:
    """What the second sentence says instead of what the first says. before, after: the whole texts.

    Only one for one: a fact that was added or left out replaces nothing.
    """
    gone, fresh = list(one.said), list(other.said)
    for said in one.said:
        same = next((new for new in fresh if said.is_same(new)), None)
        if same:
            gone.remove(said)
            fresh.remove(same)
    found: list[tuple[Said, Said]] = []
    for kind in dict.fromkeys(kind for said in gone for kind in said.kinds):
        left, right = ([said for said in side if kind in said.kinds] for side in (gone, fresh))
        if kind == NAME:
            found += _renamed(before, after, _runs(before, left, other.text), _runs(after, right, one.text))
        elif len(left) == len(right):
            found += zip(left, right, strict=True)
            gone, fresh = ([said for said in side if kind not in said.kinds] for side in (gone, fresh))
    return found


def _runs(text: str, names: Sequence[Said], elsewhere: str) -> list[Said]:
    """Names that stand side by side as one. What the other sentence says too, in whatever case, is no other name."""
    known, found = set(WORD.findall(elsewhere.casefold())), list[Said]()
    for one in names:
        if one.key in known:
            continue
        if found and text[found[-1].end : one.start] == " ":
            last = found.pop()
            one = Said(last.start, one.end, (NAME,), f"{last.key} {one.key}")
        found.append(one)
    return found


def _renamed(before: str, after: str, left: list[Said], right: list[Said]) -> list[tuple[Said, Said]]:
    """Where the word before it or after it is the same: "under Billing, Plan" and "under Payments, Plan"."""
    if len(left) != len(right):
        return []
    return [
        (was, now) for was, now in zip(left, right, strict=True)
        if set(_beside(before, was)) & set(_beside(after, now))
    ]  # fmt: skip


def _beside(text: str, one: Said) -> list[tuple[int, str]]:
    words = (
        WORD.findall(text[max(one.start - 40, 0) : one.start])[-1:],
        WORD.findall(text[one.end : one.end + 40])[:1],
    )
    return [(side, word.casefold()) for side, found in enumerate(words) for word in found]
