"""Alerts for hosts without a heartbeat and clocks that are off. Workers monitor each other; web processes notice if none is left.

If no worker runs, none can send the alert's notification either, so the web process that noticed sends it.
"""

import logging
import socket
import threading
import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from .. import deliveries
from ..alerts import alerts, rules
from ..database import clock, deadline, outage
from ..display import formats
from ..models import Delivery, Source, WorkerHost
from ..privacy import erasure_files
from ..receiver import spool

logger = logging.getLogger(__name__)
LOOK_S = 60
DATABASE_S = 10
REMOVED = timedelta(days=1)  # a host without a heartbeat for this long has been removed
SPOOLED_TOO_LONG = timedelta(minutes=2)  # for a file, while the database answers
ALL_WORKERS = "workers"  # the alert's key when none is left


def check(*, now: datetime) -> None:
    """A chore of each host with workers."""
    _check_others(now=now)
    check_host(now=now)


def watch() -> None:
    """In each web process, once a minute, so that it works without an external probe."""
    threading.Thread(target=_watch, name="hosts", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(LOOK_S)
        try:
            if not outage.is_known():
                with deadline.each(DATABASE_S):
                    check_workers(now=clock.now())
                    check_host(now=clock.now())
        except Exception as error:
            if not outage.is_one(error):  # the spool's thread already reports the outage
                logger.exception("hosts.watch_failed")
        finally:
            connection.close()


# Workers


def _check_others(*, now: datetime) -> None:
    minutes = rules.threshold("workers")
    WorkerHost.objects.filter(beat_at__lt=now - REMOVED).delete()
    found = {}
    if minutes is not None:
        for row in WorkerHost.objects.filter(beat_at__lt=now - timedelta(minutes=minutes)):
            found[f"workers:{row.host}"] = (
                f"The workers on {row.host} have sent no heartbeat since {row.beat_at:%H:%M} UTC."
            )
    alerts.sync(
        "workers", found, now=now
    )  # this process is a worker, so the alert for all workers is closed too


def check_workers(*, now: datetime) -> None:
    """By a web process, since no worker is left to do it."""
    minutes = rules.threshold("workers")
    if minutes is None or not _are_gone(now - timedelta(minutes=minutes)):
        return
    text = (
        "No workers are running: webhooks are received, but nothing is processed or sent. Start the workers."
    )
    alerts.update("workers", key=ALL_WORKERS, text=text, now=now)
    while rows := deliveries.claim("slow", now=now, event=alerts.EVENT):
        deliveries.process(rows[0])


def _are_gone(since: datetime) -> bool:
    """Hosts that were stopped on purpose leave no row. Then it is only a problem once a delivery waits."""
    if WorkerHost.objects.filter(beat_at__gte=since).exists():
        return False
    waits = Delivery.objects.filter(next_attempt_at__lte=since).exclude(event=alerts.EVENT)
    return WorkerHost.objects.exists() or waits.exists()


# This host


def check_host(*, now: datetime) -> None:
    """A web host without workers checks its own clock and disk too."""
    host = socket.gethostname()
    ahead = (timezone.now() - clock.now()).total_seconds()
    _check_clock(f"clock:{host}", f"The clock of {host}", "the database's", ahead, now=now)
    erasure_files.step(now=now)
    alerts.update("spool", key=f"spool:{host}", text=_left_on_disk(host, now=timezone.now()), now=now)


def check_clock_of(source: Source, answered_at: datetime | None, *, now: datetime) -> None:
    """Compares the date of a response that has just arrived with the database's clock, as for each host."""
    if answered_at is not None:
        ahead = (answered_at - clock.now()).total_seconds()
        _check_clock(
            f"clock:chatwoot:{source.pk}", f"Chatwoot's clock ({source})", "this site's", ahead, now=now, source=source
        )  # fmt: skip


def _check_clock(
    key: str, whose: str, others: str, ahead_s: float, *, now: datetime, source: Source | None = None
) -> None:
    most, text = rules.threshold("clock"), ""
    if most is not None and abs(ahead_s) >= max(most, 1):
        text = f"{whose} is {formats.span(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} {others}."
    alerts.update("clock", key=key, text=text, now=now, source=source)


def _left_on_disk(host: str, *, now: datetime) -> str:
    """Files that should have been imported by now, since the database answers."""
    spooled = spool.held()
    parts = []
    if spooled.oldest and now - spooled.oldest > SPOOLED_TOO_LONG:
        parts.append(
            f"{_webhooks(spooled.files)} stored on its disk for {formats.span((now - spooled.oldest).total_seconds())}"
        )
    if spooled.bad:
        parts.append(f"{_webhooks(spooled.bad)} set aside there as unreadable (SPOOL_DIR/bad)")
    return f"{host}: {', and '.join(parts)}, although the database answers." if parts else ""


def _webhooks(count: int) -> str:
    return "1 webhook has been" if count == 1 else f"{count:,} webhooks have been"
