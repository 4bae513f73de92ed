"""Whoever receives is let before the workers where a database has one writer."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection

from webhooks import deadline, turn, workers

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def on_disk(monkeypatch, tmp_path):
    file = tmp_path / "site.sqlite3"
    file.touch()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    return file


def aside_s() -> float:
    began = time.monotonic()
    turn.step_aside()
    return time.monotonic() - began


def test_a_worker_goes_on_at_once_where_nobody_waits(on_disk):
    assert aside_s() < 0.01


def test_a_worker_steps_aside_while_somebody_must_be_first(on_disk, monkeypatch):
    monkeypatch.setattr(turn, "MOST_S", 5)
    waits = turn.first()
    waits.__enter__()
    threading.Timer(0.05, waits.__exit__, [None, None, None]).start()

    assert 0.04 < aside_s() < 1


def test_a_stream_of_webhooks_does_not_stop_a_worker(on_disk):
    with turn.first():
        assert turn.MOST_S <= aside_s() < 1


def test_those_who_must_be_first_go_one_after_the_other(on_disk):
    inside, most = [], []

    def receive() -> None:
        with deadline.each(5), turn.first():
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(receive) for _ in range(8)]:
            done.result()

    assert most == [1] * 8


def test_whoever_waits_too_long_to_be_first_gives_up(on_disk):
    with turn.first(), pytest.raises(OperationalError, match="too long"), deadline.each(0.05), turn.first():
        pass


def test_a_worker_steps_aside_for_those_who_wait_for_each_other(on_disk, monkeypatch):
    monkeypatch.setattr(turn, "MOST_S", 5)

    def receive() -> None:
        with deadline.each(5), turn.first():
            time.sleep(0.02)

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(receive) for _ in range(4)]
        time.sleep(0.01)
        took = aside_s()

    assert took > 0.05
    assert all(done.done() for done in waiting)


def test_whoever_was_first_is_forgotten_when_the_work_fails(on_disk):
    with pytest.raises(OSError, match="full"), turn.first():
        raise OSError("full")

    assert aside_s() < 0.01


def test_a_worker_asks_before_each_row(incoming, monkeypatch):
    rows, asked = [incoming(), incoming()], []
    monkeypatch.setattr(turn, "step_aside", lambda: asked.append(1))

    workers.drain("in")

    assert len(asked) == len(rows)
