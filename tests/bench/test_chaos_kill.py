"""Processes killed outright under traffic: nothing answered 2xx is lost, nothing happens twice, and all of it recovers.

CHAOS_FULL=1 kills each kind twenty times on every database and broker; the short form once, on SQLite. On PostgreSQL and
Redis test_chaos_night.py kills them.
"""

import os

import pytest

from tests.bench.chaos import Campaign, Tally, campaign
from tests.site import POSTGRES, REDIS, need_postgres, need_redis
from tests.waiting import eventually

pytestmark = pytest.mark.slow
FULL = os.environ.get("CHAOS_FULL") == "1"
ROUNDS, LEAST_DELIVERIES, EACH_S = (20, 500, 0.8) if FULL else (1, 40, 0.5)
SETTLES_S = 120


@pytest.mark.parametrize(
    ("database", "broker"),
    [
        ("SQLite", "ORM"),
        pytest.param("SQLite", "Redis", marks=pytest.mark.skipif(not FULL, reason="CHAOS_FULL=1 only")),
        pytest.param("PostgreSQL", "ORM", marks=pytest.mark.skipif(not FULL, reason="CHAOS_FULL=1 only")),
        pytest.param("PostgreSQL", "Redis", marks=pytest.mark.skipif(not FULL, reason="CHAOS_FULL=1 only")),
    ],
)
def test_what_is_killed_comes_back_and_loses_nothing(tmp_path, database, broker):
    if database == "PostgreSQL":
        need_postgres()
    if broker == "Redis":
        need_redis()
    server = POSTGRES if database == "PostgreSQL" else ""
    queue = REDIS if broker == "Redis" else ""

    with campaign(tmp_path, server=server, queue=queue, name=f"{database}, {broker}", each_s=EACH_S) as chaos:
        for _ in range(ROUNDS):
            for kind in chaos.targets:
                chaos.kill(kind)
        tally = settle(chaos)

    print(table(tally))
    assert (tally.lost, tally.twice) == (0, 0)
    assert tally.recovered_in_time, f"{tally.slowest:.0f} s on a machine {tally.slowed_down:.1f} times slower"


def settle(chaos: Campaign, *, within_s: float = SETTLES_S) -> Tally:
    """Enough traffic, all of it processed, and what it caused as well."""
    eventually(lambda: len(chaos.traffic.answered()) >= LEAST_DELIVERIES, within_s=600)
    with chaos.traffic.paused():
        chaos.traffic.chatwoot.wait_idle(30)
        eventually(chaos.nothing_is_open, within_s=within_s)
        return chaos.count()


def table(tally: Tally) -> str:
    lines = [
        f"\n{tally.name}: answered 2xx {tally.answered}, done {tally.done}, lost {tally.lost}, "
        f"effects twice {tally.twice}, slowest recovery {tally.slowest:.1f} s, clusters restarted {tally.restarts}"
    ]
    for kind, took in tally.kills.items():
        took = sorted(took)
        lines.append(
            f"  {kind:12} × {len(took):2}: recovered in {took[len(took) // 2]:.1f} s (median), {took[-1]:.1f} s (slowest)"
        )
    return "\n".join(lines)
