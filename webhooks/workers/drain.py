"""What runs in the background: drains inside django-q2 tasks, the function that wakes them, and periodic chores.

django-q2 may lose, repeat or delay a task without harm, because a drain takes whatever rows are due.
"""

import contextlib
import functools
import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import Error
from django.utils.module_loading import import_string
from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task

from .. import deliveries
from ..database import clock, deadline, durability, outage, sqlite_write_lock
from ..models import Delivery
from ..receiver import spool_import
from . import liveness

logger = logging.getLogger(__name__)
# The longest a worker waits for one answer of the database: a server that hangs must not block a lane for ever.
DATABASE_S = 15


@dataclass(frozen=True)
class Chore:
    name: str
    path: str  # called with the time as `now`
    every_s: float


RECLAIM = Chore("rows of workers that died", "webhooks.workers.drain.reclaim", 1)
CHORES = [
    RECLAIM,
    Chore("webhooks stored on disk", "webhooks.workers.drain.import_spool", 1),
    Chore("open circuits", "webhooks.deliveries.circuits.ping", 5),
    Chore("replays in progress", "webhooks.deliveries.replay_runs.step", 1),
    Chore("reconciliation", "webhooks.reconcile.runs.step", 5),
    Chore("webhook settings in Chatwoot", "webhooks.sources.drift.check", 120),
    Chore("versions of Chatwoot", "webhooks.sources.versions.check", 600),
    Chore("late, failed and held deliveries", "webhooks.workers.monitors.check", 15),
    Chore("samples for the Health page", "webhooks.workers.health_samples.take", 10),
    Chore("hosts and clocks", "webhooks.workers.host_monitor.check", 30),
    Chore("silence", "webhooks.sources.silence.check", 60),
    Chore("secrets that no longer match", "webhooks.sources.sources.check_secrets", 60),
    Chore("retention", "webhooks.privacy.prune.step", 5),
    *(Chore(*one) for one in settings.CHORES),
]
_last_errors: dict[str, str] = {}


def drain(lane: str, slice_s: float | None = None) -> int:
    """Process due rows of a lane until none is due, the slice ends or a stop is requested. Returns how many were tried."""
    ends = time.monotonic() + (settings.SLICE_S if slice_s is None else slice_s)
    tried = 0
    with _until_stopped() as stopped, deadline.each(DATABASE_S):

        def over() -> bool:
            return stopped() or time.monotonic() >= ends

        try:
            # Incoming events only change our own database, so they can be repeated after a power cut.
            with durability.relaxed() if lane == "in" else contextlib.nullcontext():
                while not over():
                    liveness.beat()
                    batch = deliveries.claim(lane, now=clock.now())
                    if not batch:
                        break
                    tried += _process_batch(batch, over)
        except Error as error:
            if not outage.is_one(error):
                raise
            # The state of claimed rows is unknown now. Once this process has exited, they are reclaimed when it is back.
            logger.warning("drain.database_away", extra={"lane": lane, "error": type(error).__name__})
            raise SystemExit(1) from error
    return tried


def _process_batch(batch: list[Delivery], over: Callable[[], bool]) -> int:
    """A row started late could outlive its lease, so rows that are left at the end are released, whatever ended it."""
    left = deque(batch)
    try:
        while left and not over():
            sqlite_write_lock.give_way()
            deliveries.process(left.popleft())
            liveness.beat()
        return len(batch) - len(left)
    finally:
        for row in left:
            deliveries.release(row, at=clock.now())


@contextlib.contextmanager
def _until_stopped() -> Iterator[Callable[[], bool]]:
    """Whether a stop is requested: by run_workers, or by SIGTERM, which then ends the process after the current row."""
    if threading.current_thread() is not threading.main_thread():
        yield liveness.is_closed
        return
    terms: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: terms.append(number))
    try:
        yield lambda: bool(terms) or liveness.is_closed()
    finally:
        signal.signal(signal.SIGTERM, before)
        if terms:
            signal.raise_signal(signal.SIGTERM)


def drain_all() -> int:
    """The once-a-minute fallback under a plain qcluster: the chores, then every lane, one after another."""
    for chore in CHORES:
        do(chore)
    return sum(drain(lane) for lane in settings.LANES)


def do(chore: Chore) -> bool:
    """Whether it succeeded. A chore that fails stops neither the tick nor the others."""
    try:
        with deadline.each(DATABASE_S):
            import_string(chore.path)(now=clock.now())
    except Exception as error:
        if outage.is_one(error):
            return False  # the tick already reports the outage
        if _last_errors.get(chore.name) != repr(error):  # logged once, not every second
            logger.exception("chore.failed", extra={"chore": chore.name})
        _last_errors[chore.name] = repr(error)
        return False
    _last_errors.pop(chore.name, None)
    return True


def reclaim(*, now: datetime) -> int:
    """Releases rows of this host's killed workers at once, instead of at the end of their lease."""
    return deliveries.reclaim_from_the_dead(host=deliveries.host(), alive=is_alive, now=now)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True  # not Linux, or it has just exited: the next check will tell
    return state not in "ZX"  # a zombie: killed, and its parent has not collected it yet


def import_spool(*, now: datetime) -> int:
    outage.ping()
    clock.measure_offset()
    return spool_import.import_waiting()


def overdue_s() -> dict[str, float]:
    """For each lane with a due row, how long the oldest has waited. One look-up in the claim's index for each lane."""
    now = clock.now()
    oldest = {
        lane: Delivery.objects.filter(lane=lane, next_attempt_at__lte=now)
        .order_by("next_attempt_at")
        .values_list("next_attempt_at", flat=True)
        .first()
        for lane in settings.LANES
    }
    return {lane: (now - at).total_seconds() for lane, at in oldest.items() if at}


def is_working(lane: str) -> bool:
    """Whether a row of the lane is running on this host. Served by the claim's index, since leases end soon."""
    return Delivery.objects.filter(
        lane=lane, next_attempt_at__gt=clock.now(), running_on__startswith=f"{deliveries.host()}:"
    ).exists()


def wake(lane: str) -> bool:
    """Enqueue one drain, unless as many are already waiting as the lane has workers."""
    broker = _broker(lane)
    if broker.queue_size() >= settings.LANES[lane]:
        return False
    async_task("webhooks.workers.drain.drain", lane, cluster=lane, broker=broker)
    return True


@functools.cache
def _broker(lane: str) -> Broker:
    """One broker for each lane: a Redis connection would otherwise be opened five times a second."""
    return get_broker(lane)
