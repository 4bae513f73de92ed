"""Two hosts, each with a web process and workers, on one PostgreSQL and one Redis: they share the work, and either half can go.

The sender does what the proxy of docs/deployment/several_machines.md does: in turn, and past a host that is gone.
"""

import itertools
import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
import redis
import requests

from tests.factories import NOW, SECRET, conversation_object, message_event
from tests.integration.host_effects import TABLE
from tests.site import POSTGRES, REDIS, Site, a_database, children, look_into, need_postgres, need_redis
from tests.waiting import eventually
from webhooks.simulator.sender import signed_headers

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis]
HOSTS = ("one", "two")
EACH_S = 0.15
PATIENCE_S = 90  # on a machine with other things to do
SOURCE = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
from webhooks.models import Source, SourceSecret
source = Source.objects.create(slug="acme", base_url="http://127.0.0.1:1", account_id=1, api_token="token", sender_id=1)
SourceSecret.objects.create(source=source, secret="{SECRET}")
"""


class Sender:
    """`answered`: the delivery ids that were answered 200."""

    def __init__(self, sites: list[Site]) -> None:
        self.sites, self.turn = sites, itertools.count()
        self.numbers = itertools.count(1000)
        self.answered: set[str] = set()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(2)]

    def _run(self) -> None:
        while not self._stopping.wait(EACH_S):
            self._send()

    def _send(self) -> None:
        number, key, first = next(self.numbers), str(uuid.uuid4()), next(self.turn)
        about = conversation_object(number, updated_at=NOW.timestamp())
        body = json.dumps(message_event(number, conversation=about)).encode()
        headers = signed_headers(body, SECRET, key, int(time.time()))
        for site in (self.sites[first % 2], self.sites[(first + 1) % 2]):
            try:
                answer = requests.post(
                    f"{site.url}/webhooks/chatwoot/acme/", data=body, headers=headers, timeout=5
                )
            except requests.ConnectionError:
                continue
            if answer.status_code == 200:
                self.answered.add(key)
            return

    def __enter__(self) -> "Sender":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Site]]:
    need_postgres()
    need_redis()
    _empty_the_queue()
    own = os.getpid()
    folders = [tmp_path_factory.mktemp(host) for host in HOSTS]
    with a_database(folders[0], server=POSTGRES, name=f"support_hosts_{own}") as url:
        sites = [
            Site(
                folder, database_url=url, port=14000 + own % 400 * 2 + number, QUEUE_URL=REDIS, TEST_HOST=host,
                WEB_WORKERS="1", Q_WORKERS="1", DJANGO_SETTINGS_MODULE="tests.integration.host_settings",
            )
            for number, (host, folder) in enumerate(zip(HOSTS, folders, strict=True))
        ]  # fmt: skip
        sites[0].manage("shell", "-v0", "-c", SOURCE)
        with look_into(url) as connection:
            connection.execute(TABLE)
        try:
            for site in sites:
                start(site)
            eventually(lambda: all(is_up(site) for site in sites))
            yield sites
        finally:
            for site in sites:
                site.stop()


def _empty_the_queue() -> None:
    """What an earlier run left there is signed with a key that nobody has any more."""
    with redis.from_url(REDIS) as broker:
        for key in broker.keys("django_q:*:q"):
            broker.delete(key)


def start(site: Site) -> None:
    site.start(
        "web", "-m", "gunicorn", "-c", "python:support_site.web.server", "support_site.wsgi:application"
    )
    site.start("workers", "manage.py", "run_workers")


def is_up(site: Site) -> bool:
    try:
        answer = requests.get(f"{site.url}/healthz/workers", timeout=2).json()
    except requests.RequestException:
        return False
    return site.environment["TEST_HOST"] in answer.get("hosts", [])


def kill(site: Site) -> None:
    """Power off: every process of the host at once, with no last word."""
    family, found = [], [process.pid for process in site.processes.values()]
    while found:
        family += found
        found = [child for pid in found for child in children(pid)]
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    for process in site.processes.values():
        process.wait()
    site.processes.clear()


def done(site: Site, keys: set[str]) -> bool:
    statement = "SELECT delivery_key FROM webhooks_delivery WHERE direction = 'IN' AND status = 'DONE'"
    return keys <= {key for (key,) in site.rows(statement)}


def worked(site: Site) -> dict[str, int]:
    return dict(site.rows("SELECT host, count(*) FROM host_effect GROUP BY host"))


def run_twice(site: Site) -> list[tuple]:
    return site.rows("SELECT delivery FROM host_effect GROUP BY delivery HAVING count(*) > 1")


def test_both_hosts_take_their_share(sites):
    with Sender(sites) as sender:
        eventually(
            lambda: len(worked(sites[0])) == 2 and min(worked(sites[0]).values()) > 5, within_s=PATIENCE_S
        )

    eventually(lambda: done(sites[0], sender.answered), within_s=PATIENCE_S)
    assert not run_twice(sites[0])


@pytest.mark.parametrize("gone", [0, 1], ids=HOSTS)
def test_either_host_can_go_without_a_word_and_nothing_is_lost(sites, gone):
    stays = sites[1 - gone]
    if not stays.processes:
        start(stays)
    eventually(lambda: all(is_up(site) for site in sites))

    with Sender(sites) as sender:
        eventually(lambda: len(sender.answered) > 20, each_s=0.05)
        kill(sites[gone])
        before = len(sender.answered)
        eventually(lambda: len(sender.answered) > before + 20, each_s=0.05)

    eventually(lambda: done(stays, sender.answered), within_s=PATIENCE_S)
    assert not run_twice(stays)
