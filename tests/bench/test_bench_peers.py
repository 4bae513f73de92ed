"""Real webhooks through our workers, and through what a user would pick instead, with the same handlers (performance.md)."""

import contextlib
import functools
import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from tests.bench import processor, recorded
from tests.bench.conftest import Labs
from tests.bench.lab import Lab
from tests.bench.rounds import FULL, Rounds, Target
from tests.waiting import eventually

pytest.importorskip("celery", reason="needs the peers: make bench installs them")

from tests.bench import peers

ROWS, CONVERSATIONS = (6_000, 1_200) if FULL else (1_500, 300)
ROUNDS, WINDOW_S = (3, 60) if FULL else (2, 20)
ALONE = 300
NO_DRAFTS = {"DRAFT_SETTLE_SECONDS": "600"}  # nobody's workers draft meanwhile


def test_real_webhooks_beside_peers(database, labs: Labs, redis_url):
    name, _ = database
    chosen = {
        "Celery": bool(redis_url), "procrastinate": name == "PostgreSQL", "django-q2 tuned": True,
    }  # fmt: skip
    ours = labs("ours", own_database=True, **NO_DRAFTS)
    spent: dict[str, list[float]] = {}
    cases = {"ours": measured(ours, "", spent.setdefault("ours", []))}
    for peer, can in chosen.items():
        if can:
            queue = {
                "Celery": {"QUEUE_URL": redis_url},
                "django-q2 tuned": {"BENCH_Q": "tuned", "Q_CLUSTER_NAME": "bench"},
            }
            lab = labs(
                peer.split()[0].lower().replace("-", "_"),
                own_database=True,
                **NO_DRAFTS,
                **queue.get(peer, {}),
            )
            cases[peer] = measured(lab, peer, spent.setdefault(peer, []))
    title = f"message_created of {CONVERSATIONS:,} conversations on {name}, {peers.PROCESSES} processes each"
    Rounds(
        f"{ROWS:,} {title}", "webhooks/s", cases, [Target("ours", peer, 3) for peer in cases if peer != "ours"],
    ).run(ROUNDS)  # fmt: skip
    print(
        Rounds(
            f"Processor of {title}, chores and the database's own included", "ms/webhook", {}, found=spent
        ).table()
    )


def test_what_a_webhook_costs_without_its_workers(database, labs: Labs):
    """What no engine saves: the same handlers in one process, which starts nothing, claims nothing and writes no log."""
    name, _ = database
    lab = labs(**NO_DRAFTS)
    names = {"by_the_engine": "our engine", "by_hand": "the handlers in a loop"}
    alone(lab, "by_the_engine")
    rounds = Rounds(
        f"message_created on {name} in one process: processor, the database's own included", "ms/webhook",
        {names[how]: functools.partial(alone, lab, how) for how in names},
        [Target("our engine", "the handlers in a loop", 1.3, at_most=True)],
    ).run(ROUNDS)  # fmt: skip
    recorded.cost(f"core ms a webhook processed, {name}", statistics.median(rounds.found["our engine"]))
    recorded.cost(f"bytes a webhook kept, {name}", lab.call("peers.bytes_each"))


def alone(lab: Lab, how: str) -> float:
    lab.call("peers.prepare", rows=ALONE, conversations=ALONE // 5)
    before = processor.of_site(lab.process.pid, lab.site.database_url)
    lab.call(how)
    return processor.between(before, processor.of_site(lab.process.pid, lab.site.database_url)) * 1000 / ALONE


def measured(lab: Lab, peer: str, spent: list[float]) -> Callable[[], float]:
    """spent: gets the ms of processor a webhook, of all processes of the workers and their database sessions."""

    def measure() -> float:
        lab.call("peers.prepare", rows=ROWS, conversations=CONVERSATIONS)
        if peer:
            lab.call("peers.enqueue", peer=peer)
        with running(lab, peer):
            rate, cost = speed(lab)
        spent.append(cost)
        return rate

    return measure


@contextlib.contextmanager
def running(lab: Lab, peer: str) -> Iterator[None]:
    command = peers.WORKERS[peer] if peer else ("manage.py", "run_workers")
    # procrastinate runs its tasks in threads of one process: it gets as many processes as the others have.
    names = [f"{peer}-{n}" for n in range(peers.PROCESSES if peer == "procrastinate" else 1)]
    for name in names:
        lab.site.start(name, *command)
    try:
        yield
    finally:
        for name in names:
            lab.site.end(name)


def speed(lab: Lab) -> tuple[float, float]:
    """Webhooks a second, and ms of processor a webhook, from the first on, until all are applied or the window ends."""
    eventually(lambda: lab.call("peers.applied"), within_s=60, each_s=0.02)
    before = used(lab)
    began, done = time.monotonic(), 0
    first = lab.call("peers.applied")
    while done < ROWS and time.monotonic() < began + WINDOW_S:
        time.sleep(0.1)
        done = lab.call("peers.applied")
    took, count = time.monotonic() - began, done - first
    return count / took, processor.between(before, used(lab)) * 1000 / count


def used(lab: Lab) -> dict[int, float]:
    """Of the workers and their sessions; the lab's own process only counts rows."""
    found: dict[int, float] = {}
    for process in lab.site.processes.values():
        found |= processor.of_site(process.pid, lab.site.database_url)
    return found
