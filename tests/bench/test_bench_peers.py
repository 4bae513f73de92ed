"""Real webhooks through our workers, and through what a user would pick instead, with the same handlers (performance.md)."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from tests.bench import recorded
from tests.bench.conftest import Labs
from tests.bench.lab import Lab
from tests.bench.rounds import FULL, Rounds, Target
from tests.waiting import eventually

pytest.importorskip("celery", reason="needs the peers: make bench installs them")

from tests.bench import peers

ROWS, CONVERSATIONS = (6_000, 1_200) if FULL else (1_500, 300)
ROUNDS, WINDOW_S = (3, 60) if FULL else (2, 20)
NO_DRAFTS = {"DRAFT_SETTLE_SECONDS": "600"}  # nobody's workers draft meanwhile


def test_real_webhooks_beside_peers(database, labs: Labs, redis_url):
    name, _ = database
    chosen = {
        "Celery": bool(redis_url), "procrastinate": name == "PostgreSQL", "django-q2 tuned": True,
    }  # fmt: skip
    ours = labs("ours", own_database=True, **NO_DRAFTS)
    cases = {"ours": measured(ours, "")}
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
            cases[peer] = measured(lab, peer)
    rounds = Rounds(
        f"{ROWS:,} message_created of {CONVERSATIONS:,} conversations on {name}, {peers.PROCESSES} processes each",
        "webhooks/s", cases, [Target("ours", peer, 3) for peer in cases if peer != "ours"],
    ).run(ROUNDS)  # fmt: skip
    rate = statistics.median(rounds.found["ours"])
    recorded.cost(f"core ms a webhook processed, {name}", (os.cpu_count() or 1) * 1000 / rate)
    recorded.cost(f"bytes a webhook kept, {name}", ours.call("peers.bytes_each"))


def measured(lab: Lab, peer: str) -> Callable[[], float]:
    def measure() -> float:
        lab.call("peers.prepare", rows=ROWS, conversations=CONVERSATIONS)
        if peer:
            lab.call("peers.enqueue", peer=peer)
        with running(lab, peer):
            return speed(lab)

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


def speed(lab: Lab) -> float:
    """Webhooks a second from the first on, until all are applied or the window ends."""
    eventually(lambda: lab.call("peers.applied"), within_s=60, each_s=0.02)
    began, done = time.monotonic(), 0
    first = lab.call("peers.applied")
    while done < ROWS and time.monotonic() < began + WINDOW_S:
        time.sleep(0.1)
        done = lab.call("peers.applied")
    return (done - first) / (time.monotonic() - began)
