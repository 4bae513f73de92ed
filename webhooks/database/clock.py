"""The one clock workers agree on: the database's, since hosts' clocks differ.

It is asked once a second and goes on by this machine's steady clock: a batch of rows need not ask twice a row.
"""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

FRESH_S = 1.0
_ahead: timedelta | None = None  # of this machine's clock before the database's, when it was last asked
_read: tuple[datetime, float] | None = None  # what the database said, and time.monotonic() then


def now() -> datetime:
    global _read
    if connection.vendor != "postgresql":
        return timezone.now()
    read = _read
    if read is None or time.monotonic() - read[1] > FRESH_S:
        read = _read = _ask(), time.monotonic()
    return read[0] + timedelta(seconds=time.monotonic() - read[1])


def learn() -> timedelta:
    """In each web process once a second: how far this machine's clock is off."""
    global _ahead
    _ahead = timezone.now() - now() if connection.vendor == "postgresql" else timedelta(0)
    return _ahead


def agreed(at: datetime) -> datetime:
    """A moment of this machine's as the database would have told it, asking only for a process's first one."""
    return at - (learn() if _ahead is None else _ahead)


def _ask() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
