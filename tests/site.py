"""One installation in real processes for tests: gunicorn, run_workers and its own database."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.queues import own_queue
from tests.waiting import eventually
from webhooks.simulator.server import SimulatedChatwoot

ROOT = Path(__file__).resolve().parents[1]
WEB = ("-m", "gunicorn", "-c", "python:support_site.web.server", "support_site.wsgi:application")
# Of the services, where they are not named otherwise: the same as .ci/run's.
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgres://root@127.0.0.1:5432/test")
REDIS = own_queue(os.environ.get("TEST_QUEUE_URL", "redis://127.0.0.1:6379/9"))


class Site:
    """`manage` runs a command, `api` asks it as the first account, `rows` looks into its database past it."""

    def __init__(self, folder: Path, *, database_url: str, port: int, **environment: str) -> None:
        self.port, self.url, self.database_url = port, f"http://127.0.0.1:{port}", database_url
        self.environment = os.environ | {
            "PORT": str(port), "DRAFT_SETTLE_SECONDS": "1", "UNDO_SECONDS": "1", "SUPPORT_SITE_DOTENV": "0",
            "PUBLIC_URL": self.url, "DATABASE_URL": database_url, "SPOOL_DIR": str(folder / "spool"),
        } | environment  # fmt: skip
        self.token = ""
        self.processes: dict[str, subprocess.Popen] = {}
        self.log_path = folder / "log"
        self.log = self.log_path.open("w")

    def manage(self, *words: str, within_s: float = 120) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=within_s
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def prepare(self, *, migrated: bool = False) -> None:
        if not migrated:
            self.manage("migrate", "-v0")
        self.manage("seed", "--samples")
        self.token = self.manage("create_api_token", "admin").splitlines()[-1]

    def start(self, name: str, *command: str, **environment: str) -> None:
        self.processes[name] = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment | environment, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    def start_all(self) -> None:
        self.start("web", *WEB)
        self.start("workers", "manage.py", "run_workers")
        eventually(lambda: answers(f"{self.url}/healthz/workers"))

    def end(self, name: str) -> None:
        process = self.processes.pop(name)
        process.terminate()
        _wait_for(process)

    def connect(self, chatwoot: SimulatedChatwoot, *more: str) -> None:
        self.manage(
            "connect_chatwoot", "--slug", "acme", "--base-url", chatwoot.url, "--account-id", "1", "--api-token",
            chatwoot.admin_token, *(more or ("--register", "--public-url", self.url)),
        )  # fmt: skip

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            _wait_for(process)
        self.log.close()

    def api(self, path: str, **body: Any) -> Any:
        call = requests.post if body else requests.get
        answer = call(
            f"{self.url}/api/v1/{path}", headers={"Authorization": f"Token {self.token}"}, timeout=10,
            **({"json": body} if body else {}),
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with look_into(self.database_url) as connection:
            return connection.execute(statement).fetchall()


def _wait_for(process: subprocess.Popen) -> None:
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def look_into(url: str) -> Iterator[Any]:
    """A connection of the test's own, committed at the end."""
    if url.startswith("postgres"):
        with psycopg.connect(url) as connection:
            yield connection
        return
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


@contextmanager
def a_database(folder: Path, *, server: str, name: str, template: str = "") -> Iterator[str]:
    """The URL of a new one: a file, or a database on that PostgreSQL server. template: what it is a copy of."""
    if not server.startswith("postgres"):
        if template:
            shutil.copyfile(template, folder / "site.sqlite3")
        yield f"sqlite:///{folder}/site.sqlite3"
        return
    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template1'}")
        try:
            yield server.rsplit("/", 1)[0] + "/" + name
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def need_postgres() -> None:
    try:
        psycopg.connect(POSTGRES, dbname="postgres", connect_timeout=3).close()
    except psycopg.Error:
        pytest.skip(f"no PostgreSQL answers at TEST_DATABASE_URL ({POSTGRES.rpartition('@')[2]})")


def need_redis() -> None:
    import redis

    try:
        redis.from_url(REDIS, socket_connect_timeout=3).ping()
    except redis.RedisError:
        pytest.skip(f"no Redis answers at TEST_QUEUE_URL ({REDIS.rpartition('@')[2]})")


def children(pid: int) -> list[int]:
    if shutil.which("ps") is None:
        pytest.skip("no ps here to find the processes with")
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(child) for child, parent in pairs if parent == str(pid)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
