"""A PostgreSQL that takes a connection and then says nothing is given up in time; one that answers is told how we use it."""

import socket
import time

import psycopg
import pytest
from django.db import connection

from webhooks.database import deadline
from webhooks.database.postgresql import base


@pytest.fixture
def silent():
    """A port that is listened at, and where nobody says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield {"host": "127.0.0.1", "port": listener.getsockname()[1], "dbname": "none", "user": "none"}


@pytest.mark.once
def test_a_connection_waits_a_second_at_most_where_there_is_a_deadline():
    assert base.CONNECT_S == 1


@pytest.mark.once
def test_what_cannot_wait_gives_up_a_connection_sooner_than_libpq_would(silent, monkeypatch):
    monkeypatch.setattr(base, "CONNECT_S", 0.2)
    began = time.monotonic()

    with deadline.each(5), pytest.raises(psycopg.errors.ConnectionTimeout):
        base.Connection.connect(**silent)

    assert time.monotonic() - began < 1


@pytest.mark.once
def test_a_deadline_that_ends_sooner_counts(silent):
    began = time.monotonic()

    with deadline.each(0.2), pytest.raises(psycopg.errors.ConnectionTimeout):
        base.Connection.connect(**silent)

    assert time.monotonic() - began < 0.9


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_compiles_no_statement():
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_ends_a_transaction_whose_host_has_vanished():
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("1min",)
