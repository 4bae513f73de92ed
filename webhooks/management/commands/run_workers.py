"""The background half of the site: one django-q2 cluster a lane, and the tick that wakes them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from webhooks import workers
from webhooks.models import WorkerHost

BEAT_S = 5
STOP_S = 7  # longer than a drain's slice, so that a clean stop lets the row at hand finish


class Command(BaseCommand):
    help = "Run the workers in the foreground until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        started = timezone.now()
        clusters = {lane: self._start(lane) for lane in settings.LANES}
        self.stdout.write(
            f"Workers run: {', '.join(f'{lane} × {count}' for lane, count in settings.LANES.items())}."
        )
        beat = 0.0
        try:
            while not self.stopping:
                try:
                    if time.monotonic() - beat >= BEAT_S:
                        beat = time.monotonic()
                        self._beat(started)
                    for lane in workers.lanes_due():
                        workers.wake(lane)
                except Exception as error:  # the database or the broker is away: the rows wait, and so do we
                    self.stderr.write(f"The tick could not look: {type(error).__name__}.")
                    close_old_connections()
                    time.sleep(1)
                for lane, child in clusters.items():
                    if child.poll() is not None and not self.stopping:
                        self.stderr.write(
                            f"The cluster of lane {lane} ended ({child.returncode}): starting it again."
                        )
                        _kill_group(child)
                        clusters[lane] = self._start(lane)
                time.sleep(settings.TICK_S)
        finally:
            self._end(list(clusters.values()))

    def _start(self, lane: str) -> subprocess.Popen:
        # Its own process group: a Ctrl-C reaches us alone, and what does not stop in time is killed with its children.
        return subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"],
            env=os.environ | {"Q_CLUSTER_NAME": lane},
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def _stop(self, *args: Any) -> None:
        self.stopping = True

    def _beat(self, started: Any) -> None:
        host = socket.gethostname()
        now = timezone.now()
        WorkerHost.objects.update_or_create(
            host=host, defaults={"pid": os.getpid(), "started_at": started, "beat_at": now}
        )

    def _end(self, clusters: list[subprocess.Popen]) -> None:
        for child in clusters:
            child.terminate()
        deadline = time.monotonic() + STOP_S
        for child in clusters:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(child)
                child.wait()
        try:
            WorkerHost.objects.filter(host=socket.gethostname(), pid=os.getpid()).delete()
        except DatabaseError:
            pass  # the heartbeat grows old by itself


def _kill_group(child: subprocess.Popen) -> None:
    """A cluster that was killed leaves its sentinel and workers behind; they share its process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    """Linux: when this command is killed outright, its clusters get a SIGTERM instead of living on without a tick."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
