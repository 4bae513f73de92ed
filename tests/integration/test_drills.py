"""The three drills of the runbook, each played once on a demo in real processes."""

import os
from collections.abc import Iterator

import pytest

from tests.integration.conftest import Copies
from tests.site import Site
from webhooks.simulator.server import SimulatedChatwoot

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot() as chatwoot:
        yield chatwoot


@pytest.fixture(scope="module")
def demo(
    tmp_path_factory: pytest.TempPathFactory, chatwoot: SimulatedChatwoot, a_copy: Copies
) -> Iterator[Site]:
    folder, own = tmp_path_factory.mktemp("drills"), os.getpid()
    with a_copy(folder, name=f"support_drills_{own}") as url:
        site = Site(folder, database_url=url, port=15000 + own % 900, PRIVATE_HOSTS="127.0.0.1")
        site.prepare(migrated=True)
        try:
            site.start_all()
            site.connect(chatwoot)
            yield site
        finally:
            site.stop()


@pytest.mark.parametrize("drill", ["chatwoot-outage", "database-outage", "bad-deploy"])
def test_a_drill_shows_what_a_person_should_have_seen(demo, drill):
    said = demo.manage("drill", drill, "--slug", "acme")

    print(said)
    assert "checks passed" in said
    assert demo.rows("SELECT mode, legacy_url FROM webhooks_source") == [("active", "")]
