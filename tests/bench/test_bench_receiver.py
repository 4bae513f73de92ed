"""The receiver beside a plain view, and how fast it answers while workers are busy (performance.md, target 1)."""

import os
import socket
import statistics
from collections.abc import Callable, Iterator

import pytest

from tests.bench import load, recorded
from tests.bench.conftest import Labs
from tests.bench.rounds import FULL, Rounds, Target, limit, percentile
from tests.site import WEB, Site, answers
from tests.waiting import eventually

ROUNDS, EACH_S = (7, 8) if FULL else (3, 3)
ACKS_S = 60 if FULL else 10


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def serve(database, tmp_path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def start(name: str, probe: str, **environment: str) -> Site:
        folder = tmp_path / name
        folder.mkdir()
        site = Site(folder, database_url=database[1], port=free_port(), WEB_WORKERS="2", **environment)
        sites.append(site)
        site.start("web", *WEB)
        eventually(lambda: answers(f"{site.url}{probe}"))
        return site

    yield start
    for site in sites:
        site.stop()


def test_the_receiver_beside_a_plain_view(database, labs: Labs, serve, redis_url, tmp_path):
    name, _ = database
    lab = labs()
    source, plain = lab.call("source"), {"DJANGO_SETTINGS_MODULE": "tests.bench.plain_settings"}
    site = serve("site", "/healthz", QUEUE_URL="")
    by_hand = serve("plain", "/", QUEUE_URL="", **plain)
    addresses = {
        "the receiver": f"{site.url}/webhooks/chatwoot/acme/",
        "plain view": f"{by_hand.url}/plain/{source}/",
        "plain view + async_task, ORM broker": f"{by_hand.url}/enqueues/{source}/",
    }
    if redis_url:
        over_redis = serve("redis", "/", QUEUE_URL=redis_url, **plain)
        addresses["plain view + async_task, Redis broker"] = f"{over_redis.url}/enqueues/{source}/"
    numbers = iter(range(10_000))

    def measure(address: str) -> Callable[[], float]:
        return lambda: load.rate(address, seconds=EACH_S, name=f"run-{next(numbers)}", folder=tmp_path)

    for address in addresses.values():
        load.rate(address, seconds=1, name=f"run-{next(numbers)}", folder=tmp_path)
    rounds = Rounds(
        f"Receiving on {name}: 3.8 KB signed message_created, {load.CONNECTIONS} connections, gunicorn × 2",
        "requests/s",
        {case: measure(address) for case, address in addresses.items()},
        [
            Target("the receiver", "plain view", 1.0),
            Target("the receiver", "plain view + async_task, ORM broker", 1.4),
            Target("the receiver", "plain view + async_task, Redis broker", 2.2),
        ],
    ).run(ROUNDS)
    rate = statistics.median(rounds.found["the receiver"])
    recorded.cost(f"core ms a webhook received, {name}", (os.cpu_count() or 1) * 1000 / rate)


def test_answers_beside_busy_workers(database, labs: Labs, serve):
    lab = labs()
    lab.call("fill", rows=40_000 if FULL else 8000, conversations=500)
    site = serve("site", "/healthz", QUEUE_URL="")
    site.start("workers", "manage.py", "run_workers")
    eventually(lambda: lab.call("done_rows") > 20)

    took = load.acks(f"{site.url}/webhooks/chatwoot/acme/", seconds=ACKS_S, each_s=0.01, first=1_000_000)

    busy = lab.call("due_rows")
    assert busy, "the workers had nothing left to do: more rows, please"
    print(f"\nAnswers at 100 requests/s on {database[0]}, workers busy ({len(took)} requests)")
    print(limit("p50", percentile(took, 0.50), 50, "ms"))
    print(limit("p99", percentile(took, 0.99), 50, "ms"))
