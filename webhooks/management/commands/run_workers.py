"""The site's background processes: one django-q2 cluster for each lane, the tick that wakes them, and the chores beside it."""

import os
import signal
import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, Error, connection
from django.utils import timezone

from webhooks import deliveries
from webhooks.alerts import alerts
from webhooks.database import deadline
from webhooks.models import WorkerHost
from webhooks.workers import clusters, drain
from webhooks.workers.clusters import Cluster
from webhooks.workers.drain import Chore

BEAT_S = 5
STOP_S = 7  # longer than a drain's slice, so that a clean stop lets the current row finish
TICK_DATABASE_S = 2.0
MOST_PAUSE_S = 1.0
LONG_OUTAGE_S = 3.0


class Command(BaseCommand):
    help = "Run the workers in the foreground until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping, self.failing_since, self.pause_s = False, 0.0, 0.0
        self.alerted_restarts = -1  # not known yet: an earlier run may have left an alert open
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.started_at = timezone.now()
        self.clusters = {lane: Cluster(lane, now=self.started_at) for lane in settings.LANES}
        lanes = ", ".join(f"{lane} × {count}" for lane, count in settings.LANES.items())
        self.stdout.write(f"Workers running: {lanes}.")
        try:
            self._start_chores()
            while not self.stopping:
                self._tick()
                time.sleep(settings.TICK_S + self.pause_s)
        finally:
            self._end()

    def _stop(self, *args: Any) -> None:
        self.stopping = True

    def _tick(self) -> None:
        try:
            for cluster in self.clusters.values():
                if cluster.ended() and cluster.may_start_again(at=time.monotonic()):
                    self._restart(cluster, f"exited unexpectedly ({cluster.process.returncode})")
            with deadline.within(TICK_DATABASE_S):
                overdue = drain.overdue_s()
                for lane in overdue:
                    drain.wake(lane)
                for lane, cluster in self.clusters.items():
                    self._check_cluster(cluster, overdue.get(lane, 0))
        except Exception as error:
            self._tick_failed(error)
        else:
            self._tick_succeeded()

    def _check_cluster(self, cluster: Cluster, overdue_s: float) -> None:
        waits = overdue_s > clusters.OVERDUE_S and not cluster.ended()
        works = cluster.has_beaten() or (waits and drain.is_working(cluster.lane))
        if cluster.watch.is_stalled(waits=waits, works=works, at=time.monotonic()):
            self._restart(cluster, f"stalled with rows due for {overdue_s:.0f} s")

    def _restart(self, cluster: Cluster, why: str) -> None:
        if self.stopping:
            return
        self.stderr.write(f"The cluster of lane {cluster.lane} {why}: restarting it.")
        cluster.restart(why, now=timezone.now())

    def _tick_failed(self, error: Exception) -> None:
        """Usually the database or the broker does not answer. Rows wait, and the tick slows down."""
        if not self.failing_since:
            self.failing_since = time.monotonic()
            self.stderr.write(f"The tick fails: {type(error).__name__}. It keeps retrying.")
        self.pause_s = min(max(self.pause_s * 2, settings.TICK_S), MOST_PAUSE_S)
        connection.close()

    def _tick_succeeded(self) -> None:
        if not self.failing_since:
            return
        took = time.monotonic() - self.failing_since
        self.stderr.write(f"The tick works again after {took:.0f} s.")
        for cluster in self.clusters.values():
            cluster.watch.monitoring_gap(long=took > LONG_OUTAGE_S)
        self.failing_since = self.pause_s = 0.0

    def _start_chores(self) -> None:
        """One thread each, so that a slow one delays neither the tick nor the others."""
        for chore in drain.CHORES:
            threading.Thread(target=self._repeat, args=[chore], name=chore.name, daemon=True).start()
        threading.Thread(target=self._beat_on, name="heartbeat", daemon=True).start()

    def _repeat(self, chore: Chore) -> None:
        while not self.stopping:
            if not drain.do(chore) or chore.every_s >= BEAT_S:
                connection.close()
            time.sleep(chore.every_s)

    def _beat_on(self) -> None:
        while not self.stopping:
            try:
                with deadline.each(drain.DATABASE_S):
                    self._beat()
                    self._alert()
            except Error:
                connection.close()
            time.sleep(BEAT_S)

    def _beat(self) -> None:
        WorkerHost.objects.update_or_create(
            host=socket.gethostname(),
            defaults={
                "pid": os.getpid(),
                "started_at": self.started_at,
                "beat_at": timezone.now(),
                "clusters": {lane: cluster.facts() for lane, cluster in self.clusters.items()},
            },
        )

    def _alert(self) -> None:
        """One alert for the host, open while one of its clusters is restarted again and again."""
        often = [c for c in self.clusters.values() if c.restarts_often(at=time.monotonic())]
        restarts = sum(cluster.restarts for cluster in often)
        if restarts == self.alerted_restarts:
            return
        key, now = f"cluster:{deliveries.host()}", timezone.now()
        if often:
            which = "; ".join(f"lane {cluster.lane} {cluster.why}" for cluster in often)
            text = f"Workers on {socket.gethostname()} keep restarting: {which}. See their log."
            alerts.open_("cluster", key=key, text=text, now=now)
        else:
            alerts.close(key, now=now)
        self.alerted_restarts = restarts

    def _end(self) -> None:
        """1. Drains release rows they have not started. 2. Clusters that take too long are killed. 3. Their rows are released."""
        self.stopping = True
        for cluster in self.clusters.values():
            cluster.ask_to_stop()
        deadline_at = time.monotonic() + STOP_S
        for cluster in self.clusters.values():
            cluster.stopped_within(max(0.1, deadline_at - time.monotonic()))
            cluster.kill()
        drain.do(drain.RECLAIM)
        try:
            WorkerHost.objects.filter(host=socket.gethostname(), pid=os.getpid()).delete()
        except DatabaseError:
            pass  # the heartbeat simply goes stale
