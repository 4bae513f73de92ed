"""What a decision teaches: how much the reply differs from its draft, in what way, and how it was graded. Pure.

The kinds and what consumers may rely on: docs/learning_contract.md.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import Levenshtein

from ..models.grades import GRADES, Decision, Edit, Grading, Kind
from ..text import quoting

LOW = 3  # a grade this low alone says what was wrong
BEST = 5
REWRITTEN = 1 / 3  # of the longer text: no longer the same reply
SAMPLED = 0.2
MEASURED = 20_000  # characters compared one by one, in about 60 ms; what follows counts as a whole
MOST_WORDS = 2_000  # and spaces, a side of the difference that is shown; difflib needs up to 0.5 s for these


@dataclass(frozen=True)
class Difference:
    """distance: characters to insert, delete or replace; ratio: of the longer text, 0 (the same words) to 1."""

    distance: int
    ratio: float


@dataclass(frozen=True)
class Case:
    """The facts that decide the kind. ratio None: there is no final text. grades: those given, 1 to 5."""

    decision: str
    grades: Mapping[str, int | None]
    ratio: float | None
    facts_changed: bool
    cited: bool

    def grade(self, name: str) -> int:
        """A missing grade counts as the best."""
        return self.grades.get(name) or BEST

    @property
    def edited(self) -> bool:
        return bool(self.ratio)


@dataclass(frozen=True)
class Rule:
    kind: Kind
    when: str | Promise
    holds: Callable[[Case], bool]


# The first rule that holds names the kind; the last always holds.
RULES: tuple[Rule, ...] = (
    Rule(Kind.SUPERSEDED, _("an agent answered first"), lambda case: case.decision == Decision.OVERTAKEN),
    Rule(
        Kind.POLICY_CLARIFICATION, _("policy is graded 3 or lower"), lambda case: case.grade("policy") <= LOW
    ),
    Rule(
        Kind.FACTUAL_CORRECTION,
        _("accuracy is graded 3 or lower"),
        lambda case: case.grade("accuracy") <= LOW,
    ),
    Rule(
        Kind.FACTUAL_CORRECTION,
        _("numbers, links, addresses, days or months changed"),
        lambda case: case.facts_changed,
    ),
    Rule(Kind.TONE_IMPROVEMENT, _("tone is graded 3 or lower"), lambda case: case.grade("tone") <= LOW),
    Rule(Kind.NEW_PATTERN, _("the draft cites no article"), lambda case: not case.cited),
    Rule(Kind.NEW_PATTERN, _("it was rejected"), lambda case: case.decision == Decision.REJECTED),
    Rule(Kind.NEW_PATTERN, _("a third or more was rewritten"), lambda case: (case.ratio or 0) >= REWRITTEN),
    Rule(
        Kind.POLICY_CLARIFICATION,
        _("edited, and policy is graded 4"),
        lambda case: case.edited and case.grade("policy") < BEST,
    ),
    Rule(
        Kind.FACTUAL_CORRECTION,
        _("edited, and accuracy is graded 4"),
        lambda case: case.edited and case.grade("accuracy") < BEST,
    ),
    Rule(
        Kind.TONE_IMPROVEMENT,
        _("edited, and tone is graded 4"),
        lambda case: case.edited and case.grade("tone") < BEST,
    ),
    Rule(Kind.TEMPLATE_REFINEMENT, _("anything else: a small edit, or none"), lambda case: True),
)


def kind(case: Case) -> Kind:
    return rule(case).kind


def rule(case: Case) -> Rule:
    return next(rule for rule in RULES if rule.holds(case))


def difference(proposal: str, final: str, *, ignoring: Iterable[str] = ()) -> Difference:
    """Compares the replies' own text. `ignoring`: greetings and closings in addition to the standard ones."""
    before, after = (quoting.core(text, ignoring=ignoring) for text in (proposal, final))
    longer = max(len(before), len(after))
    head = Levenshtein.distance(before[:MEASURED], after[:MEASURED])
    rests = before[MEASURED:], after[MEASURED:]
    distance = head + (max(map(len, rests)) if rests[0] != rests[1] else 0)
    return Difference(distance, distance / longer if longer else 0.0)


def edited(proposal: str, final: str, *, ignoring: Iterable[str] = ()) -> Edit:
    """What a person changed. `ignoring`: as of difference()."""
    own = list(ignoring)
    if quoting.core(proposal, ignoring=own) != quoting.core(final, ignoring=own):
        return Edit.FACTS if facts_changed(proposal, final, ignoring=own) else Edit.WORDING
    return Edit.NOTHING if quoting.tidy(proposal) == quoting.tidy(final) else Edit.FRAME


# "May" and "March" are left out: they are ordinary words as well.
NAMED = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|april|june|july|august|september|october"
    "|november|december|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|januar|februar|märz|mai|juni|juli"
    "|oktober|dezember"
)
FACT = re.compile(
    r"https?://[^\s<>()\[\]]+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|\d+(?:[.,:/-]\d+)*"
    rf"|\b(?:{NAMED})s?\b",
    re.IGNORECASE,
)


def facts_changed(proposal: str, final: str, *, ignoring: Iterable[str] = ()) -> bool:
    """Whether a number, link, address, day or month was added, removed or replaced. Their order does not matter."""
    before, after = (_facts(quoting.core(text, ignoring=ignoring)) for text in (proposal, final))
    return before != after


def _facts(text: str) -> Counter[str]:
    return Counter(fact.rstrip(".,;:!?'\"").lower() for fact in FACT.findall(text))


@dataclass(frozen=True)
class Piece:
    """how: same, gone or new."""

    how: str
    text: str


def words_between(before: str, after: str) -> list[Piece]:
    """For people to read: same and gone make up `before`, same and new `after`. Very long texts are one change."""
    old, new = (re.findall(r"\S+|\s+", text) for text in (before, after))
    if before != after and max(len(old), len(new)) > MOST_WORDS:
        return [Piece(how, text) for how, text in (("gone", before), ("new", after)) if text]
    return list(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    """An unchanged space between two changed words counts as changed with them."""
    gone = fresh = ""
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, is_now = "".join(old[start:end]), "".join(new[first:last])
        if tag != "equal" or (was.isspace() and (gone or fresh) and end < len(old) and last < len(new)):
            gone, fresh = gone + was, fresh + is_now
            continue
        yield from _changed(gone, fresh)
        yield Piece("same", was)
        gone = fresh = ""
    yield from _changed(gone, fresh)


def _changed(gone: str, fresh: str) -> Iterator[Piece]:
    yield from (Piece(how, text) for how, text in (("gone", gone), ("new", fresh)) if text)


def contradicts(ratio: float | None, grades: Mapping[str, int | None]) -> bool:
    """A third or more was rewritten, yet the draft is graded 5 throughout: worth asking once whether that is intended."""
    return (ratio or 0) >= REWRITTEN and all(grades.get(name) == BEST for name in GRADES)


def grades_wanted(draft: int, *, setting: str, edited: bool, rejected: bool, flagged: bool) -> bool:
    """The same answer for the same draft every time: opening it again does not draw again."""
    return setting != Grading.SAMPLE or edited or rejected or flagged or drawn("grade", draft, SAMPLED)


def drawn(what: str, draft: int, share: float) -> bool:
    """Hashed, so that a pattern in the numbers (say, all drafts of an inbox are even) does not bias the sample.

    what: keeps two draws apart. A larger share draws the same drafts and more.
    """
    digest = hashlib.sha256(f"{what}:{draft}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64
