"""The thread in real processes: gunicorn, django-q2's clusters and a simulated Chatwoot, on SQLite or on the services.

Nothing is faked and nobody drains by hand: a webhook wakes the workers, and what they lose comes back by its lease.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.waiting import eventually
from webhooks.simulator.server import SimulatedChatwoot

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Site:
    """One installation: `manage` runs a command, `api` asks it as the first account."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.environment = os.environ | {
            "PORT": str(port), "DRAFT_SETTLE_SECONDS": "1", "UNDO_SECONDS": "1", "SUPPORT_SITE_DOTENV": "0",
            "PUBLIC_URL": self.url, "DATABASE_URL": database(folder),
        }  # fmt: skip
        self.token = ""
        self.processes: dict[str, subprocess.Popen] = {}
        self.log = (folder / "log").open("w")

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, *command: str) -> None:
        self.processes[name] = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(15)
        self.log.close()

    def api(self, path: str, **body: Any) -> Any:
        call = requests.post if body else requests.get
        answer = call(
            f"{self.url}/api/v1/{path}", headers={"Authorization": f"Token {self.token}"}, timeout=10,
            **({"json": body} if body else {}),
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json()


def database(folder: Path) -> str:
    """A database of this test's own: a file, or a new one on the server that DATABASE_URL names."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        return f"sqlite:///{folder}/site.sqlite3"
    name = f"support_processes_{os.getpid()}"
    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return server.rsplit("/", 1)[0] + "/" + name


def drop(url: str) -> None:
    if url.startswith("postgres"):
        with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot() as chatwoot:
        yield chatwoot


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chatwoot: SimulatedChatwoot) -> Iterator[Site]:
    # Beside another run of this test (the suite runs on several cores) the port must be its own.
    site = Site(tmp_path_factory.mktemp("site"), 17000 + os.getpid() % 900)
    site.manage("migrate", "-v0")
    site.manage("seed")
    site.token = site.manage("create_api_token", "admin").splitlines()[-1]
    site.start(
        "web", "-m", "gunicorn", "-c", "python:support_site.web_server", "support_site.wsgi:application"
    )
    site.start("workers", "manage.py", "run_workers")
    eventually(lambda: answers(f"{site.url}/healthz/workers"))
    site.manage(
        "connect_chatwoot", "--slug", "acme", "--base-url", chatwoot.url, "--account-id", "1", "--api-token",
        chatwoot.admin_token, "--register", "--public-url", site.url,
    )  # fmt: skip
    yield site
    site.stop()
    drop(site.environment["DATABASE_URL"])


def proposed(site: Site, conversation: int) -> dict[str, Any] | None:
    rows = site.api(f"drafts/?status=PROPOSED&conversation_id={conversation}")["results"]
    return rows[0] if rows else None


def standing(chatwoot: SimulatedChatwoot, conversation: int) -> list[str]:
    return [
        message.content
        for message in chatwoot.world.messages_of(conversation)
        if message.content_attributes.get("support_reply")
    ]


def test_a_customer_who_writes_is_answered_once_through_real_processes(site, chatwoot):
    conversation = chatwoot.world.customer_writes(
        content="How do I reset my password?", inbox_id=2
    ).conversation_id

    draft = eventually(lambda: proposed(site, conversation))
    site.api(f"drafts/{draft['id']}/approve/", revision=draft["revision"], tone=5, accuracy=5, policy=5)
    eventually(lambda: site.api(f"drafts/{draft['id']}/")["status"] == "SENT")

    assert standing(chatwoot, conversation) == [draft["body"]]
    eventually(lambda: conversation not in [row["conversation_id"] for row in site.api("queue/")["results"]])


def test_workers_killed_outright_are_replaced_and_nothing_is_lost(site, chatwoot):
    clusters = children(site.processes["workers"].pid)
    assert len(clusters) == 3
    for cluster in clusters:
        os.kill(cluster, signal.SIGKILL)

    conversation = chatwoot.world.customer_writes(content="Can I get a refund?", inbox_id=2).conversation_id

    assert eventually(lambda: proposed(site, conversation))
    assert not site.api("deliveries/?status=DEAD")["results"]


def test_workers_end_within_ten_seconds_of_a_term_and_leave_nobody_behind(site, chatwoot):
    workers = site.processes["workers"]
    family = [pid for cluster in children(workers.pid) for pid in [cluster, *children(cluster)]]
    began = time.monotonic()

    workers.terminate()
    workers.wait(15)

    assert time.monotonic() - began < 10
    assert len(family) >= 6
    eventually(lambda: not any(alive(pid) for pid in family), within_s=3)


def children(pid: int) -> list[int]:
    if shutil.which("ps") is None:
        pytest.skip("no ps here to find the workers with")
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
