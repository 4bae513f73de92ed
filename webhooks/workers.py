"""What runs in the background: drains inside django-q2 tasks, and the tick that wakes them.

django-q2 may lose, double or delay a task and nothing breaks: a drain takes whatever rows are due.
"""

import logging
import time

from django.conf import settings
from django_q.brokers import get_broker
from django_q.tasks import async_task

from . import clock, inbox
from .models import Delivery

logger = logging.getLogger(__name__)


def drain(lane: str, slice_s: float | None = None) -> int:
    """Process due rows of a lane until none is due or the slice ends. Returns how many were tried."""
    ends = time.monotonic() + (settings.SLICE_S if slice_s is None else slice_s)
    tried = 0
    while time.monotonic() < ends:
        batch = inbox.claim(lane, now=clock.now())
        if not batch:
            break
        for row in batch:
            # A row started late could outlive its lease; the slice is far shorter than a lease's margin.
            if time.monotonic() >= ends:
                inbox.release(row, now=clock.now())
                continue
            inbox.process(row)
            tried += 1
    return tried


def drain_all() -> int:
    """The one-minute fallback under a plain qcluster: every lane, one after the other."""
    return sum(drain(lane) for lane in settings.LANES)


def lanes_due() -> list[str]:
    """The lanes in which a row is due now: one probe of the claim's index for each."""
    now = clock.now()
    return [
        lane
        for lane in settings.LANES
        if Delivery.objects.filter(lane=lane, next_attempt_at__lte=now).exists()
    ]


def wake(lane: str) -> bool:
    """Enqueue one drain, unless as many wait already as there are workers for the lane."""
    broker = get_broker(lane)
    if broker.queue_size() >= settings.LANES[lane]:
        return False
    async_task("webhooks.workers.drain", lane, cluster=lane, broker=broker)
    return True
