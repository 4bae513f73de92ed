"""Whoever receives is let before the workers where a database has one writer."""

import threading
import time

import pytest
from django.db import connection

from webhooks.database import sqlite_write_lock
from webhooks.workers import drain

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def on_disk(monkeypatch, tmp_path):
    file = tmp_path / "site.sqlite3"
    file.touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    return file


def aside_s() -> float:
    began = time.monotonic()
    sqlite_write_lock.give_way()
    return time.monotonic() - began


def test_a_worker_goes_on_at_once_where_nobody_waits(on_disk):
    assert aside_s() < 0.01


def test_a_worker_steps_aside_while_somebody_must_be_first(on_disk, monkeypatch):
    monkeypatch.setattr(sqlite_write_lock, "MOST_S", 5)
    waits = sqlite_write_lock.priority()
    waits.__enter__()
    threading.Timer(0.05, waits.__exit__, [None, None, None]).start()

    assert 0.04 < aside_s() < 1


def test_a_stream_of_webhooks_does_not_stop_a_worker(on_disk):
    with sqlite_write_lock.priority():
        assert sqlite_write_lock.MOST_S <= aside_s() < 1


def test_two_who_must_be_first_do_not_wait_for_each_other(on_disk):
    began = time.monotonic()

    with sqlite_write_lock.priority(), sqlite_write_lock.priority():
        pass

    assert time.monotonic() - began < 0.05


def test_whoever_was_first_is_forgotten_when_the_work_fails(on_disk):
    with pytest.raises(OSError, match="full"), sqlite_write_lock.priority():
        raise OSError("full")

    assert aside_s() < 0.01


def test_a_worker_asks_before_each_row(incoming, monkeypatch):
    rows, asked = [incoming(), incoming()], []
    monkeypatch.setattr(sqlite_write_lock, "give_way", lambda: asked.append(1))

    drain.drain("in")

    assert len(asked) == len(rows)
