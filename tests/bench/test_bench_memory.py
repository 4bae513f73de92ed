"""Memory of a worker and of the web processes over many deliveries: flat (performance.md, target 4). BENCH_FULL=1: 100,000."""

from pathlib import Path

from tests.bench import load
from tests.bench.conftest import Labs
from tests.bench.rounds import FULL, limit
from tests.bench.test_bench_receiver import free_port
from tests.site import WEB, Site, answers, children
from tests.waiting import eventually

WARM, ROWS, AT_ONCE = 2_000, 100_000 if FULL else 10_000, 2_000
MOST_MB = 10
LONGEST_S = 300


def test_a_worker_takes_no_more_memory_with_every_delivery(database, labs: Labs):
    lab = labs()
    taken = [drained(lab, WARM)]
    while len(taken) * AT_ONCE < ROWS:
        taken.append(drained(lab, AT_ONCE))

    print(
        f"\nMemory of a worker on {database[0]}: {taken[0]:.0f} MB after {WARM:,} deliveries, {taken[-1]:.0f} after {ROWS:,}"
    )
    print(limit("grown by", max(taken[1:]) - taken[0], MOST_MB, "MB"))
    assert max(taken[1:]) - taken[0] < MOST_MB


def drained(lab, rows: int) -> float:
    """MB of the process once it has processed so many."""
    lab.call("clear")
    lab.call("fill", rows=rows, event="bench.update")
    lab.call("by_the_engine")
    return _megabytes(lab.process.pid)


def test_the_web_processes_take_no_more_memory_with_every_webhook(database, labs: Labs, tmp_path):
    lab = labs()
    lab.call("source")
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder, database_url=database[1], port=free_port(), WEB_WORKERS="2", QUEUE_URL="")
    try:
        site.start("web", *WEB)
        eventually(lambda: answers(f"{site.url}/healthz"))
        address = f"{site.url}/webhooks/chatwoot/acme/"

        def received(rows: int, name: str) -> float:
            until, part = lab.call("due_rows") + rows, 0
            while lab.call("due_rows") < until and part < LONGEST_S // 3:
                load.rate(address, seconds=3, name=f"{name}-{part}", folder=tmp_path)
                part += 1
            return sum(_megabytes(pid) for pid in children(site.processes["web"].pid))

        before = received(WARM, "warm")
        after = received(ROWS, "more")
    finally:
        site.stop()

    print(
        f"\nMemory of two web processes on {database[0]}: {before:.0f} MB, {after:.0f} after {ROWS:,} webhooks more"
    )
    print(limit("grown by, each", (after - before) / 2, MOST_MB, "MB"))
    assert (after - before) / 2 < MOST_MB


def _megabytes(pid: int) -> float:
    """What it holds in memory itself."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
