"""Who cannot wait for the database does not, and nobody waits for one that is known to be away."""

import sqlite3
import time
from collections.abc import Callable

import pytest
from django.db import (
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from webhooks.database import deadline, outage

LOCKED = OperationalError("database is locked")


class Work:
    """Fails with the given errors, one a call, then returns 7."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return 7


@pytest.fixture
def clock(monkeypatch) -> Callable[[float], None]:
    now = [1000.0]
    monkeypatch.setattr(outage.time, "monotonic", lambda: now[0])

    def forward(seconds: float) -> None:
        now[0] += seconds

    return forward


pytestmark = pytest.mark.django_db(transaction=True)
WRONG = {
    "a table that no migration made": "SELECT * FROM never_migrated",
    "a column that no migration made": "SELECT never_migrated FROM webhooks_source",
    "a statement that is none": "SELEC 1",
    "a function that is unknown": "SELECT never_made(1)",
}


def refusal(statement: str) -> Error:
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return caught.value


@pytest.mark.parametrize("case", WRONG)
def test_a_database_that_refuses_a_statement_answers(case):
    assert not outage.is_one(refusal(WRONG[case]))


def test_a_refused_statement_takes_nobody_elses_database_away():
    with pytest.raises(outage.DatabaseUnavailable):
        outage.ask(lambda: connection.cursor().execute(WRONG["a table that no migration made"]))

    assert not outage.is_known()


def by_driver(raised: type[Error], **code: object) -> Error:
    error, error.__cause__ = raised(), Exception()
    vars(error.__cause__).update(code)
    return error


CODES = {
    "SQLite is locked": (by_driver(OperationalError, sqlite_errorcode=sqlite3.SQLITE_BUSY), True),
    "SQLite waits for a snapshot": (by_driver(OperationalError, sqlite_errorcode=sqlite3.SQLITE_BUSY_SNAPSHOT), True),
    "SQLite's disk is full": (by_driver(OperationalError, sqlite_errorcode=sqlite3.SQLITE_FULL), True),
    "SQLite cannot write": (by_driver(OperationalError, sqlite_errorcode=sqlite3.SQLITE_READONLY), True),
    "SQLite's file cannot be opened": (by_driver(OperationalError, sqlite_errorcode=sqlite3.SQLITE_CANTOPEN), True),
    "SQLite is used wrongly": (by_driver(InterfaceError, sqlite_errorcode=sqlite3.SQLITE_MISUSE), False),
    "nobody answered": (by_driver(OperationalError, sqlstate=None), True),
    "PostgreSQL shuts down": (by_driver(OperationalError, sqlstate="57P01"), True),
    "too many connections": (by_driver(OperationalError, sqlstate="53300"), True),
    "a standby": (by_driver(InternalError, sqlstate="25006"), True),
    "a lock that is held": (by_driver(OperationalError, sqlstate="55P03"), True),
    "going on after an error": (by_driver(InternalError, sqlstate="25P02"), False),
    "too many parameters": (by_driver(OperationalError, sqlstate="54023"), False),
    "a sequence that was not asked yet": (by_driver(OperationalError, sqlstate="55000"), False),
}  # fmt: skip


@pytest.mark.parametrize("case", CODES)
def test_the_drivers_code_tells_an_outage_from_a_fault_of_ours(case):
    error, expected = CODES[case]

    assert outage.is_one(error) is expected


def test_a_connection_that_broke_while_idle_is_replaced_once():
    work = Work(OperationalError("server closed the connection"))

    assert outage.ask(work) == 7

    assert work.calls == 2
    assert not outage.is_known()


def test_a_database_that_fails_twice_is_away():
    work = Work(OperationalError("refused"), OperationalError("refused"))

    with pytest.raises(outage.DatabaseUnavailable):
        outage.ask(work)

    assert outage.is_known()


def test_one_known_to_be_away_is_not_asked_again_until_the_next_probe(clock):
    outage.report(OperationalError())
    work = Work()

    with pytest.raises(outage.DatabaseUnavailable):
        outage.ask(work)
    clock(outage.PROBE_S)

    assert outage.ask(work) == 7
    assert not outage.is_known()


def test_while_one_probes_the_others_go_on_without(clock):
    outage.report(OperationalError())
    clock(outage.PROBE_S)

    def probe() -> None:
        with pytest.raises(outage.DatabaseUnavailable):
            outage.ask(Work())  # another request, meanwhile

    outage.ask(probe)


def test_a_database_that_reads_but_takes_no_write_in_time_is_busy_and_not_away():
    with pytest.raises(outage.Busy):
        outage.ask(Work(LOCKED, LOCKED), writes=True)

    assert not outage.is_known()
    assert outage.ask(Work()) == 7


def test_while_it_is_busy_no_more_than_a_few_writers_wait_for_it(clock, monkeypatch):
    with pytest.raises(outage.Busy):
        outage.ask(Work(LOCKED, LOCKED), writes=True)
    second = Work()

    monkeypatch.setattr(outage._state, "writing", outage.PATIENT)
    with pytest.raises(outage.Busy):
        outage.ask(second, writes=True)
    assert second.calls == 0
    clock(outage.BUSY_S)

    assert outage.ask(second, writes=True) == 7


def test_one_write_that_took_too_long_sends_nobody_else_away():
    with pytest.raises(outage.Busy):
        outage.ask(Work(LOCKED, LOCKED), writes=True)

    assert outage.ask(Work(), writes=True) == 7


def test_a_database_that_does_not_read_either_is_away_to_a_writer(monkeypatch):
    monkeypatch.setattr(outage, "_select_one", Work(OperationalError("refused")))

    with pytest.raises(outage.DatabaseUnavailable) as away:
        outage.ask(Work(LOCKED, LOCKED), writes=True)

    assert away.type is outage.DatabaseUnavailable
    assert outage.is_known()


@pytest.mark.parametrize("error", [ProgrammingError("no such table"), IntegrityError("a rule")])
def test_a_database_that_answers_no_is_not_away_for_the_others(error):
    with pytest.raises(outage.DatabaseUnavailable):
        outage.ask(Work(error, error))

    assert not outage.is_known()


def test_the_limit_ends_with_its_block():
    assert deadline.left() is None
    with deadline.within(3):
        assert 2.5 < (deadline.left() or 0) <= 3
    assert deadline.left() is None


def test_a_limit_of_each_answer_does_not_run_down(monkeypatch):
    with deadline.each(10):
        monkeypatch.setattr(deadline.time, "monotonic", lambda: 10**9)
        assert deadline.left() == 10


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_is_given_up_in_time():
    began = time.monotonic()

    with pytest.raises(OperationalError), deadline.within(0.5):
        sleep(5)

    connection.close()
    assert time.monotonic() - began < 1.5


@pytest.mark.postgres
def test_after_a_timeout_the_next_request_has_a_new_connection(settings):
    settings.RECEIVER_DATABASE_S = 0.3
    with pytest.raises(outage.DatabaseUnavailable):
        outage.ask(lambda: sleep(3))
    outage.forget()

    assert outage.ask(lambda: sleep(0)) is None


def sleep(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL locks rows, and an insert waits for none"
)
def test_sqlites_one_writer_is_waited_for_no_longer_than_the_limit(settings):
    def patience() -> int:
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA busy_timeout").fetchone()[0]

    with deadline.within(0.3):
        assert patience() == 300
    with deadline.each(settings.PAGE_DATABASE_S):
        assert patience() == settings.SQLITE_TIMEOUT_S * 1000  # a page of the same thread has the usual
