"""How soon a commit is on the disk.

What comes in is processed without waiting for it: after a power cut its effects and its DONE mark are gone together, the
row is due again, and the same is done once more. A commit that must last (a webhook's INSERT, a person's decision, a call
about to be made) waits, and takes with it everything committed before.
"""

import contextlib
from collections.abc import Iterator

from django.db import connection


@contextlib.contextmanager
def that_can_be_repeated() -> Iterator[None]:
    """This connection's commits may come to the disk a moment later. Nothing may leave this machine in here."""
    if connection.in_atomic_block:  # somebody else's transaction: theirs to decide
        yield
        return
    before = _relax()
    try:
        yield
    finally:
        with contextlib.suppress(
            Exception
        ):  # a connection that broke is closed, and the next one begins anew
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
