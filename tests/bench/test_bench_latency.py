"""From received to processed on an idle system, and how late a retry is (performance.md, target 3)."""

import time

from tests.bench import load
from tests.bench.conftest import Labs
from tests.bench.rounds import FULL, limit, percentile
from tests.bench.test_bench_receiver import free_port
from tests.site import Site
from tests.waiting import eventually

SENT = 300 if FULL else 40
WAITING, WITHIN_S, SEEN_S = 10_000, 1000, 120 if FULL else 25


def test_from_received_to_processed(database, labs: Labs, tmp_path):
    lab = labs()
    lab.call("source")
    site = Site(tmp_path, database_url=database[1], port=free_port(), WEB_WORKERS="2", QUEUE_URL="")
    try:
        site.start_all()
        for number in range(SENT):
            load.acks(f"{site.url}/webhooks/chatwoot/acme/", seconds=0.01, each_s=0.01, first=5000 + number)
            time.sleep(0.2 + number % 7 * 0.05)
        eventually(lambda: not lab.call("due_rows"))
        took = lab.call("processed_after")
    finally:
        site.stop()

    assert len(took) == SENT
    print(f"\nFrom received to processed on {database[0]}, idle ({SENT} webhooks)")
    print(limit("p50", percentile(took, 0.50) * 1000, 300, "ms"))
    print(limit("p99", percentile(took, 0.99) * 1000, 1200, "ms"))


def test_how_late_a_retry_is(database, labs: Labs):
    lab = labs()
    lab.site.start("workers", "manage.py", "run_workers")
    eventually(lambda: lab.call("are_workers_up"))
    lab.call("fill", rows=WAITING, conversations=2000, within_s=WITHIN_S, from_s=15)

    time.sleep(15 + SEEN_S)

    late = lab.call("lateness")
    assert len(late) > WAITING * SEEN_S / WITHIN_S / 2, (
        "the workers did not keep up: nothing is known of how late"
    )
    print(
        f"\nHow late {len(late):,} of {WAITING:,} waiting rows were tried on {database[0]}, {WAITING / WITHIN_S:.0f} due a second"
    )
    print(limit("p50", percentile(late, 0.50), 2, "s"))
    print(limit("p95", percentile(late, 0.95), 2, "s"))
