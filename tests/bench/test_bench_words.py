"""The search of every page among many messages: under 300 ms at a million on PostgreSQL (BENCH_ROWS=1000000)."""

import os
import statistics

import pytest

from tests.bench.conftest import Labs
from tests.bench.rounds import FULL

ROWS = int(os.environ.get("BENCH_ROWS", "1000000" if FULL else "100000"))
MOST_MS, TIMES = 300, 5
ASKED = {
    "a word of three in ten messages": "order",
    "a rare word": "umbrella",
    "two words": "order umbrella",
    "the beginning of a word": "umbr",
    "a word that nobody wrote": "xylophone",
    "a customer's address": "@example.com",
    "the end of a phone number": "0170 0000042",
    "a number": "#4711",
}


@pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)
def test_what_a_search_takes(database, labs: Labs):
    lab = labs()
    grown = lab.call("words.grow", rows=ROWS)
    size = grown["bytes"] / 2**20
    print(f"\n{grown['count']:,} messages, indexed in {grown['built_s']:.0f} s, {size:,.0f} MiB")

    print("| typed | all inboxes, ms (first, median) | one of ten, ms (first, median) | hits |")
    print("| --- | --- | --- | --- |")
    slowest = 0.0
    for name, typed in ASKED.items():
        found = [lab.call("words.ask", typed=typed, inboxes=inboxes, times=TIMES) for inboxes in (None, 1)]
        cells = [f"{one['ms'][0]:.0f}, {statistics.median(one['ms']):.0f}" for one in found]
        print(f"| {name} | {cells[0]} | {cells[1]} | {found[0]['hits']}, {found[1]['hits']} |", flush=True)
        slowest = max(slowest, *(statistics.median(one["ms"]) for one in found))
    print(f"  slowest median: {slowest:.0f} ms, wanted < {MOST_MS} ms")
    assert slowest < MOST_MS
