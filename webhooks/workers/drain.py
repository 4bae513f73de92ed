"""What runs in the background: drains inside django-q2 tasks, what wakes them, and the chores beside them.

django-q2 may lose, double or delay a task and nothing breaks: a drain takes whatever rows are due.
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
from django.utils.module_loading import import_string
from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task

from .. import deliveries
from ..database import clock, deadline, durability, outage, sqlite_write_lock
from ..models import Delivery
from ..receiver import spool
from . import liveness

logger = logging.getLogger(__name__)
# No single answer of the database takes a worker longer; a server that hangs must not hold a lane until a person comes.
DATABASE_S = 15


@dataclass(frozen=True)
class Chore:
    name: str
    path: str  # called with the time as `now`
    every_s: float


RECLAIM = Chore("rows of workers that died", "webhooks.workers.drain.reclaim", 1)
CHORES = [
    RECLAIM,
    Chore("webhooks kept on disk", "webhooks.workers.drain.import_spool", 1),
    Chore("upstreams that rest", "webhooks.deliveries.circuits.ping", 5),
    Chore("replays under way", "webhooks.deliveries.replay_runs.step", 1),
    Chore("what was missed", "webhooks.reconcile.runs.step", 5),
    Chore("webhooks as Chatwoot has them", "webhooks.sources.drift.check", 120),
    Chore("troubles of the wire", "webhooks.workers.monitors.check", 15),
    Chore("hosts and their clocks", "webhooks.workers.host_monitor.check", 30),
    Chore("silence", "webhooks.sources.silence.check", 60),
    Chore("secrets that match no more", "webhooks.sources.sources.check_secrets", 60),
    Chore("what is old enough to go", "webhooks.privacy.prune.step", 5),
    *(Chore(*one) for one in settings.CHORES),
]
_troubles: dict[str, str] = {}


def drain(lane: str, slice_s: float | None = None) -> int:
    """Process due rows of a lane until none is due, the slice ends or a stop is wanted. Returns how many were tried."""
    ends = time.monotonic() + (settings.SLICE_S if slice_s is None else slice_s)
    tried = 0
    with _until_stopped() as stopped, deadline.each(DATABASE_S):

        def over() -> bool:
            return stopped() or time.monotonic() >= ends

        try:
            # What comes in touches our database alone.
            with durability.that_can_be_repeated() if lane == "in" else contextlib.nullcontext():
                while not over():
                    liveness.beat()
                    batch = deliveries.claim(lane, now=clock.now())
                    if not batch:
                        break
                    tried += _work_off(batch, over)
        except outage.NO_ANSWER as error:
            # What it holds cannot be known now. With its process gone those rows come back as soon as the database does.
            logger.warning("drain.database_away", extra={"lane": lane, "error": type(error).__name__})
            raise SystemExit(1) from error
    return tried


def _work_off(batch: list[Delivery], over: Callable[[], bool]) -> int:
    """A row started late could outlive its lease: what is left over at the end goes back, whatever ended it."""
    left = deque(batch)
    try:
        while left and not over():
            sqlite_write_lock.step_aside()
            deliveries.process(left.popleft())
            liveness.beat()
        return len(batch) - len(left)
    finally:
        for row in left:
            deliveries.release(row, at=clock.now())


@contextlib.contextmanager
def _until_stopped() -> Iterator[Callable[[], bool]]:
    """Whether a stop is wanted: by run_workers, or by a SIGTERM, which then ends the process after the row at hand."""
    if threading.current_thread() is not threading.main_thread():
        yield liveness.is_cut
        return
    terms: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: terms.append(number))
    try:
        yield lambda: bool(terms) or liveness.is_cut()
    finally:
        signal.signal(signal.SIGTERM, before)
        if terms:
            signal.raise_signal(signal.SIGTERM)


def drain_all() -> int:
    """The one-minute fallback under a plain qcluster: the chores, then every lane, one after the other."""
    for chore in CHORES:
        do(chore)
    return sum(drain(lane) for lane in settings.LANES)


def do(chore: Chore) -> bool:
    """Whether it could be done. One that fails stops neither the tick nor the others."""
    try:
        with deadline.each(DATABASE_S):
            import_string(chore.path)(now=clock.now())
    except (outage.DatabaseUnavailable, *outage.NO_ANSWER):
        return False  # the tick says that the database is away
    except Exception as error:
        if _troubles.get(chore.name) != repr(error):  # once, not once a second
            logger.exception("chore.failed", extra={"chore": chore.name})
        _troubles[chore.name] = repr(error)
        return False
    _troubles.pop(chore.name, None)
    return True


def reclaim(*, now: datetime) -> int:
    """Rows of this host's killed workers, at once instead of at the end of their lease."""
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
        return True  # no Linux, or gone just now: the next look tells
    return state not in "ZX"  # killed, and its parent has not looked yet


def import_spool(*, now: datetime) -> int:
    outage.ping()
    clock.learn()
    return spool.import_waiting()


def overdue_s() -> dict[str, float]:
    """For each lane in which a row is due, how long its oldest waits: one probe of the claim's index a lane."""
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
    """Whether a row of the lane is being run on this host. Through the claim's index: a lease ends soon."""
    return Delivery.objects.filter(
        lane=lane, next_attempt_at__gt=clock.now(), running_on__startswith=f"{deliveries.host()}:"
    ).exists()


def wake(lane: str) -> bool:
    """Enqueue one drain, unless as many wait already as there are workers for the lane."""
    broker = _broker(lane)
    if broker.queue_size() >= settings.LANES[lane]:
        return False
    async_task("webhooks.workers.drain.drain", lane, cluster=lane, broker=broker)
    return True


@functools.cache
def _broker(lane: str) -> Broker:
    """One connection a lane: Redis' would be opened anew five times a second."""
    return get_broker(lane)
