"""What run_workers does between its ticks: the outages it sits out, whom it tells, what its heartbeat says."""

import io
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from webhooks.management.commands import run_workers
from webhooks.models import Alert, WorkerHost
from webhooks.workers import drain
from webhooks.workers.clusters import Watch

pytestmark = pytest.mark.django_db


class Standing:
    """A cluster that does nothing by itself, and notes what is done to it."""

    lane, why = "in", "stalled"

    def __init__(self) -> None:
        self.watch, self.restarts, self.often, self.process = (
            Watch(up=True),
            0,
            False,
            SimpleNamespace(returncode=-9),
        )

    def ended(self) -> bool:
        return False

    def has_beaten(self) -> bool:
        return False

    def restart(self, why: str, *, now: Any) -> None:
        self.restarts += 1
        self.watch.restarted()

    def restarts_often(self, *, at: float) -> bool:
        return self.often

    def facts(self) -> dict[str, Any]:
        return {"restarts": self.restarts}


@pytest.fixture
def command(monkeypatch) -> run_workers.Command:
    command = run_workers.Command(stdout=io.StringIO(), stderr=io.StringIO())
    command.stopping, command.failing_since, command.pause_s, command.alerted_restarts = False, 0.0, 0.0, -1
    command.started_at, command.clusters = timezone.now(), {"in": Standing()}
    monkeypatch.setattr(drain, "wake", lambda lane: True)
    return command


def look_at(monkeypatch, *, seconds: list[float]) -> None:
    """The tick's clock, one reading a look."""
    readings = iter(seconds)
    monkeypatch.setattr(run_workers, "time", SimpleNamespace(monotonic=lambda: next(readings)))


def test_a_lane_that_stands_still_is_started_again(command, incoming, monkeypatch):
    monkeypatch.setattr(drain, "overdue_s", lambda: {"in": 60.0})

    for at in (0, 9):
        look_at(monkeypatch, seconds=[at])
        command._check_cluster(command.clusters["in"], 60.0)

    assert command.clusters["in"].restarts == 1


def test_a_lane_whose_row_runs_on_this_host_is_left_alone(command, incoming, monkeypatch):
    monkeypatch.setattr(drain, "is_working", lambda lane: True)

    for at in (0, 9, 99):
        look_at(monkeypatch, seconds=[at])
        command._check_cluster(command.clusters["in"], 60.0)

    assert command.clusters["in"].restarts == 0


def test_a_lane_that_keeps_up_is_left_alone(command, monkeypatch):
    for at in (0, 9, 99):
        look_at(monkeypatch, seconds=[at])
        command._check_cluster(command.clusters["in"], 2.9)

    assert command.clusters["in"].restarts == 0


def away() -> dict[str, float]:
    raise OperationalError("the connection is closed")


def test_a_tick_without_a_database_tries_again_within_two_seconds_however_long_it_is_away(
    command, monkeypatch
):
    monkeypatch.setattr(drain, "overdue_s", away)

    for _ in range(50):
        command._tick()

    assert command.pause_s + 0.2 <= 2


def test_an_outage_is_told_once_at_its_beginning_and_once_at_its_end(command, monkeypatch):
    monkeypatch.setattr(drain, "overdue_s", away)
    for _ in range(5):
        command._tick()
    monkeypatch.setattr(drain, "overdue_s", dict)
    for _ in range(5):
        command._tick()

    assert command.stderr.getvalue().count("\n") == 2
    assert command.pause_s == 0


def test_the_heartbeat_says_how_often_each_cluster_was_started_again(command):
    command.clusters["in"].restarts = 2

    command._beat()

    assert WorkerHost.objects.get().clusters == {"in": {"restarts": 2}}


def test_clusters_started_again_and_again_open_one_alert_until_they_live(command):
    cluster = command.clusters["in"]
    cluster.often, cluster.restarts = True, 3
    for _ in range(3):
        command._alert()
    assert Alert.objects.get(kind="cluster", closed_at=None).count == 1

    cluster.often = False
    command._alert()

    assert not Alert.objects.filter(closed_at=None).exists()


def test_a_heartbeat_finds_out_what_an_earlier_run_left_open(command):
    command.clusters["in"].often, command.clusters["in"].restarts = True, 3
    command._alert()
    command.clusters["in"].often, command.alerted_restarts = False, -1

    command._alert()

    assert not Alert.objects.filter(closed_at=None).exists()


def test_a_killed_cluster_is_started_again(command, monkeypatch):
    cluster = command.clusters["in"]
    monkeypatch.setattr(cluster, "ended", lambda: True)
    cluster.may_start_again = lambda *, at: at <= time.monotonic()

    command._tick()

    assert cluster.restarts == 1
