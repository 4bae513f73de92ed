"""A night in which everything fails that can: what is there in the morning, after reconciling, is all of it, once.

CHAOS_FULL=1 makes it last ten minutes; the short form meets each kind of trouble once.
"""

import os
import time
from datetime import UTC, datetime

import pytest

from tests.bench.night import Night, night
from tests.bench.test_chaos_kill import settle, table
from tests.site import need_postgres, need_redis
from webhooks.simulator.faults import KINDS

pytestmark = pytest.mark.slow
FULL = os.environ.get("CHAOS_FULL") == "1"
LASTS_S, AWAY_S, EACH_S = (600, 10, 0.8) if FULL else (0, 2, 0.5)
# A reply whose answer said nothing is looked up for two minutes before it is sent again.
SETTLES_S = 600 if FULL else 120


def test_after_a_bad_night_nothing_is_missing_and_nothing_is_there_twice(tmp_path):
    need_postgres()
    need_redis()
    began = datetime.now(UTC)
    ends = time.monotonic() + LASTS_S

    with night(tmp_path, each_s=EACH_S) as chaos:
        once_more = True
        while once_more:
            suffer(chaos)
            once_more = time.monotonic() < ends
        chaos.traffic.chatwoot.world.faults.clear()
        tally = settle(chaos, within_s=SETTLES_S)
        with chaos.traffic.paused():
            result = chaos.compare(chaos.reconcile(began.isoformat()))

    print(table(tally), result, sep="\n")
    assert (tally.lost, tally.twice, result.twice) == (0, 0, 0)
    assert (result.missing, result.differing) == (0, 0)
    assert result.found, "webhooks were lost for certain"
    assert tally.recovered_in_time, f"{tally.slowest:.0f} s on a machine {tally.slowed_down:.1f} times slower"


def suffer(chaos: Night) -> None:
    """Each kind of trouble once; the short form leaves out what other tests meet."""
    for kind in chaos.targets if FULL else ("busy worker", "cluster", "web"):
        chaos.kill(kind)
    for mode in ("refuse", "hang") if FULL else ("refuse",):
        chaos.cut("database", mode, seconds=AWAY_S)
        chaos.cut("broker", mode, seconds=AWAY_S)
    for kind in KINDS if FULL else ("drop_after", "rate_limit"):
        chaos.spoil_api(kind, times=2)
    chaos.fill_spool()
    chaos.nobody_home(seconds=AWAY_S)
    if FULL:
        chaos.set_clock_ahead(seconds=AWAY_S)
