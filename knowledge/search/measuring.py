"""Measures search on questions whose right article is known. Pure: outcomes in, figures with n and intervals out."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import uncertainty
from . import confidence

RESAMPLES = 500
Interval = tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """rank: of the right article, from 1; None if it was not found, or if no article is right. p: of the best article."""

    expected: str | None
    rank: int | None
    p: float
    answered: bool = True

    @property
    def is_right(self) -> bool:
        return self.expected is not None and self.rank == 1


@dataclass(frozen=True)
class Figure:
    name: str
    value: float | None
    n: int
    interval: Interval | None

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return f"{self.name:<34} no data"
        low, high = self.interval
        return f"{self.name:<34} {self.value:.3f}   n = {self.n:<6,} 90 %: {low:.3f} to {high:.3f}"


def figures(outcomes: Sequence[Outcome], *, draft_from: float = confidence.DRAFT_FROM) -> list[Figure]:
    """Shares have Wilson's interval (uncertainty.py), the others one by resampling (Efron 1979), with a fixed seed."""
    answerable = [one for one in outcomes if one.expected is not None]
    nothing = [one for one in outcomes if one.expected is None]
    drafted = [one for one in answerable if one.answered and one.p >= draft_from]
    found = [
        share(f"recall@{k}", [one.rank is not None and one.rank <= k for one in answerable])
        for k in (1, 3, 5)
    ]
    return [
        *found,
        resampled("MRR", answerable, lambda some: sum(1 / one.rank for one in some if one.rank) / len(some)),
        share("right among drafted", [one.is_right for one in drafted]),
        share("drafted, of answerable", [one in drafted for one in answerable]),
        share("silent, of unanswerable", [not one.answered or one.p < draft_from for one in nothing]),
        resampled("ECE", outcomes, _ece),
        resampled("Brier score", outcomes, lambda some: confidence.brier(*_pairs(some))),
        resampled("AUC", outcomes, lambda some: confidence.separation(*_pairs(some))),
    ]


def _pairs(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    return [one.p for one in outcomes], [one.is_right for one in outcomes]


def _ece(outcomes: Sequence[Outcome]) -> float:
    return confidence.calibration_error(*_pairs(outcomes))


def share(name: str, hits: Sequence[bool]) -> Figure:
    if not hits:
        return Figure(name, None, 0, None)
    value, low, high = uncertainty.share(sum(hits) / len(hits), len(hits))
    return Figure(name, value, len(hits), (low, high))


def resampled(
    name: str, outcomes: Sequence[Outcome], measure: Callable[[Sequence[Outcome]], float]
) -> Figure:
    if not outcomes:
        return Figure(name, None, 0, None)
    chance = random.Random(len(outcomes))  # noqa: S311
    values = sorted(measure(chance.choices(outcomes, k=len(outcomes))) for _ in range(RESAMPLES))
    return Figure(
        name, measure(outcomes), len(outcomes), (values[RESAMPLES // 20], values[-RESAMPLES // 20 - 1])
    )
