"""What an effect compares: decisions, counted, and the measures of them. Pure; the comparison is in effect.py."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from webhooks.display import formats

from .. import uncertainty
from ..models.grades import GOOD, Decision
from ..uncertainty import Estimate, Mean
from .edits import REWRITTEN

LEAST = 20  # cases a side
MARGIN = 1e-12  # below it, a difference is a rounding error
# The values of Verdict, which are also what programs read.
LABELS = (
    gettext_noop("better"),
    gettext_noop("worse"),
    gettext_noop("within chance"),
    gettext_noop("not known yet"),
)


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    CHANCE = "within chance"
    UNKNOWN = "not known yet"

    @property
    def label(self) -> str:
        return _(self.value)


class Decided(NamedTuple):
    """One decision. ratio: of the text changed, None if rejected. grades: tone, accuracy and policy, None if ungraded."""

    decision: str
    ratio: float | None
    grades: tuple[int, int, int] | None


@dataclass(frozen=True)
class Side:
    """Decisions, counted. good: of the graded, those with every grade from 4 on. ratios: of the approved ones, as a sum."""

    n: int = 0
    accepted: int = 0
    graded: int = 0
    good: int = 0
    approved: int = 0
    ratios: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, decisions: Iterable[Decided]) -> "Side":
        known = list(decisions)
        ratios = [one.ratio or 0.0 for one in known if one.decision == Decision.APPROVED]
        grades = [one.grades for one in known if one.grades]
        return cls(
            len(known), sum(ratio < REWRITTEN for ratio in ratios), len(grades),
            sum(min(one) >= GOOD for one in grades), len(ratios), sum(ratios), sum(ratio * ratio for ratio in ratios),
        )  # fmt: skip

    def __add__(self, other: "Side") -> "Side":
        return Side(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


NOBODY = Side()


@dataclass(frozen=True)
class Measure:
    """part: what is counted among `whole`; "" for a mean. less: a lower value is the better one."""

    name: str
    label: str | Promise
    whole: str
    part: str = ""
    less: bool = False
    help: str | Promise = ""

    def n(self, side: Side) -> int:
        return int(getattr(side, self.whole))

    def value(self, side: Side) -> float | None:
        n = self.n(side)
        return (getattr(side, self.part) if self.part else side.ratios) / n if n else None

    def change(self, before: Side, after: Side, *, confidence: float) -> Estimate:
        """Of after − before. Needs two cases a side."""
        if self.part:
            now, was = (
                uncertainty.share(
                    getattr(side, self.part) / self.n(side), self.n(side), confidence=confidence
                )
                for side in (after, before)
            )
            return uncertainty.minus(now, was)
        return uncertainty.welch(self.mean(after), self.mean(before), confidence=confidence)

    def mean(self, side: Side) -> Mean:
        return uncertainty.mean(side.approved, side.ratios, side.squares)


MEASURES = (
    Measure("accepted", gettext_lazy("Accepted"), "n", "accepted",
            help=gettext_lazy("Approved with less than a third of the text changed")),
    Measure("good", gettext_lazy("Graded 4 or 5"), "graded", "good",
            help=gettext_lazy("Tone, accuracy and policy all graded 4 or 5, of the graded ones")),
    Measure("edit", gettext_lazy("Edit ratio"), "approved", less=True,
            help=gettext_lazy("How much of an approved reply was changed, on average")),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True)
class Figure:
    """One measure before and after. change: None under LEAST cases a side, or without data."""

    measure: Measure
    before: float | None
    after: float | None
    n_before: int
    n_after: int
    change: Estimate | None

    @property
    def verdict(self) -> Verdict:
        return verdict(self.measure, self.change)

    @property
    def text(self) -> str:
        """The verdict in words, with the number that is missing."""
        if self.change is not None:
            return self.verdict.label
        return _("not known yet (n = %(n)s)") % {"n": formats.number(min(self.n_before, self.n_after))}


def verdict(measure: Measure, change: Estimate | None) -> Verdict:
    """From the interval alone: better or worse only if it leaves no room for zero."""
    if change is None:
        return Verdict.UNKNOWN
    low, high = (-change.high, -change.low) if measure.less else (change.low, change.high)
    if high < -MARGIN:
        return Verdict.WORSE
    return Verdict.BETTER if low > MARGIN else Verdict.CHANCE
