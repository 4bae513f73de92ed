"""How soon a commit is on disk.

Incoming events are processed without waiting for the disk: after a power cut their effects and their DONE status are lost
together, so the row is due again and the work is repeated. A commit that must last (a webhook's INSERT, a person's
decision, a call about to be made) waits for the disk, which also secures everything committed before it.
"""

import contextlib
from collections.abc import Iterator

from django.db import connection


@contextlib.contextmanager
def relaxed() -> Iterator[None]:
    """Within it, this connection's commits may reach the disk a moment later. Never make an outside call in here."""
    if connection.in_atomic_block:  # the caller's transaction: the caller decides
        yield
        return
    before = _relax()
    try:
        yield
    finally:
        with contextlib.suppress(
            Exception
        ):  # a broken connection is closed, and the next one starts with the default
            _restore(before)


def _relax() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET synchronous_commit = off")
            return 0
        before = cursor.execute("PRAGMA synchronous").fetchone()[0]
        cursor.execute("PRAGMA synchronous = NORMAL")
        return before


def _restore(before: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("RESET synchronous_commit")
        else:
            cursor.execute(f"PRAGMA synchronous = {before}")
