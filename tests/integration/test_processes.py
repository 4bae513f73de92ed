"""The thread in real processes: gunicorn, django-q2's clusters and a simulated Chatwoot, on SQLite or on the services.

Nothing is faked and nobody drains by hand: a webhook wakes the workers, and what they lose comes back by its lease.
"""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Copies
from tests.site import Site, alive, children
from tests.waiting import eventually
from webhooks.simulator.server import SimulatedChatwoot

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot() as chatwoot:
        yield chatwoot


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, chatwoot: SimulatedChatwoot, a_copy: Copies
) -> Iterator[Site]:
    # Beside another run of this test (the suite runs on several cores) the port and the database must be its own.
    folder, own = tmp_path_factory.mktemp("site"), os.getpid()
    with a_copy(folder, name=f"support_processes_{own}") as url:
        site = Site(folder, database_url=url, port=17000 + own % 900, WEB_WORKERS="1")
        site.prepare(migrated=True)
        try:
            site.start_all()
            site.connect(chatwoot)
            yield site
        finally:
            site.stop()


@pytest.fixture
def site(running: Site) -> Site:
    """With its three clusters at work, whatever the test before did to them: tests run in any order."""
    if running.processes["workers"].poll() is not None:
        running.start("workers", "manage.py", "run_workers")
    eventually(lambda: are_at_work(running.processes["workers"].pid))
    return running


def are_at_work(workers: int) -> bool:
    clusters = children(workers)
    return len(clusters) == 3 and all(map(children, clusters))


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


def test_workers_killed_outright_take_their_clusters_with_them_even_stuck_ones(site):
    workers = site.processes["workers"]
    family = [pid for cluster in children(workers.pid) for pid in [cluster, *offspring(cluster)]]
    assert len(family) >= 9
    # A worker killed while idle keeps its queue's lock, so that its cluster never finishes stopping by itself.
    for pid in family:
        if not children(pid):
            os.kill(pid, signal.SIGKILL)

    os.kill(workers.pid, signal.SIGKILL)
    workers.wait()

    eventually(lambda: not any(alive(pid) for pid in family), within_s=15)


def offspring(pid: int) -> list[int]:
    return [one for child in children(pid) for one in [child, *offspring(child)]]
