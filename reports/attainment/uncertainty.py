"""Whether a difference between two shares can be chance: a 95 % interval, so that noise is not shown as a change."""

from typing import NamedTuple

from knowledge import uncertainty

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """In percentage points."""

    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        return self.low <= 0 <= self.high


def difference(share: float, n: int, before: float, n_before: int) -> Interval:
    """Of share − before, by Newcombe's method (knowledge/uncertainty.py)."""
    now, then = (
        uncertainty.share(value, count, confidence=CONFIDENCE)
        for value, count in ((share, n), (before, n_before))
    )
    change = uncertainty.minus(now, then)
    return Interval(change.low * 100, change.high * 100)
