"""A replay in real processes: workers and two commands at once. Nothing is done twice."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.integration.conftest import Copies
from tests.site import ROOT, Site, look_into
from tests.waiting import eventually

pytestmark = pytest.mark.slow
ROWS = 200
MAKE_ROWS = f"""
from django.utils import timezone
from webhooks.models import Delivery, Source
source = Source.objects.create(slug="acme", base_url="http://chatwoot.test", account_id=1)
now = timezone.now()
Delivery.objects.bulk_create(
    Delivery(source=source, direction="IN", lane="in", event="contact_created", delivery_key=str(number), body=b'{{}}',
             status="DEAD", attempts=9, received_at=now, due_since=now)
    for number in range({ROWS})
)
"""
AS_BEFORE = (
    "DELETE FROM webhooks_attempt",
    "DELETE FROM webhooks_deliveryaudit",
    "DELETE FROM webhooks_replayitem",
    "DELETE FROM webhooks_replayrun",
    "UPDATE webhooks_delivery SET status = 'DEAD', attempts = 9, budget_from = 0, next_attempt_at = NULL, finished_at = NULL",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, a_copy: Copies) -> Iterator[Site]:
    """On the database that the suite runs on; under a name of its own, beside another run of this test."""
    folder, own = tmp_path_factory.mktemp("replays"), os.getpid()
    with a_copy(folder, name=f"support_replays_{own}") as url:
        site = Site(folder, database_url=url, port=16000 + own % 900)
        try:
            site.manage("seed")
            site.manage("shell", "-v0", "-c", MAKE_ROWS)
            site.start("workers", "manage.py", "run_workers")
            yield site
        finally:
            site.stop()


@pytest.fixture
def site(running: Site) -> Site:
    """Every row is dead, and no run knows them."""
    with look_into(running.database_url) as database:
        for statement in AS_BEFORE:
            database.execute(statement)
    return running


def replay(site: Site) -> subprocess.Popen:
    words = ["manage.py", "replay_deliveries", "--source", "acme", "--reason", "it is back", "--pace", "20"]
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=site.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


def test_two_commands_and_the_workers_reopen_each_row_once(site: Site):
    commands = [replay(site), replay(site)]
    told = [command.communicate(timeout=120) for command in commands]

    by_code = dict(zip([command.returncode for command in commands], told, strict=True))
    assert sorted(by_code) == [0, 1], told
    assert f"{ROWS} of {ROWS} reopened" in by_code[0][0]
    assert "is in progress" in by_code[1][1]
    eventually(lambda: site.rows("SELECT COUNT(*) FROM webhooks_delivery WHERE status = 'DONE'") == [(ROWS,)])
    audit = site.rows("SELECT COUNT(*), COUNT(DISTINCT delivery_id) FROM webhooks_deliveryaudit")
    assert audit == [(ROWS, ROWS)]


def test_a_run_outlives_the_workers_that_were_killed_in_it(site: Site):
    site.manage(
        "replay_deliveries", "--source", "acme", "--reason", "it is back", "--pace", "50", "--no-wait"
    )
    eventually(lambda: site.rows("SELECT COUNT(*) FROM webhooks_deliveryaudit")[0][0] > 40, each_s=0.1)

    killed = site.processes.pop("workers")
    killed.kill()
    killed.wait()
    site.start("workers", "manage.py", "run_workers")

    eventually(lambda: site.rows("SELECT status FROM webhooks_replayrun") == [("DONE",)])
    eventually(lambda: site.rows("SELECT COUNT(*) FROM webhooks_delivery WHERE status = 'DONE'") == [(ROWS,)])
    audit = site.rows("SELECT COUNT(*), COUNT(DISTINCT delivery_id) FROM webhooks_deliveryaudit")
    assert audit == [(ROWS, ROWS)]
