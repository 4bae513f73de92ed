"""When a lane stands still, and how often it is started again."""

import signal
import subprocess
import time

import pytest

from tests.factories import NOW
from webhooks.workers import clusters
from webhooks.workers.clusters import STALLED_AFTER_OUTAGE_S, STALLED_S, STARTING_S, Cluster, Watch


def look(watch: Watch, seconds: range, *, waits: bool = True, works: bool = False) -> list[int]:
    """The seconds at which it stalled."""
    return [at for at in seconds if watch.is_stalled(waits=waits, works=works, at=at)]


@pytest.fixture
def watch() -> Watch:
    return Watch(up=True)


def test_a_lane_with_work_and_nobody_at_it_stands_still(watch):
    assert look(watch, range(20))[0] == STALLED_S


def test_a_lane_with_nothing_to_do_never_stands_still(watch):
    assert look(watch, range(1000), waits=False) == []


def test_a_slow_row_is_work(watch):
    assert look(watch, range(1000), works=True) == []


def test_one_sign_of_life_starts_the_count_anew(watch):
    look(watch, range(STALLED_S))
    watch.is_stalled(waits=True, works=True, at=STALLED_S)

    assert look(watch, range(STALLED_S + 1, 40))[0] == STALLED_S + 1 + STALLED_S


def test_a_cluster_that_has_yet_to_start_has_longer():
    assert look(Watch(), range(100))[0] == STARTING_S


def test_restarts_that_do_not_help_come_ever_more_slowly(watch):
    for _ in range(3):
        watch.restarted()
    watch.up = True

    assert look(watch, range(200))[0] == STALLED_S * 2**3


def test_progress_makes_the_watch_as_keen_as_before(watch):
    watch.restarted()
    watch.is_stalled(waits=True, works=True, at=0)

    assert look(watch, range(1, 100))[0] == 1 + STALLED_S


def test_time_in_which_nobody_could_look_does_not_count(watch):
    look(watch, range(STALLED_S))
    watch.monitoring_gap(long=False)

    assert look(watch, range(100, 200))[0] == 100 + STALLED_S


def test_after_a_long_outage_it_is_noticed_sooner(watch):
    watch.monitoring_gap(long=True)

    assert look(watch, range(100))[0] == STALLED_AFTER_OUTAGE_S


@pytest.fixture
def cluster(monkeypatch):
    """A cluster of one process, which does nothing."""
    start = subprocess.Popen
    monkeypatch.setattr(
        clusters.subprocess, "Popen", lambda *args, **options: start(["sleep", "60"], start_new_session=True)
    )
    cluster = Cluster("in", now=NOW)
    yield cluster
    cluster.kill()


def end(cluster: Cluster) -> None:
    cluster.process.send_signal(signal.SIGKILL)
    cluster.process.wait()


def test_a_cluster_that_ends_after_it_was_up_may_start_at_once(cluster):
    for _ in range(3):
        cluster.watch.up = True
        end(cluster)

        assert cluster.may_start_again(at=7)
        cluster.restart("ended", now=NOW)


def test_a_cluster_that_never_comes_up_is_started_ever_more_slowly(cluster):
    waited = []
    for _ in range(5):
        end(cluster)
        waited.append(next(s / 2 for s in range(100) if cluster.may_start_again(at=1000 + s / 2)))
        cluster.restart("ended", now=NOW)

    assert waited == [0.5, 1, 2, 4, 8]


def test_restarts_are_counted_with_their_reason(cluster):
    cluster.restart("stalled", now=NOW)

    facts = cluster.facts()
    assert (facts["restarts"], facts["restarted_at"], facts["why"]) == (1, NOW.isoformat(), "stalled")
    assert facts["pid"] == cluster.process.pid


def test_a_cluster_started_again_three_times_in_ten_minutes_calls_a_person(cluster):
    often = []
    for _ in range(3):
        cluster.restart("stalled", now=NOW)
        often.append(cluster.restarts_often(at=time.monotonic()))

    assert often == [False, False, True]
    assert not cluster.restarts_often(at=time.monotonic() + 600)
