"""The drain beside django-q2 with a task a row, and what the engine costs above its handlers (performance.md, target 2)."""

import contextlib
import time
from collections.abc import Callable, Iterator

from tests.bench.conftest import Labs
from tests.bench.lab import Lab
from tests.bench.rounds import FULL, Rounds, Target
from tests.waiting import eventually

ROWS = 10_000
# django-q2 takes minutes for them: it is stopped after so long, and told by what it did until then. Its workers end
# after 500 tasks each, and new ones take a while: a short look flatters it.
ROUNDS, WINDOW_S = (3, 120) if FULL else (2, 25)
COST_ROUNDS, COST_ROWS = (9, 400) if FULL else (5, 100)


def test_the_drain_beside_a_task_a_row(database, labs: Labs, redis_url):
    name, _ = database
    cases = {"ours": drained(labs("ours"))}
    brokers = {"ORM broker": ""} | ({"Redis broker": redis_url} if redis_url and FULL else {})
    for broker, url in brokers.items():
        for how in ("stock", "tuned"):
            lab = labs(f"{how} {broker}", QUEUE_URL=url, BENCH_Q=how, Q_CLUSTER_NAME="bench")
            cases[f"django-q2 {how}, {broker}"] = tasked(lab)
    Rounds(
        f"Draining {ROWS:,} rows whose handler is one UPDATE, on {name} (at most {WINDOW_S} s each)",
        "rows/s",
        cases,
        [
            Target("ours", "django-q2 stock, ORM broker", 15),
            Target("ours", "django-q2 tuned, ORM broker", 3),
        ],
    ).run(ROUNDS)


def drained(lab: Lab) -> Callable[[], float]:
    def measure() -> float:
        lab.call("clear")
        lab.call("fill", rows=ROWS, event="bench.update")
        with running(lab, "run_workers"):
            return speed(lab)

    return measure


def tasked(lab: Lab) -> Callable[[], float]:
    def measure() -> float:
        lab.call("clear")
        lab.call("enqueue", rows=ROWS)
        with running(lab, "qcluster"):
            return speed(lab)

    return measure


@contextlib.contextmanager
def running(lab: Lab, command: str) -> Iterator[None]:
    lab.site.start(command, "manage.py", command)
    try:
        yield
    finally:
        lab.site.end(command)


def speed(lab: Lab) -> float:
    """Rows a second from the first on, until all are done or the window ends."""
    eventually(lambda: lab.call("hits"), within_s=120, each_s=0.02)
    began, done = time.monotonic(), 0
    while done < ROWS and time.monotonic() < began + WINDOW_S:
        time.sleep(0.2)
        done = lab.call("hits")
    return done / (time.monotonic() - began)


def test_what_the_engine_costs_above_the_handlers(database, labs: Labs):
    lab = labs()
    cpu: dict[str, list[float]] = {"by_hand": [], "by_the_engine": []}

    def measure(how: str) -> Callable[[], float]:
        def run() -> float:
            lab.call("fill", rows=COST_ROWS, conversations=COST_ROWS // 5)
            wall, processor = lab.call(how)
            cpu[how].append(processor * 1000 / COST_ROWS)
            return wall * 1000 / COST_ROWS

        return run

    for how in cpu:
        measure(how)()
    cpu = {how: [] for how in cpu}
    names = {"by_hand": "handlers in a loop", "by_the_engine": "the engine with them"}
    target = [Target("the engine with them", "handlers in a loop", 1.3, at_most=True)]
    title = f"message_created through its real handlers on {database[0]}, one process"
    Rounds(f"{title}: wall", "ms/row", {names[how]: measure(how) for how in cpu}, target).run(COST_ROUNDS)
    processor = Rounds(f"{title}: processor, the database's own left out", "ms/row", {}, target)
    processor.found = {names[how]: values for how, values in cpu.items()}
    print(processor.table())
