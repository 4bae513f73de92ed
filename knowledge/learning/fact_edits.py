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
from ..text.words import SENTENCE_END

ALIKE = 60  # rapidfuzz ratio from which two sentences are one and its edit
MOST_SENTENCES = 80
NAME, QUOTED = "name", "quoted"
KIND_OF = {"minutes": "duration", "months": "duration", "%": "share", "number": "number", "bare": "number"}
PLAIN_KINDS = ("link", "address", "always", "date", "time", "weekday", "month", "tomorrow", "code")
QUOTE = re.compile(r"[\"“”„«「『]([^\"“”„«»「」『』\n]{1,60})[\"”“»」』]")
WORD = re.compile(r"[^\W\d_][\w’'-]*")
# A word after these begins a sentence or an item of a list, and is capitalised for that.
BEGINS = re.compile(r"(?:[.!?:;…•*#>(\n\"“„«-]|\A)\s*\Z")
NOUNS_ARE_CAPITAL = ("de", "lb")


@dataclass(frozen=True)
class Said:
    """A fact, a range of two, or a name, and its place in the whole text. key: the same for all spellings of it."""

    start: int
    end: int
    kind: str
    key: str
    facts: tuple[Fact, ...] = ()

    def is_same(self, other: "Said") -> bool:
        if not self.facts or not other.facts:
            return self.kind == other.kind and self.key == other.key
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
    for end in SENTENCE_END.finditer(text):
        if not any(one.start < end.start() < one.end for one in said) and not _is_short_form(
            text, end.start()
        ):
            cuts.append(end.end())
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
    merged = _with_ranges(text, placed)
    taken = [(one.start, one.end) for one in merged]
    names = [
        one for one in _names(text, language) if not any(a < one.end and one.start < b for a, b in taken)
    ]
    return sorted([*merged, *names], key=lambda one: one.start)


def _with_ranges(text: str, placed: Sequence[tuple[int, int, Fact]]) -> list[Said]:
    """Two to four days, 9:00 to 17:00, Monday to Friday: one fact."""
    found: list[Said] = []
    for start, end, fact in placed:
        one = Said(start, end, _kind(fact), _key(fact), (fact,))
        last = found[-1] if found else None
        if (
            last
            and len(last.facts) == 1
            and last.kind in (one.kind, "number")
            and _is_range(text[last.end : start])
        ):
            key = f"{last.key} to {one.key}"
            found[-1] = Said(last.start, end, one.kind, key, (*last.facts, fact))
        else:
            found.append(one)
    return found


def _is_range(between: str) -> bool:
    return facts.RANGE.fullmatch(between.lower()) is not None


def _kind(fact: Fact) -> str:
    names = {key[0] for key in fact.needs}
    # A long number may be a telephone's, too, and is a number first.
    name = "number" if "number" in names else next(iter(sorted(names - {"bare"})), "bare")
    return KIND_OF.get(name) or (name if name in PLAIN_KINDS else "amount")


def _key(fact: Fact) -> str:
    typed = [key for key in fact.needs if key[0] != "bare"] or list(fact.needs)
    return "|".join(sorted(":".join(key) for key in typed))


def _names(text: str, language: str) -> Iterable[Said]:
    quoted = [
        Said(one.start(1), one.end(1), QUOTED, one[1].strip().casefold()) for one in QUOTE.finditer(text)
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
            yield Said(word.start(), word.end(), NAME, word[0].casefold())


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
    for kind in dict.fromkeys(said.kind for said in gone):
        left, right = ([said for said in side if said.kind == kind] for side in (gone, fresh))
        if kind == NAME:
            found += _renamed(before, after, _runs(before, left, other.text), _runs(after, right, one.text))
        elif len(left) == len(right):
            found += zip(left, right, strict=True)
    return found


def _runs(text: str, names: Sequence[Said], elsewhere: str) -> list[Said]:
    """Names that stand side by side as one. What the other sentence says too, in whatever case, is no other name."""
    known, found = set(WORD.findall(elsewhere.casefold())), list[Said]()
    for one in names:
        if one.key in known:
            continue
        if found and text[found[-1].end : one.start] == " ":
            last = found.pop()
            one = Said(last.start, one.end, NAME, f"{last.key} {one.key}")
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
