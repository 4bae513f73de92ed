"""For tests of real processes: polls until a condition holds."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within_s: float = 60, each_s: float = 0.3) -> T:
    """The first true answer. Raises AssertionError when none comes."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(each_s)
    raise AssertionError(f"not within {within_s} s")
