"""How far a figure may be off by chance: intervals of shares, of means, and of what is calculated from them. Pure.

Sources: Wilson 1927 for a share; Newcombe 1998, method 10, for the difference of two, as Zou and Donner 2008 generalise it to
any two estimates (MOVER); Welch 1947 for the difference of two means; Sato 1989 for a difference pooled over strata; O'Brien and
Fleming 1979 and Lan and DeMets 1983 for a difference that is looked at while its cases come in.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import NamedTuple

MOST_CONFIDENCE = 1 - 1e-12  # what is certain has no quantile
CONFIDENCE = 0.9  # of every interval here, two-sided, unless a caller asks for another


class Estimate(NamedTuple):
    """low and high enclose value, in the same unit: shares are 0 to 1."""

    value: float
    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        return self.low <= 0 <= self.high


def z(confidence: float) -> float:
    """The standard normal quantile of a two-sided interval: 1.645 for 0.9."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def watched(known: float) -> float:
    """The confidence of an interval that is looked at as often as anybody likes, while `known` grows to 1: the share of the
    information of the whole comparison that is there already, 0 just after the change. All looks together leave out the truth
    as often as one look at CONFIDENCE would.

    O'Brien and Fleming's boundary c / √known. A Brownian motion leaves ±c before the end with a probability of at most
    4 · (1 − Φ(c)), by the reflection principle, so c = 1.96 for 0.9 (Lan and DeMets 1983, their first spending function).
    """
    if known <= 0:
        return MOST_CONFIDENCE
    bound = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 4)
    return min(2 * NormalDist().cdf(bound / math.sqrt(known)) - 1, MOST_CONFIDENCE)


def share(value: float, n: float, *, confidence: float = CONFIDENCE) -> Estimate:
    """Wilson's score interval: sensible for few cases and for shares near 0 and 1. n: above 0; of weighted cases, their sum."""
    size = z(confidence)
    middle = value + size * size / (2 * n)
    spread = size * math.sqrt(value * (1 - value) / n + size * size / (4 * n * n))
    whole = 1 + size * size / n
    return Estimate(value, max((middle - spread) / whole, 0), min((middle + spread) / whole, 1))


def minus(one: Estimate, other: Estimate) -> Estimate:
    """Of one − other, which are independent. Of two shares: Newcombe's interval. Both intervals have the same confidence."""
    change = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(change, change - down, change + up)


class Mean(NamedTuple):
    """Of a sample. variance: of its values, with n − 1 below the line; n at least 2."""

    value: float
    variance: float
    n: int


def mean(n: int, total: float, squares: float) -> Mean:
    """From the sum and the sum of the squares. n: at least 2."""
    middle = total / n
    return Mean(middle, max(squares - n * middle * middle, 0) / (n - 1), n)


def welch(one: Mean, other: Mean, *, confidence: float = CONFIDENCE) -> Estimate:
    """Of one − other: means of samples whose variances may differ, with Satterthwaite's degrees of freedom."""
    parts = [sample.variance / sample.n for sample in (one, other)]
    change, error = one.value - other.value, math.sqrt(sum(parts))
    if not error:
        return Estimate(change, change, change)
    below = sum(part * part / (sample.n - 1) for part, sample in zip(parts, (one, other), strict=True))
    spread = error * student(sum(parts) ** 2 / below, confidence=confidence)
    return Estimate(change, change - spread, change + spread)


def student(freedom: float, *, confidence: float = CONFIDENCE) -> float:
    """Student's t quantile, two-sided: Abramowitz and Stegun 26.7.5. Off by under 0.001 from ten degrees of freedom."""
    x = z(confidence)
    terms = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))


class Stratum(NamedTuple):
    """Two shares of one stratum: part of n, and part_before of n_before."""

    part: int
    n: int
    part_before: int
    n_before: int


def pooled(strata: Iterable[Stratum], *, confidence: float = CONFIDENCE) -> Estimate | None:
    """The Mantel-Haenszel difference with Sato's variance: holds for many small strata. None if no stratum has both sides."""
    known = [one for one in strata if one.n and one.n_before]
    if not known:
        return None
    weight = sum(one.n * one.n_before / (one.n + one.n_before) for one in known)
    change = (
        sum((one.part * one.n_before - one.part_before * one.n) / (one.n + one.n_before) for one in known)
        / weight
    )
    p = sum(
        (
            one.n**2 * one.part_before
            - one.n_before**2 * one.part
            + one.n * one.n_before * (one.n_before - one.n) / 2
        )
        / (one.n + one.n_before) ** 2
        for one in known
    )
    q = sum(
        (one.part * (one.n_before - one.part_before) + one.part_before * (one.n - one.part))
        / (2 * (one.n + one.n_before))
        for one in known
    )
    spread = z(confidence) * math.sqrt(max(change * p + q, 0)) / weight
    return Estimate(change, change - spread, change + spread)


def pooled_means(pairs: Sequence[tuple[Mean, Mean]], *, confidence: float = CONFIDENCE) -> Estimate | None:
    """Of (after, before) in each stratum, weighted as in `pooled`. With a normal quantile: the strata are many."""
    if not pairs:
        return None
    weights = [after.n * before.n / (after.n + before.n) for after, before in pairs]
    change = math.fsum(w * (one.value - was.value) for w, (one, was) in zip(weights, pairs, strict=True))
    variance = math.fsum(
        w * w * (one.variance / one.n + was.variance / was.n)
        for w, (one, was) in zip(weights, pairs, strict=True)
    )
    whole = math.fsum(weights)
    spread = z(confidence) * math.sqrt(variance) / whole
    return Estimate(change / whole, change / whole - spread, change / whole + spread)
