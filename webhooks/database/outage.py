"""Whether the database is unavailable, as far as this process knows, so that not every request waits to find out.

Callers that cannot wait go through `ask`. The first to find the database unavailable informs the others, which then do
without it at once; every PROBE_S seconds one of them tries again. A database that hangs counts as down. One that reads but
takes no write in time (SQLite has another writer, or a migration holds the table) is busy: only writes do without it.
"""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.conf import settings
from django.db import Error, InterfaceError, InternalError, OperationalError, connection

from . import deadline, sqlite_write_lock

logger = logging.getLogger(__name__)
PROBE_S = 2.0
BUSY_S = 1.0  # for this long after a failed write, no more than PATIENT writers wait at once
PATIENT = 4  # of a process's eight threads: one long body does not block the others
READ_S = 0.5  # the whole answer to a webhook must stay well under Chatwoot's 5 s
NO_ANSWER = (OperationalError, InterfaceError, InternalError)  # the last by a standby, which takes no writes
# Drivers raise these classes for statements that are wrong, too: "no such table" is SQLite's OperationalError. The driver's own
# code tells them apart. SQLite: https://sqlite.org/rescode.html, primary codes.
FAULTS_OF_OURS = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE)
# PostgreSQL, appendix A of its manual: connections, passwords, deadlocks, resources, operators, the host and its settings; of the
# mixed classes only read-only, two time limits and a lock that was not available.
AWAY_STATES = ("08", "28", "40", "53", "57", "58", "F0", "25006", "25P03", "25P04", "55P03")
T = TypeVar("T")


class DatabaseUnavailable(Exception):
    """The database does not answer in time, or cannot accept the statement now."""


class Busy(DatabaseUnavailable):
    """It answers but did not take this write in time. Only a caller that cannot wait is affected."""


def is_one(error: BaseException | None) -> bool:
    """Whether the database does not answer, or takes nothing now. One that refuses a statement answers."""
    if not isinstance(error, NO_ANSWER):
        return isinstance(error, DatabaseUnavailable)
    driver = error.__cause__
    if (code := getattr(driver, "sqlite_errorcode", None)) is not None:
        return code & 0xFF not in FAULTS_OF_OURS
    state = getattr(driver, "sqlstate", None)
    return state is None or state.startswith(AWAY_STATES)  # without one, there was no answer


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.busy_until, self.writing = float("-inf"), 0  # by time.monotonic(); number of writers waiting now
        self.probe_at: float | None = None  # by time.monotonic(); None while the database answers

    def may_ask(self) -> bool:
        with self.lock:
            if self.probe_at is None:
                return True
            if time.monotonic() < self.probe_at:
                return False
            self.probe_at = time.monotonic() + PROBE_S  # this caller tries; the others do not
            return True

    @contextlib.contextmanager
    def waiting(self, *, writes: bool) -> Iterator[None]:
        """Raises Busy if enough writers are waiting already."""
        with self.lock:
            if writes and self.writing >= PATIENT and time.monotonic() < self.busy_until:
                raise Busy
            self.writing += writes
        try:
            yield
        finally:
            with self.lock:
                self.writing -= writes

    def answered(self) -> None:
        if self.probe_at is not None:
            with self.lock:
                self.probe_at = None
            logger.warning("database.back")

    def failed(self, error: Exception) -> None:
        with self.lock:
            news, self.probe_at = self.probe_at is None, time.monotonic() + PROBE_S
        if news:
            logger.error("database.away", extra={"error": type(error).__name__})


_state = _State()


def is_known() -> bool:
    return _state.probe_at is not None


def report(error: Exception) -> None:
    """A caller that could wait found the database unavailable."""
    _state.failed(error)


def forget() -> None:
    _state.probe_at, _state.busy_until = None, float("-inf")


def ask(work: Callable[[], T], *, writes: bool = False) -> T:
    """The result of `work`, which may run twice, within RECEIVER_DATABASE_S. Raises DatabaseUnavailable, or Busy where it writes.

    A connection that broke while idle says nothing about the database, so the work is tried once more with a new one.
    """
    if not _state.may_ask():
        raise DatabaseUnavailable
    try:
        with (
            _state.waiting(writes=writes),
            deadline.within(settings.RECEIVER_DATABASE_S),
            sqlite_write_lock.priority() if writes else contextlib.nullcontext(),
        ):
            result = _with_one_reconnect(work)
    except Error as error:
        if not is_one(error):  # a table that a migration has yet to create, a value it refuses
            logger.exception("database.refused")
            raise DatabaseUnavailable from error
        if writes and _reads():
            _state.busy_until = time.monotonic() + BUSY_S
            _state.answered()
            logger.warning("database.busy", extra={"error": type(error).__name__})
            raise Busy from error
        _state.failed(error)
        raise DatabaseUnavailable from error
    _state.answered()
    return result


def _reads() -> bool:
    """Whether reading works. On a new connection: the one with the failed write is already closed."""
    try:
        with deadline.within(READ_S):
            _select_one()
    except Error:
        connection.close()
        return False
    return True


def _with_one_reconnect(work: Callable[[], T]) -> T:
    # A health check would cost each request a round trip; a lost connection shows in the first statement anyway.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return work()
    except Error:
        if connection.in_atomic_block:
            raise
        connection.close()
        if deadline.over():
            raise
    try:
        return work()
    except Error:
        connection.close()
        raise


def ping() -> None:
    """Raises DatabaseUnavailable."""
    ask(_select_one)


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM webhooks_source LIMIT 1")
