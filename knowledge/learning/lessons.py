"""Lessons: the same fact of an article, replaced by several people for several customers. Pure: decisions in, lessons out.

An edit counts only if it replaces a fact by another of its kind. Left out as one-offs: names and numbers of this customer, and
what the customer wrote. A customer counts once, however often they write, and so does a reviewer.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from .. import uncertainty
from ..text import facts, languages, quoting, redaction
from . import fact_edits
from .fact_edits import Said, Sentence

LEAST_CUSTOMERS, LEAST_PEOPLE = 3, 2
LEAST_SHARE = 0.1  # the lower end of the interval of the share of decisions that made the edit
HALF_LIFE = timedelta(days=90)
READ = timedelta(days=360)  # four half-lives: older decisions hardly count
MOST_DIGITS = 4  # longer numbers are of one order or one customer
NUMBERS = ("number", "duration", "amount", "share", "code")


@dataclass(frozen=True)
class Text:
    """A version that a draft cites, and the live one of its article."""

    article: int
    cited: str
    live: str
    language: str = ""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Of the cited version."""
        return fact_edits.sentences(self.cited, self.language)


@dataclass(frozen=True)
class Decision:
    """One approved reply. final: as approved. question: all that its customer wrote until then. names: of the customer."""

    signal: int
    customer: int
    person: int | None
    at: datetime
    question: str
    proposal: str
    final: str
    texts: Sequence[Text]
    names: Sequence[str] = ()
    ignoring: Sequence[str] = ()  # the inbox's greeting and signature


@dataclass(frozen=True)
class Place:
    """A fact in a live article."""

    article: int
    start: int
    end: int


@dataclass(frozen=True)
class Sighting:
    """A decision that showed the fact; said, if it was replaced. key: of the replacement, in any spelling.

    claimed: the customer said it first.
    """

    decision: Decision
    key: str = ""
    said: str = ""
    claimed: bool = False


@dataclass(frozen=True)
class Lesson:
    """share_low: of the decisions that showed the fact, by customer. evidence: (signal, weight)."""

    place: Place
    sentence: str
    was: str
    now: str
    body: str
    customers: frozenset[int]
    people: frozenset[int]
    share_low: float
    evidence: Sequence[tuple[Decision, float]] = field(repr=False)
    means: str = ""  # the same for all spellings of `now`

    @property
    def what(self) -> str:
        return f"{self.was} → {self.now}"

    @property
    def about(self) -> str:
        """A digest of the fact that is wrong."""
        return _digest(str(self.place.article), self.sentence, self.was)

    @property
    def key(self) -> str:
        return self.about + _digest(self.means)


def _digest(*parts: str) -> str:
    even = (" ".join(part.casefold().split()) for part in parts)
    return hashlib.sha256("\0".join(even).encode()).hexdigest()[:32]


def found(decisions: Iterable[Decision], *, now: datetime) -> list[Lesson]:
    """At most one per fact: the replacement with the most weight."""
    seen: dict[Place, list[Sighting]] = defaultdict(list)
    live: dict[int, Text] = {}
    for decision in decisions:
        live.update((text.article, text) for text in decision.texts)
        for place, sighting in sightings(decision):
            seen[place].append(sighting)
    lessons = (_lesson(place, rows, live[place.article], now=now) for place, rows in seen.items())
    return sorted(
        filter(None, lessons), key=lambda one: (-len(one.customers), one.place.article, one.place.start)
    )


def _lesson(place: Place, rows: Sequence[Sighting], text: Text, *, now: datetime) -> Lesson | None:
    groups: dict[str, list[Sighting]] = defaultdict(list)
    for row in rows:
        if row.key and not row.claimed:
            groups[row.key].append(row)
    sound = [group for group in groups.values() if _is_sound(group, rows, now=now)]
    if not sound:
        return None
    best = max(sound, key=lambda group: (sum(_by_customer(group, now=now).values()), group[0].key))
    said = _usual([row.said for row in best])
    was = text.live[place.start : place.end]
    sentence = next(
        one for one in fact_edits.sentences(text.live, text.language) if one.start <= place.start < one.start + len(one.text)
    )  # fmt: skip
    return Lesson(
        place, sentence.text, was, said, text.live[: place.start] + said + text.live[place.end :],
        frozenset(row.decision.customer for row in best), _people(best), share_low(best, rows, now=now),
        [(row.decision, weight(row.decision.at, now=now)) for row in best], best[0].key,
    )  # fmt: skip


def _is_sound(group: Sequence[Sighting], rows: Sequence[Sighting], *, now: datetime) -> bool:
    customers = {row.decision.customer for row in group}
    if len(customers) < LEAST_CUSTOMERS or len(_people(group)) < LEAST_PEOPLE:
        return False
    claimed = {row.decision.customer for row in rows if row.claimed and row.key == group[0].key}
    if len(claimed) >= len(customers):  # reviewers have it from customers
        return False
    return share_low(group, rows, now=now) >= LEAST_SHARE


def _people(group: Iterable[Sighting]) -> frozenset[int]:
    return frozenset(row.decision.person for row in group if row.decision.person is not None)


