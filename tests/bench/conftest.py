"""Databases to measure on: SQLite always, PostgreSQL and Redis where they answer. pytest's own takes no part."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench import recorded
from tests.bench.lab import Lab
from tests.site import POSTGRES, REDIS, ROOT, a_database, need_postgres

SERVER = os.environ.get("DATABASE_URL") or POSTGRES


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path) -> Iterator[tuple[str, str]]:
    """(its name, the URL of a new one)"""
    if request.param == "PostgreSQL":
        need_postgres()
    with a_database(tmp_path, server=_server(request.param), name=f"support_bench_{os.getpid()}") as url:
        yield request.param, url


def _server(database: str) -> str:
    return SERVER if database == "PostgreSQL" else ""


@pytest.fixture
def labs(database, tmp_path) -> Iterator["Labs"]:
    with ExitStack() as stack:
        yield Labs(*database, tmp_path, stack)


class Labs:
    """Makes labs on the test's database, or each on one of its own."""

    def __init__(self, kind: str, url: str, folder: Path, stack: ExitStack) -> None:
        self.kind, self.url, self.folder, self.stack = kind, url, folder, stack

    def __call__(self, name: str = "lab", *, own_database: bool = False, **environment: str) -> Lab:
        folder, url = self.folder / name, self.url
        folder.mkdir()
        if own_database:
            new = a_database(folder, server=_server(self.kind), name=f"support_bench_{os.getpid()}_{name}")
            url = self.stack.enter_context(new)
        lab = Lab(folder, database_url=url, **{"QUEUE_URL": ""} | environment)
        self.stack.callback(lab.close)
        return lab


@pytest.fixture
def redis_url() -> str:
    """Empty where none answers."""
    import redis

    url = os.environ.get("QUEUE_URL") or REDIS
    try:
        redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError:
        print(f"\nno Redis answers at {url.rpartition('@')[2]}: its cases are left out")
        return ""
    return url


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What fell is said, and fails the run: a slower receiver must not land unseen."""
    if os.environ.get("BENCH_RECORD") == "1":
        recorded.write()
        print(f"\nRecorded in {recorded.FILE.relative_to(ROOT)}.")
    elif fallen := recorded.fallen():
        print("\nFell by more than a fifth since they landed:", *fallen, sep="\n  ")
        session.exitstatus = exitstatus or 1
