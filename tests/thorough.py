"""How much of a large table or a property a run tries: enough for each merge, all of it with HYPOTHESIS_PROFILE=long."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def examples(usual: int) -> int:
    """Of a property. What found a fault once stands beside it as an @example and is tried every time."""
    return usual * 20 if LONG else usual


def some(rows: Sequence[T], usual: Sequence[T]) -> Sequence[T]:
    """Of a table whose other rows ask much the same."""
    return rows if LONG else usual
