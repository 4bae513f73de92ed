"""Gives the receiver priority over workers for SQLite's single writer. Does nothing on PostgreSQL.

SQLite's own wait is not a queue: it polls every 100 ms or so, and a worker that writes row after row wins every time. So
the receiver, which cannot wait, announces that it waits, and workers give way between two rows.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from django.db import connection

MOST_S = 0.05  # a worker continues after this: a stream of webhooks must not stop it altogether
LOOK_S = 0.001


@contextlib.contextmanager
def priority() -> Iterator[None]:
    """Workers on this machine start no new write while it is held, for up to MOST_S."""
    with _opened() as file:
        if file is not None:
            fcntl.flock(file, fcntl.LOCK_SH)
        yield


def give_way() -> None:
    """Wait while a receiver holds priority."""
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
    """Opened each time because a lock belongs to the open file, and a web process has many threads. Closing unlocks."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not os.path.exists(
        name
    ):  # an in-memory database has only one process
        yield None
        return
    file = os.open(f"{name}-write-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield file
    finally:
        os.close(file)
