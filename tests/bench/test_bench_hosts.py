"""Two hosts with one worker each beside one, where the work waits for the network (performance.md, target 5)."""

import contextlib
import time
from collections.abc import Callable

import pytest

from tests.bench.conftest import Labs
from tests.bench.lab import Lab
from tests.bench.night import CLOCK_OFF
from tests.bench.rounds import FULL, Rounds, Target
from tests.waiting import eventually

ROWS, ROUNDS = (2_000, 3) if FULL else (400, 1)
ENDS_S = 120


@pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)
def test_two_hosts_do_nearly_twice_the_work_of_one(database, labs: Labs):
    lab = labs()
    Rounds(
        f"{ROWS:,} rows whose handler waits 50 ms, on {database[0]}, one worker a host", "rows/s",
        {"one host": drained(lab, 1), "two hosts": drained(lab, 2)}, [Target("two hosts", "one host", 1.7)],
    ).run(ROUNDS)  # fmt: skip


def drained(lab: Lab, hosts: int) -> Callable[[], float]:
    def measure() -> float:
        lab.call("clear")
        with contextlib.ExitStack() as stack:
            for number in range(hosts):
                name = f"host-{number}"
                own = {"PYTHONPATH": CLOCK_OFF, "CLOCK_OFF_S": "0", "HOST_NAME": name, "Q_WORKERS": "1"}
                lab.site.start(name, "manage.py", "run_workers", **own)
                stack.callback(lab.site.end, name)
            eventually(lambda: lab.call("workers_up") == hosts)
            lab.call("fill", rows=ROWS, event="bench.wait")
            # Both work by then: their clusters take a while to start.
            eventually(lambda: lab.call("done_rows") > ROWS // 4, within_s=ENDS_S, each_s=0.02)
            began, first = time.monotonic(), lab.call("done_rows")
            eventually(lambda: not lab.call("due_rows"), within_s=ENDS_S, each_s=0.1)
            return (ROWS - first) / (time.monotonic() - began)

    return measure
