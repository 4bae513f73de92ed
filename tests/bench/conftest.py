"""Databases to measure on: SQLite always, PostgreSQL and Redis where they answer. pytest's own takes no part."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench import recorded, recorded_search
from tests.bench.lab import Lab
from tests.site import POSTGRES, REDIS, ROOT, Site, a_database, need_postgres

PREPARE_S = 600  # a busy machine takes its time
SERVER = os.environ.get("DATABASE_URL") or POSTGRES


class Prepared:
    """Migrates and seeds once a run; every database of the bench is a copy."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.templates: dict[str, str] = {}

    def template(self, kind: str) -> str:
        """A database's name on PostgreSQL, a file on SQLite."""
        if kind not in self.templates:
            name = f"support_bench_{os.getpid()}_template"
            url = self.stack.enter_context(a_database(self.folder, server=_server(kind), name=name))
            site = Site(self.folder, database_url=url, port=1)
            site.manage("migrate", "-v0", within_s=PREPARE_S)
            site.manage("seed", "--samples", within_s=PREPARE_S)
            site.stop()
            self.templates[kind] = name if kind == "PostgreSQL" else url.removeprefix("sqlite:///")
            _settled(self.templates[kind], kind)
        return self.templates[kind]


def _settled(template: str, kind: str) -> None:
    """A copy of a SQLite file must not need the journal beside it."""
    if kind == "SQLite":
        with contextlib.closing(sqlite3.connect(template)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with ExitStack() as stack:
        yield Prepared(tmp_path_factory.mktemp("prepared"), stack)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path, prepared: Prepared) -> Iterator[tuple[str, str]]:
    """(its name, the URL of a new one)"""
    kind = request.param
    if kind == "PostgreSQL":
        need_postgres()
    name, template = f"support_bench_{os.getpid()}", prepared.template(kind)
    with a_database(tmp_path, server=_server(kind), name=name, template=template) as url:
        yield kind, url


def _server(database: str) -> str:
    return SERVER if database == "PostgreSQL" else ""


@pytest.fixture
def labs(database, tmp_path, prepared: Prepared) -> Iterator["Labs"]:
    with ExitStack() as stack:
        yield Labs(*database, tmp_path, stack, prepared)


class Labs:
    """Makes labs on the test's database, or each on one of its own."""

    def __init__(self, kind: str, url: str, folder: Path, stack: ExitStack, prepared: Prepared) -> None:
        self.kind, self.url, self.folder, self.stack, self.prepared = kind, url, folder, stack, prepared

    def __call__(
        self, name: str = "lab", *, own_database: bool = False, url: str = "", **environment: str
    ) -> Lab:
        """url: of a database that is there already."""
        folder, url = self.folder / name, url or self.url
        folder.mkdir()
        if own_database:
            new = a_database(
                folder, server=_server(self.kind), name=f"support_bench_{os.getpid()}_{name}",
                template=self.prepared.template(self.kind),
            )  # fmt: skip
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
        recorded_search.write()
        print(f"\nRecorded in {recorded.FILE.relative_to(ROOT)}.")
    elif fallen := recorded.fallen():
        print("\nFell by more than a fifth since they landed:", *fallen, sep="\n  ")
        session.exitstatus = exitstatus or 1
