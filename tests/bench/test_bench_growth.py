"""Claims and lists on a small and a large table, in turn (performance.md, target 4). BENCH_ROWS=5000000 for more."""

import os
from collections.abc import Callable
from typing import Any

from tests.bench.conftest import Labs
from tests.bench.lab import Lab
from tests.bench.rounds import FULL, Rounds, Target

SMALL, LARGE = 10_000, int(os.environ.get("BENCH_ROWS", "1000000" if FULL else "200000"))
ROUNDS, TIMES = (7, 11) if FULL else (3, 7)
SEEN: dict[str, tuple[str, dict[str, Any]]] = {
    "a claim of 20": ("claims", {}),
    "the tick's look": ("probes", {}),
    "the API's list": ("pages", {"path": "/api/v1/deliveries/"}),
    "the API's list of dead ones": ("pages", {"path": "/api/v1/deliveries/?status=DEAD"}),
    "the admin's list": ("pages", {"path": "/admin/webhooks/incoming/"}),
}


def test_claims_and_lists_stay_flat(database, labs: Labs):
    small, large = labs("small"), labs("large", own_database=True)
    for lab, rows in ((small, SMALL), (large, LARGE)):
        lab.call("grow", rows=rows)

    def measure(lab: Lab, call: str, how: dict[str, Any]) -> Callable[[], float]:
        return lambda: lab.call(call, times=TIMES, **how)

    for name, (call, how) in SEEN.items():
        cases = {
            f"{rows:,} deliveries": measure(lab, call, how) for lab, rows in ((small, SMALL), (large, LARGE))
        }
        first, second = cases
        Rounds(f"{name} on {database[0]}", "ms", cases, [Target(second, first, 1.2, at_most=True)]).run(
            ROUNDS
        )
