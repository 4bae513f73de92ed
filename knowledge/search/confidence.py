"""How probable it is that the best article answers the question: logistic regression on what ranking saw. Pure.

The shipped coefficients are in shipped/coefficients.json, written by tests/bench/fit_confidence.py; a desk's own
decisions replace them (calibrating.py). Fitted by Newton's method with a small ridge (Hastie, Tibshirani, Friedman 2009, 4.4).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

SHIPPED = Path(__file__).parent / "shipped" / "coefficients.json"
DRAFT_FROM = 0.5  # p at which an article is drafted from; an inbox may raise it
MAY_FIT_FROM = 0.15  # below this, an article is not even shown
RIDGE = 1.0
STEPS = 50


@dataclass(frozen=True)
class Model:
    """intercept, then one weight per feature."""

    coefficients: tuple[float, ...]

    def p(self, features: Sequence[float]) -> float:
        score = self.coefficients[0] + sum(
            weight * value for weight, value in zip(self.coefficients[1:], features, strict=True)
        )
        return 1 / (1 + math.exp(-max(min(score, 30.0), -30.0)))


@cache
def shipped(embedder: str) -> Model:
    """For an embedder that was not fitted: the coefficients for words, which are the most cautious."""
    table = json.loads(SHIPPED.read_text())
    return Model(tuple(table.get(embedder, table["words"])["coefficients"]))


def fit(
    features: Sequence[Sequence[float]], labels: Sequence[bool], weights: Sequence[float] | None = None
) -> Model:
    import numpy as np

    rows, wanted = np.array(features, dtype=float), np.array(labels, dtype=float)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread[spread < 1e-9] = 1
    x = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    each = np.ones(len(rows)) if weights is None else np.array(weights, dtype=float)
    beta, ridge = np.zeros(x.shape[1]), np.full(x.shape[1], RIDGE)
    ridge[0] = 0
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (each * (wanted - p)) - ridge * beta
        step = np.linalg.solve((x.T * (each * p * (1 - p))) @ x + np.diag(ridge + 1e-9), gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    slopes = beta[1:] / spread
    return Model((round(float(beta[0] - slopes @ mean), 6), *(round(float(one), 6) for one in slopes)))


def calibration_error(p: Sequence[float], labels: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017): the mean gap between p and the share that was right, by tenths of p."""
    gaps: list[list[float]] = [[] for _ in range(bins)]
    for chance, label in zip(p, labels, strict=True):
        gaps[min(int(chance * bins), bins - 1)].append(float(label) - chance)
    return sum(abs(sum(gap)) for gap in gaps) / max(len(p), 1)


def brier(p: Sequence[float], labels: Sequence[bool]) -> float:
    return sum((chance - label) ** 2 for chance, label in zip(p, labels, strict=True)) / max(len(p), 1)


def separation(p: Sequence[float], labels: Sequence[bool]) -> float:
    """AUC: how often a right one has a higher p than a wrong one (Hanley and McNeil 1982); ties count half. 0.5: no better
    than chance, also where there is only one kind.
    """
    import numpy as np

    chances, right = np.array(p, dtype=float), np.array(labels, dtype=bool)
    good, bad = chances[right], np.sort(chances[~right])
    if not len(good) or not len(bad):
        return 0.5
    below = np.searchsorted(bad, good, side="left") + np.searchsorted(bad, good, side="right")
    return float(below.mean() / 2 / len(bad))