def weight(at: datetime, *, now: datetime) -> float:
    return float(0.5 ** (max(now - at, timedelta(0)) / HALF_LIFE))


def share_low(group: Iterable[Sighting], rows: Iterable[Sighting], *, now: datetime) -> float:
    """The lower end of Wilson's 90 % interval, with each customer's newest decision, weighted by its age."""
    part, whole = (sum(_by_customer(some, now=now).values()) for some in (group, rows))
    return uncertainty.share(min(part / whole, 1), whole).low if whole > 0 else 0.0


def _by_customer(rows: Iterable[Sighting], *, now: datetime) -> dict[int, float]:
    newest: dict[int, float] = {}
    for row in rows:
        customer = row.decision.customer
        newest[customer] = max(newest.get(customer, 0.0), weight(row.decision.at, now=now))
    return newest


def _usual(spellings: Sequence[str]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for one in spellings:
        counts[one] += 1
    return max(counts, key=lambda one: (counts[one], -len(one), one))


def sightings(decision: Decision) -> list[tuple[Place, Sighting]]:
    """Each fact of the live articles that this decision's draft showed, and what replaced it."""
    own = decision.ignoring
    proposal, final = (quoting.core(text, ignoring=own) for text in (decision.proposal, decision.final))
    found = []
    for text in decision.texts:
        shown = _shown(text, proposal)
        replaced = {} if proposal == final or not shown else _replaced(decision, text, final)
        for sentence, cited in shown:
            new = replaced.get(cited.start, [])
            for said in sentence.said:
                to = next((to for was, to in new if was.is_same(said)), ())
                if any(was.is_same(said) for was in cited.said):
                    found.append((Place(text.article, said.start, said.end), Sighting(decision, *to)))
    return found


def _shown(text: Text, proposal: str) -> list[tuple[Sentence, Sentence]]:
    """(live sentence, the same in the cited version) of those that say a fact and stand in the proposal."""
    live, cited = fact_edits.sentences(text.live, text.language), text.sentences
    same = {at: at for at in range(len(live))} if text.live == text.cited else fact_edits.pairs(live, cited)
    drafted: Sequence[Sentence] | None = None
    found = []
    for at, sentence in enumerate(live):
        if at not in same or not sentence.said:
            continue
        mine = cited[same[at]]
        if mine.text not in proposal:
            if drafted is None:
                drafted = fact_edits.sentences(proposal, text.language)
                standing = fact_edits.pairs(cited, drafted)
            if same[at] not in standing or not _says_the_same(mine, drafted[standing[same[at]]]):
                continue
        found.append((sentence, mine))
    return found


def _says_the_same(one: Sentence, other: Sentence) -> bool:
    return all(any(said.is_same(new) for new in other.said) for said in one.said)


def _replaced(
    decision: Decision, text: Text, final: str
) -> dict[int, list[tuple[Said, tuple[str, str, bool]]]]:
    """By the start of the cited sentence: what it said, and what the final text says instead (Sighting: key, said, claimed)."""
    before, after = text.sentences, fact_edits.sentences(final, text.language)
    swapped = {
        before[one].start: fact_edits.swaps(text.cited, final, before[one], after[other])
        for one, other in fact_edits.pairs(before, after).items()
        if before[one].text != after[other].text
    }
    if not any(swapped.values()) or _is_translated(text.cited, final):
        return {}
    return {
        start: [
            (was, (new.key, final[new.start : new.end], _is_claimed(new, final, decision)))
            for was, new in swaps
            if not _is_one_off(was, new, final, decision)
        ]
        for start, swaps in swapped.items()
    }  # fmt: skip


def _is_translated(before: str, after: str) -> bool:
    one, other = _language(before), languages.language(after)
    return one != other and languages.UNKNOWN not in (one, other) and languages.NONE not in (one, other)


@lru_cache(maxsize=512)
def _language(text: str) -> str:
    return languages.language(text)


def _is_one_off(was: Said, said: Said, final: str, decision: Decision) -> bool:
    """Of this customer alone: their name or number. An article's telephone or address becomes another one."""
    shown = final[said.start : said.end]
    masked = redaction.redacted(shown, names=decision.names)
    ours = "address" in was.kinds and "address" in said.kinds
    if masked != shown and not (ours and masked in ("[email]", "[phone]")):
        return True
    runs = re.findall(r"\d[\d.,'’ ]*", shown) if said.kinds[0] in NUMBERS and not ours else []
    return any(len(re.sub(r"\D", "", run)) > MOST_DIGITS for run in runs)


def _is_claimed(said: Said, final: str, decision: Decision) -> bool:
    """The customer wrote it themselves."""
    if not said.facts:
        return final[said.start : said.end].casefold() in decision.question.casefold()
    known = set[facts.Key]().union(*(fact.gives for fact in _of_question(decision.question)))
    return any(fact.needs & known for fact in said.facts)


@lru_cache(maxsize=512)
def _of_question(question: str) -> tuple[facts.Fact, ...]:
    return tuple(facts.found(question, language=languages.language(question)))
