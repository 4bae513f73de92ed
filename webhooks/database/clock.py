"""The clock that all workers share: the database's, since the clocks of hosts differ.

It is read once a second. In between, this machine's monotonic clock continues it, so that a batch of rows costs no queries.
"""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

FRESH_S = 1.0
_offset: timedelta | None = None  # this machine's clock minus the database's, when last measured
_read: tuple[datetime, float] | None = None  # the database's time, and time.monotonic() when it was read


def now() -> datetime:
    global _read
    if connection.vendor != "postgresql":
        return timezone.now()
    read = _read
    if read is None or time.monotonic() - read[1] > FRESH_S:
        read = _read = _ask(), time.monotonic()
    return read[0] + timedelta(seconds=time.monotonic() - read[1])


def measure_offset() -> timedelta:
    """Called in each web process once a second: how far this machine's clock is ahead of the database's."""
    global _offset
    _offset = timezone.now() - now() if connection.vendor == "postgresql" else timedelta(0)
    return _offset


def to_database_time(at: datetime) -> datetime:
    """A time of this machine's clock as the database's clock. Only the first call in a process needs a query."""
    return at - (measure_offset() if _offset is None else _offset)


def _ask() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
