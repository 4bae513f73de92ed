"""One django-q2 cluster for each lane, as run_workers sees it: a group of processes, and whether it is stalled.

A worker that is killed while idle keeps the lock of its cluster's queue for ever (django-q2#23): all processes stay alive,
and nothing is drained any more.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from . import liveness

OVERDUE_S = 3  # a lane keeps up if its oldest row waits no longer than this
STALLED_S = 8
# Short, because django-q2's pusher sleeps for 10 s after an error of its broker: a restart is faster.
STALLED_AFTER_OUTAGE_S = 1
STARTING_S = 30
MOST_PATIENCE_S = 120
MOST_PAUSE_S = 15  # before restarting one that exits during start-up: the pause doubles each time
ORPHANS_S = 5
OFTEN, OFTEN_WITHIN_S = 3, 600  # restarts that raise an alert


@dataclass
class Watch:
    """Whether a lane is stalled: work waits and no process works. Each restart that does not help doubles the patience."""

    patience_s: float = STALLED_S
    since: float | None = None
    up: bool = False

    def is_stalled(self, *, waits: bool, works: bool, at: float) -> bool:
        if works:
            self.up, self.patience_s = True, STALLED_S
        if works or not waits:
            self.since = None
            return False
        self.since = at if self.since is None else self.since
        return at - self.since >= (self.patience_s if self.up else max(self.patience_s, STARTING_S))

    def restarted(self) -> None:
        self.patience_s, self.since, self.up = min(self.patience_s * 2, MOST_PATIENCE_S), None, False

    def monitoring_gap(self, *, long: bool) -> None:
        """The tick could not look for a while: earlier observations do not count."""
        self.since = None
        if long and self.up:
            self.patience_s = min(self.patience_s, STALLED_AFTER_OUTAGE_S)


class Cluster:
    def __init__(self, lane: str, *, now: datetime) -> None:
        self.lane, self.watch = lane, Watch()
        self.restarts, self.restarted_at, self.why = 0, "", ""
        self._stillborn = 0
        self._restarted: deque[float] = deque(maxlen=OFTEN)
        self._start(now)

    def _start(self, now: datetime) -> None:
        self.started_at, self._ended_at = now, 0.0
        self._line, theirs = socket.socketpair()
        self._line.setblocking(False)
        # Its own process group: Ctrl-C only reaches run_workers, and a cluster that does not stop is killed with its children.
        self.process = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_lane", self.lane],
            env=os.environ | {"Q_CLUSTER_NAME": self.lane, liveness.VARIABLE: str(theirs.fileno())},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()

    def restart(self, why: str, *, now: datetime) -> None:
        self.kill()
        self.restarts, self.restarted_at, self.why = self.restarts + 1, now.isoformat(), why
        self._restarted.append(time.monotonic())
        self.watch.restarted()
        self._start(now)

    def restarts_often(self, *, at: float) -> bool:
        return len(self._restarted) == OFTEN and at - self._restarted[0] < OFTEN_WITHIN_S

    def ended(self) -> bool:
        return self.process.poll() is not None

    def may_start_again(self, *, at: float) -> bool:
        """After its orphans have released their rows. A cluster that exits at once must not be restarted in a busy loop."""
        if not self._ended_at:
            self._ended_at = at
            self._stillborn = 0 if self.watch.up else self._stillborn + 1
            self._signal_group(signal.SIGTERM)
        pause = min(2.0 ** (self._stillborn - 2), MOST_PAUSE_S) if self._stillborn else 0
        gone = not self._signal_group(0) or at - self._ended_at > ORPHANS_S
        return gone and at - self._ended_at >= pause

    def has_beaten(self) -> bool:
        """Whether there was a heartbeat since the last call."""
        try:
            return bool(self._line.recv(65536))
        except OSError:
            return False

    def ask_to_stop(self) -> None:
        """Drains release rows they have not started; django-q2 exits once they have returned."""
        self._line.close()
        self.process.terminate()

    def stopped_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Kills the whole process group, since a killed cluster leaves its sentinel and workers behind."""
        self._line.close()
        self._signal_group(signal.SIGKILL)
        self.process.wait()

    def _signal_group(self, number: int) -> bool:
        """Whether the group has any process. Signal 0 only asks."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def facts(self) -> dict[str, str | int]:
        """What the host's heartbeat records about it."""
        return {
            "pid": self.process.pid,
            "started_at": self.started_at.isoformat(),
            "restarts": self.restarts,
            "restarted_at": self.restarted_at,
            "why": self.why,
        }
