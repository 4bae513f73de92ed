"""SQLite's one writer, handed on in turn. On PostgreSQL there is nothing to hand on.

SQLite's own wait is no queue: it looks again after up to 100 ms, and a worker that writes row after row is faster every
time. So the receiver, which cannot wait, says that it waits, and a worker steps aside between two rows.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from django.db import connection

MOST_S = 0.05  # a worker goes on after this: a stream of webhooks must not stop it altogether
LOOK_S = 0.001


@contextlib.contextmanager
def first() -> Iterator[None]:
    """Workers of this machine write nothing new in here, for MOST_S."""
    with _opened() as file:
        if file is not None:
            fcntl.flock(file, fcntl.LOCK_SH)
        yield


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
