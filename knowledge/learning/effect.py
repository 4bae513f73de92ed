"""What a change did: the decisions before it and after it, compared. Pure: counts in, figures out. Rows: effects.py.

Acceptance and grades are shares, compared by Newcombe's intervals, edit ratios are means, compared by Welch's (formulas and
sources: uncertainty.py). Pages and alerts look again and again while the decisions come in, so intervals are as wide as all of
these looks together need (uncertainty.watched): two-sided, 90 %. Under LEAST cases a side, nothing is said. Beside the change
stands what all others did in the same weeks, since a new colleague or a busy week changes everybody's figures, and the difference
of the two differences.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .. import uncertainty
from ..uncertainty import Estimate, Stratum
from .effect_measures import LEAST, MEASURES, NOBODY, Figure, Measure, Side, Verdict, verdict


def compare(before: Side, after: Side, *, passed: float = 1.0) -> dict[str, Figure]:
    """passed: the share of the time after the change that is over, above 0; 1 where it has no end."""
    return {measure.name: _figure(measure, before, after, _confidence(measure, before, after, passed))
            for measure in MEASURES}  # fmt: skip


def _confidence(measure: Measure, before: Side, after: Side, passed: float) -> float:
    """Of this look. A difference of n before and m after informs as n·m / (n + m) does; m is expected to grow to m / passed."""
    was, now = measure.n(before), measure.n(after)
    return uncertainty.watched((now + passed * was) / (now + was) if now + was else passed)


def _figure(measure: Measure, before: Side, after: Side, confidence: float) -> Figure:
    counts = measure.n(before), measure.n(after)
    change = measure.change(before, after, confidence=confidence) if min(counts) >= LEAST else None
    return Figure(measure, measure.value(before), measure.value(after), *counts, change)


@dataclass(frozen=True)
class Line:
    """A measure of the change, of the others in the same weeks, and how far the two differ."""

    own: Figure
    others: Figure

    @property
    def beyond(self) -> Estimate | None:
        """The difference of the differences: MOVER (Zou and Donner 2008) on the two intervals."""
        if self.own.change is None or self.others.change is None:
            return None
        return uncertainty.minus(self.own.change, self.others.change)

    @property
    def verdict(self) -> Verdict:
        """The change's own, if it differs from the others' too: with both, all looks together call nothing changed a change in
        5 % of cases. Others that are fewer than the change's own cases cannot speak against it.
        """
        found = self.own.verdict
        fewer = self.others.n_before < self.own.n_before or self.others.n_after < self.own.n_after
        if found not in (Verdict.BETTER, Verdict.WORSE) or self.beyond is None or fewer:
            return found
        return found if verdict(self.own.measure, self.beyond) == found else Verdict.CHANCE

    @property
    def text(self) -> str:
        if self.verdict == self.own.verdict:
            return self.own.text
        if self.others.verdict == self.own.verdict:
            return _("%(verdict)s, as the others") % {"verdict": self.own.verdict.label}
        return _("as the others")


@dataclass(frozen=True)
class Effect:
    """lines: one per measure, the first of which (acceptance) gives the verdict."""

    lines: Sequence[Line]

    @property
    def verdict(self) -> Verdict:
        return self.lines[0].verdict

    @property
    def text(self) -> str:
        return self.lines[0].text

    @property
    def alarming(self) -> list[Line]:
        """Of acceptance and grades. The edit ratio falls and rises with what reviewers find worth a change."""
        return [line for line in self.lines if line.own.measure.part and line.verdict == Verdict.WORSE]


def effect(
    before: Side, after: Side, *, others_before: Side = NOBODY, others_after: Side = NOBODY, passed: float = 1.0
) -> Effect:  # fmt: skip
    """passed: as in `compare`. The others' intervals have the confidence of the change's own, as their difference needs."""
    lines = []
    for measure in MEASURES:
        confidence = _confidence(measure, before, after, passed)
        own = _figure(measure, before, after, confidence)
        lines.append(Line(own, _figure(measure, others_before, others_after, confidence)))
    return Effect(lines)


@dataclass(frozen=True)
class Pooled:
    """Many changes as one: each compared with its own past, the differences averaged by size."""

    changes: int
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def lines(self) -> list[Figure]:
        return list(self.figures.values())


def pooled(pairs: Iterable[tuple[Side, Side]]) -> Pooled:
    """(before, after) of each change. Those without a decision on both sides say nothing, and are left out."""
    known = [(before, after) for before, after in pairs if before.n and after.n]
    return Pooled(len(known), {measure.name: _pooled(measure, known) for measure in MEASURES})


def _pooled(measure: Measure, pairs: Sequence[tuple[Side, Side]]) -> Figure:
    usable = [pair for pair in pairs if min(map(measure.n, pair)) >= (1 if measure.part else 2)]
    n_before, n_after = (sum(measure.n(pair[at]) for pair in usable) for at in (0, 1))
    if measure.part:
        change = uncertainty.pooled(
            (
                Stratum(
                    getattr(after, measure.part),
                    measure.n(after),
                    getattr(before, measure.part),
                    measure.n(before),
                )
                for before, after in usable
            ),
            confidence=uncertainty.watched(1.0),
        )
    else:
        change = uncertainty.pooled_means(
            [(measure.mean(after), measure.mean(before)) for before, after in usable],
            confidence=uncertainty.watched(1.0),
        )
    enough = min(n_before, n_after) >= LEAST
    return Figure(
        measure,
        _whole(measure, usable, 0),
        _whole(measure, usable, 1),
        n_before,
        n_after,
        change if enough else None,
    )


def _whole(measure: Measure, pairs: Sequence[tuple[Side, Side]], at: int) -> float | None:
    """The value of all strata on one side, weighted as their differences are."""
    weights = [
        measure.n(one) * measure.n(other) / (measure.n(one) + measure.n(other)) for one, other in pairs
    ]
    values = [measure.value(pair[at]) or 0.0 for pair in pairs]
    total = sum(weights)
    return (
        sum(weight * value for weight, value in zip(weights, values, strict=True)) / total if total else None
    )
