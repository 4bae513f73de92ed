"""Whether a difference between two shares can be chance: a 95 % interval, so that noise is not shown as a change.

Wilson's score interval for a share, and Newcombe's hybrid of two of them for a difference (Newcombe 1998, method 10). Both
stay sensible for few cases and for shares near 0 and 100 %.
"""

import math
from typing import NamedTuple

Z = 1.959964  # 95 %


class Interval(NamedTuple):
    """In percentage points."""

    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        return self.low <= 0 <= self.high


def wilson(share: float, n: int) -> tuple[float, float]:
    """n: at least 1."""
    middle, spread = share + Z * Z / (2 * n), Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return max((middle - spread) / whole, 0), min((middle + spread) / whole, 1)


def difference(share: float, n: int, before: float, n_before: int) -> Interval:
    """Of share − before."""
    (low, high), (low_before, high_before) = wilson(share, n), wilson(before, n_before)
    change = share - before
    down = math.hypot(share - low, high_before - before)
    up = math.hypot(high - share, before - low_before)
    return Interval((change - down) * 100, (change + up) * 100)
