"""How long the database may take to answer, for callers that cannot wait: Chatwoot gives a webhook 5 s in all.

PostgreSQL's statement_timeout runs in the server: it does not end the wait for a server that hangs or a network that
is cut. webhooks/database/postgresql/ asks here how long each wait may be; SQLite waits only for locks.
"""

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction


@dataclass(frozen=True)
class Limit:
    each_s: float  # no single answer takes longer
    ends: float = float("inf")  # by time.monotonic()


_limit: ContextVar[Limit | None] = ContextVar("database_deadline", default=None)


def left() -> float | None:
    """Seconds the next answer may take; None without a limit."""
    limit = _limit.get()
    return None if limit is None else max(0.0, min(limit.each_s, limit.ends - time.monotonic()))


def over() -> bool:
    return left() == 0.0


@contextlib.contextmanager
def each(seconds: float) -> Iterator[None]:
    """No answer of the database takes longer than this."""
    token = _limit.set(Limit(each_s=seconds))
    try:
        _wait_for_locks(settings.SQLITE_TIMEOUT_S)
        yield
    finally:
        _limit.reset(token)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """All the database's answers together take no longer than this, waiting for SQLite's one writer included."""
    token = _limit.set(Limit(each_s=seconds, ends=time.monotonic() + seconds))
    try:
        if connection.vendor == "sqlite":
            connection.ensure_connection()
        _wait_for_locks(seconds)
        yield
    finally:
        _limit.reset(token)


def _wait_for_locks(seconds: float) -> None:
    """Sets SQLite's busy_timeout, which stays until changed: resetting it would cost the receiver two statements a request."""
    own = transaction.get_connection()
    if own.vendor != "sqlite" or own.connection is None:  # a new connection uses the timeout from settings
        return
    wanted = own.connection, round(seconds * 1000)
    if getattr(own, "waits_for_locks", None) != wanted:
        own.connection.execute(f"PRAGMA busy_timeout = {wanted[1]}")
        own.waits_for_locks = wanted
