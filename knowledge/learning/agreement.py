"""How far two people's grades agree: Cohen's kappa with quadratic weights. Pure.

1 is full agreement, 0 what chance alone gives; two grades apart weigh four times as much as one. Kappa: Cohen 1968. Interval:
the large-sample standard error of Fleiss, Cohen and Everitt 1969 (Psychological Bulletin 72:323-327), 90 %.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from webhooks.display import formats

from .. import uncertainty
from ..uncertainty import Estimate

SCALE = range(1, 6)
LEAST = 20  # pairs: the interval is for large samples
APART = 2  # grades this far apart are read side by side
Pair = tuple[int, int]


@dataclass(frozen=True)
class Agreement:
    """kappa: None under LEAST pairs, or if all grades are the same: then there is nothing to agree about."""

    n: int
    same: int
    apart: int
    kappa: Estimate | None

    @property
    def text(self) -> str:
        if self.kappa:
            return _("%(value)s (%(low)s to %(high)s)") % {
                name: number_format(getattr(self.kappa, name), 2) for name in ("value", "low", "high")
            }
        if self.n < LEAST:
            return _("not known yet (n = %(n)s)") % {"n": formats.number(self.n)}
        return _("all grades are the same")


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """(first, second) grades of one kind."""
    same = sum(first == second for first, second in pairs)
    apart = sum(abs(first - second) >= APART for first, second in pairs)
    return Agreement(len(pairs), same, apart, kappa(pairs) if len(pairs) >= LEAST else None)


def kappa(pairs: Sequence[Pair]) -> Estimate | None:
    """None where chance alone would agree fully."""
    n = len(pairs)
    cells = {pair: count / n for pair, count in Counter(pairs).items()}
    rows, columns = (_margin(cells, place) for place in (0, 1))
    observed = sum(share * _weight(*pair) for pair, share in cells.items())
    chance = sum(rows[i] * columns[j] * _weight(i, j) for i in SCALE for j in SCALE)
    if 1 - chance < 1e-9:
        return None
    of_row = {i: sum(columns[j] * _weight(i, j) for j in SCALE) for i in SCALE}
    of_column = {j: sum(rows[i] * _weight(i, j) for i in SCALE) for j in SCALE}
    squares = sum(
        share * (_weight(i, j) * (1 - chance) - (of_row[i] + of_column[j]) * (1 - observed)) ** 2
        for (i, j), share in cells.items()
    )
    variance = (squares - (observed * chance - 2 * chance + observed) ** 2) / (n * (1 - chance) ** 4)
    value = (observed - chance) / (1 - chance)
    spread = uncertainty.z(uncertainty.CONFIDENCE) * math.sqrt(max(variance, 0))
    return Estimate(value, max(value - spread, -1), min(value + spread, 1))


def _weight(one: int, other: int) -> float:
    return 1 - ((one - other) / (len(SCALE) - 1)) ** 2


def _margin(cells: dict[Pair, float], place: int) -> dict[int, float]:
    return {grade: sum(share for pair, share in cells.items() if pair[place] == grade) for grade in SCALE}
