"""Hosts that fell silent and clocks that are off. Workers look after each other; that none is left the web processes notice.

Where no worker runs nobody would carry the alert to people either: then the web process that noticed does.
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
FORGOTTEN = timedelta(days=1)  # a host that is silent for so long has been taken away
SPOOLED = timedelta(minutes=2)  # the database answers, and still a file lies there
EVERYBODY = "workers"


def check(*, now: datetime) -> None:
    """A chore of each host with workers."""
    _check_others(now=now)
    check_host(now=now)


def watch() -> None:
    """In each web process, once a minute: nobody waits for it, and a probe from outside need not be set up."""
    threading.Thread(target=_watch, name="hosts", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(LOOK_S)
        try:
            if not outage.is_known():
                with deadline.each(DATABASE_S):
                    check_workers(now=clock.now())
                    check_host(now=clock.now())
        except outage.NO_ANSWER:
            pass  # the spool's watch says that the database is away
        except Exception:
            logger.exception("hosts.watch_failed")
        finally:
            connection.close()


# Workers


def _check_others(*, now: datetime) -> None:
    minutes = rules.threshold("workers")
    WorkerHost.objects.filter(beat_at__lt=now - FORGOTTEN).delete()
    found = {}
    if minutes is not None:
        for row in WorkerHost.objects.filter(beat_at__lt=now - timedelta(minutes=minutes)):
            found[f"workers:{row.host}"] = (
                f"The workers of {row.host} have given no sign of life since {row.beat_at:%H:%M} UTC."
            )
    alerts.keep("workers", found, now=now)  # and so: not all are gone


def check_workers(*, now: datetime) -> None:
    """By a web process: there is nobody left to look."""
    minutes = rules.threshold("workers")
    if minutes is None or not _are_gone(now - timedelta(minutes=minutes)):
        return
    text = "No workers run: what arrives is kept, and nothing is processed or sent. Start them."
    alerts.watched("workers", key=EVERYBODY, text=text, now=now)
    while rows := deliveries.claim("slow", now=now, event=alerts.EVENT):
        deliveries.process(rows[0])


def _are_gone(since: datetime) -> bool:
    """Hosts that were stopped on purpose leave no row: then it is a trouble once something waits."""
    if WorkerHost.objects.filter(beat_at__gte=since).exists():
        return False
    waits = Delivery.objects.filter(next_attempt_at__lte=since).exclude(event=alerts.EVENT)
    return WorkerHost.objects.exists() or waits.exists()


# This host


def check_host(*, now: datetime) -> None:
    """Also a web host without workers looks after its own clock and disk."""
    host = socket.gethostname()
    ahead = (timezone.now() - clock.now()).total_seconds()
    _judge_clock(f"clock:{host}", f"The clock of {host}", "the database's", ahead, now=now)
    erasure_files.step(now=now)
    alerts.watched("spool", key=f"spool:{host}", text=_left_on_disk(host, now=timezone.now()), now=now)


def check_clock_of(source: Source, answered_at: datetime | None, *, now: datetime) -> None:
    """By the date of an answer that came this moment: against the database's clock, as each host's."""
    if answered_at is not None:
        ahead = (answered_at - clock.now()).total_seconds()
        _judge_clock(
            f"clock:chatwoot:{source.pk}", f"Chatwoot's clock ({source})", "ours", ahead, now=now, source=source
        )  # fmt: skip


def _judge_clock(
    key: str, whose: str, others: str, ahead_s: float, *, now: datetime, source: Source | None = None
) -> None:
    most, text = rules.threshold("clock"), ""
    if most is not None and abs(ahead_s) >= max(most, 1):
        text = f"{whose} is {formats.span(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} {others}."
    alerts.watched("clock", key=key, text=text, now=now, source=source)


def _left_on_disk(host: str, *, now: datetime) -> str:
    """What should have been imported by now: the database answers, else nobody could be told."""
    kept = spool.held()
    said = []
    if kept.oldest and now - kept.oldest > SPOOLED:
        said.append(
            f"{_webhooks(kept.files)} kept on its disk for {formats.span((now - kept.oldest).total_seconds())}"
        )
    if kept.bad:
        said.append(f"{_webhooks(kept.bad)} set aside there as unreadable (SPOOL_DIR/bad)")
    return f"{host}: {', and '.join(said)}, although the database answers." if said else ""


def _webhooks(count: int) -> str:
    return "1 webhook is" if count == 1 else f"{count:,} webhooks are"
