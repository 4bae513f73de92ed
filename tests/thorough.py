"""How much of a large table or a property a run tries: enough for each merge, all of it with HYPOTHESIS_PROFILE=long."""

import os
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def examples(usual: int) -> int:
    """Of a property. What found a fault once stands beside it as an @example and is tried every time."""
    return usual * 20 if LONG else usual


def some(rows: Sequence[T], usual: Sequence[T]) -> Sequence[T]:
    """Of a table whose other rows ask much the same."""
    return rows if LONG else usual


def left_out(names: Iterable[str], rows: int, seed: object) -> set[str]:
    """All but so many rows of each parametrised test, by pytest's names. The seed of the run's order says which: the next run
    tries others, and the same seed the same ones.
    """
    tables = defaultdict(list)
    for name in sorted(names):
        tables[name.partition("[")[0]].append(name)
    return {
        name
        for rule, table in tables.items()
        for name in random.Random(f"{seed} {rule}").sample(table, max(0, len(table) - rows))
    }
