"""One django-q2 cluster a lane as run_workers sees it: a group of processes, and whether it stands still.

A worker that is killed while idle takes the lock of its cluster's queue with it (django-q2#23): every process goes on
living, and nothing is drained any more.
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

OVERDUE_S = 3  # a lane keeps up as long as its oldest row waits no longer
STILL_S = 8
STILL_AFTER_OUTAGE_S = (
    1  # longer, and django-q2's pusher sleeps on: it takes 10 s after an error of its broker
)
STARTING_S = 30
MOST_PATIENCE_S = 120
MOST_PAUSE_S = 15  # for one that ends before it is up: it is started again later each time
ORPHANS_S = 5
OFTEN, OFTEN_WITHIN_S = 3, 600  # a person should hear of it


@dataclass
class Watch:
    """Whether a lane stands still: work waits, nobody works. Each restart that did not help doubles the patience."""

    patience_s: float = STILL_S
    since: float | None = None
    up: bool = False

    def stands_still(self, *, waits: bool, works: bool, at: float) -> bool:
        if works:
            self.up, self.patience_s = True, STILL_S
        if works or not waits:
            self.since = None
            return False
        self.since = at if self.since is None else self.since
        return at - self.since >= (self.patience_s if self.up else max(self.patience_s, STARTING_S))

    def restarted(self) -> None:
        self.patience_s, self.since, self.up = min(self.patience_s * 2, MOST_PATIENCE_S), None, False

    def looked_away(self, *, long: bool) -> None:
        """Nobody could look: what was seen before does not count."""
        self.since = None
        if long and self.up:
            self.patience_s = min(self.patience_s, STILL_AFTER_OUTAGE_S)


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
        # Its own process group: a Ctrl-C reaches us alone, and what does not stop in time is killed with its children.
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
        """Once those it left behind have given back their rows; one that cannot live must not keep the machine busy."""
        if not self._ended_at:
            self._ended_at = at
            self._stillborn = 0 if self.watch.up else self._stillborn + 1
            self._signal_group(signal.SIGTERM)
        pause = min(2.0 ** (self._stillborn - 2), MOST_PAUSE_S) if self._stillborn else 0
        gone = not self._signal_group(0) or at - self._ended_at > ORPHANS_S
        return gone and at - self._ended_at >= pause

    def heard(self) -> bool:
        """A sign of life since the last time somebody asked."""
        try:
            return bool(self._line.recv(65536))
        except OSError:
            return False

    def ask_to_stop(self) -> None:
        """Drains give back what they have not started; django-q2 ends once they have returned."""
        self._line.close()
        self.process.terminate()

    def stopped_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """A cluster that was killed leaves its sentinel and workers behind; they share its process group."""
        self._line.close()
        self._signal_group(signal.SIGKILL)
        self.process.wait()

    def _signal_group(self, number: int) -> bool:
        """Whether anybody of the group was there; 0 only asks."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def facts(self) -> dict[str, str | int]:
        """What the heartbeat says of it."""
        return {
            "pid": self.process.pid,
            "started_at": self.started_at.isoformat(),
            "restarts": self.restarts,
            "restarted_at": self.restarted_at,
            "why": self.why,
        }
