"""SQLite's one writer, handed on in turn. On PostgreSQL there is nothing to hand on.

SQLite's own wait is no queue: it looks again after up to 100 ms, and a worker that writes row after row is faster every
time. So the receiver, which cannot wait, says that it waits, and a worker steps aside between two rows. Requests that one
process receives wait for each other here as well, which hands on sooner.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator

from django.db import OperationalError, connection

from . import deadline

MOST_S = 0.05  # a worker goes on after this: a stream of webhooks must not stop it altogether
LOOK_S = 0.001
_one = threading.Lock()  # of this process's threads: whoever waits for it is woken at once


@contextlib.contextmanager
def first() -> Iterator[None]:
    """One thread at a time in here; workers of this machine write nothing new, for MOST_S. Raises OperationalError where
    others are in here for as long as the database may take.
    """
    with _opened() as file:
        if file is None:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_SH)  # also while it waits for the other threads
        if not _one.acquire(timeout=deadline.left() or MOST_S):
            raise OperationalError("Others who receive write for too long.")
        try:
            yield
        finally:
            _one.release()


def step_aside() -> None:
    """Wait while somebody must be first."""
    with _opened() as file:
        ends = time.monotonic() + MOST_S
        while file is not None and time.monotonic() < ends:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                time.sleep(LOOK_S)


@contextlib.contextmanager
def _opened() -> Iterator[int | None]:
    """Opened anew each time: a lock belongs to what was opened, and a web process has many threads. Closing unlocks."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not os.path.exists(name):  # in memory there is one process alone
        yield None
        return
    file = os.open(f"{name}-turn", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield file
    finally:
        os.close(file)
