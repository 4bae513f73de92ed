"""Two hosts, each with web and workers, on one PostgreSQL and Redis: one is cut from the database, one dies, one has a wrong
clock. Nothing answered 2xx is lost, and nothing happens twice.

CHAOS_FULL=1 cuts and kills each host several times, for longer.
"""

import os
import time

import pytest

from tests.bench.chaos import TWICE
from tests.bench.chaos_effects import TABLE
from tests.bench.hosts import Host, need_namespaces, network
from tests.bench.test_chaos_outage import SOURCE, Traffic
from tests.site import POSTGRES, REDIS, Site, a_database, answers, look_into, need_postgres, need_redis
from tests.waiting import eventually

pytestmark = pytest.mark.slow
FULL = os.environ.get("CHAOS_FULL") == "1"
ROUNDS, AWAY_S, EACH_S = (5, 30, 0.2) if FULL else (1, 10, 0.3)
BEHIND_S = 240  # within the five minutes that a signature may be old
# Customers who write again and again: a host that vanishes has one of their conversations locked, sooner or later.
CONVERSATIONS = 4
# A lock of a vanished host ends after a minute; a row that waited for it is then tried again.
BACK_WITHIN_S = 150
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.bench.chaos_settings", "WEB_WORKERS": "1", "Q_WORKERS": "1", "ALLOWED_HOSTS": "*",
}  # fmt: skip


def test_hosts_that_vanish_lose_nothing_and_do_nothing_twice(tmp_path):
    need_namespaces()
    need_postgres()
    need_redis()
    took: list[tuple[str, float]] = []
    with a_database(tmp_path, server=POSTGRES, name=f"support_hosts_{os.getpid()}") as url:
        site = Site(tmp_path, database_url=url, port=1, QUEUE_URL=REDIS, **SETTINGS)
        site.prepare()
        site.manage("shell", "-c", SOURCE)
        with look_into(url) as connection:
            connection.execute(TABLE)
        try:
            with network(site, tmp_path, (0, -BEHIND_S)) as hosts:
                for host in hosts:
                    start(site, host)
                with Traffic(
                    *(host.url for host in hosts), each_s=EACH_S, conversations=CONVERSATIONS
                ) as traffic:
                    eventually(lambda: done(site) > 10)
                    for _ in range(ROUNDS):
                        for host in hosts if FULL else hosts[:1]:
                            took.append(("cut from the database", cut(site, host)))
                        for host in hosts if FULL else hosts[1:]:
                            took.append(("died", die(site, host)))
                            start(site, host)
                eventually(lambda: not waiting(site), within_s=BACK_WITHIN_S)
                eventually(lambda: not list(tmp_path.glob("spool-*/*.webhook")), within_s=BACK_WITHIN_S)
        finally:
            site.stop()
        accepted = [one for one in traffic.sent if one.status == 200]
        kept = dict(site.rows("SELECT delivery_key, status FROM webhooks_delivery"))
        twice = sum(site.rows(statement)[0][0] for statement in TWICE)

    lost = [one for one in accepted if kept.get(one.key) != "DONE"]
    spooled = sum(one.word == "spooled" for one in accepted)
    print(f"\n{len(traffic.sent)} sent to two hosts; answered 2xx {len(accepted)}, {spooled} of them spooled; lost {len(lost)}, "
          f"twice {twice}; all done again: " + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in took))  # fmt: skip
    assert (len(lost), twice) == (0, 0)
    assert spooled, "a host that is cut from the database keeps webhooks on its disk"


def start(site: Site, host: Host) -> None:
    host.restore()
    host.start()
    eventually(lambda: answers(f"{host.url}/healthz"), within_s=120)
    here = f"SELECT 1 FROM webhooks_workerhost WHERE host = 'host-{host.number}'"
    eventually(lambda: site.rows(here), within_s=120)


def cut(site: Site, host: Host) -> float:
    host.cut()
    time.sleep(AWAY_S)
    host.restore()
    return recovered(site)


def die(site: Site, host: Host) -> float:
    host.die()
    return recovered(site)


def recovered(site: Site) -> float:
    """Seconds until all that was there at this moment is done."""
    began = time.monotonic()
    ((last,),) = site.rows("SELECT max(id) FROM webhooks_delivery")
    eventually(lambda: not waiting(site, last), within_s=BACK_WITHIN_S)
    return time.monotonic() - began


def waiting(site: Site, last: int | None = None) -> int:
    until = f" AND id <= {last}" if last is not None else ""
    return site.rows(
        f"SELECT count(*) FROM webhooks_delivery WHERE direction = 'IN' AND status = 'PENDING'{until}"
    )[0][0]


def done(site: Site) -> int:
    return site.rows("SELECT count(*) FROM webhooks_delivery WHERE status = 'DONE'")[0][0]
