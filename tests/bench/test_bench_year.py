"""A year of support on PostgreSQL (year.py) beside a week of it: how long each page takes once warm, and how many queries.

Wanted (performance.md, growth): each page within 20 % of the small desk and under 300 ms; what reports on the whole year, under
1 s. BENCH_FULL=1: a million messages and five million deliveries, which take a quarter of an hour; BENCH_YEAR=postgres://… uses a
database that year.py has filled. No part of a page that takes less than NOISE_MS counts.
"""

import os

import pytest

from tests.bench.conftest import Labs
from tests.bench.rounds import FULL

SMALL = {"conversations": 1_000, "messages": 10_000}
LARGE = (
    {"conversations": 100_000, "messages": 1_000_000}
    if FULL
    else {"conversations": 5_000, "messages": 50_000}
)
DELIVERIES = 5_000_000 if FULL else 200_000
PAGE_MS, YEAR_MS, GROWTH, NOISE_MS = 300, 1000, 1.2, 15
PAGES = (
    "/admin/", "/admin/health/", "/admin/settings/", "/admin/search/?q=password", "/admin/search/?q=Ada",
    "/admin/knowledge/draft/queue/", "/admin/knowledge/draft/queue/?q=Ada", "/admin/knowledge/draft/",
    "/admin/knowledge/escalation/", "/admin/knowledge/article/", "/admin/knowledge/change/", "/admin/knowledge/gap/",
    "/admin/knowledge/probe/", "/admin/knowledge/modelcall/", "/admin/knowledge/learningsignal/",
    "/admin/knowledge/learningsignal/rows/", "/admin/knowledge/learningsignal/coverage/",
    "/admin/knowledge/learningsignal/effect/", "/admin/webhooks/conversation/", "/admin/webhooks/conversation/?q=Ada",
    "/admin/webhooks/contact/", "/admin/webhooks/incoming/", "/admin/webhooks/outgoing/", "/admin/webhooks/failurenote/",
    "/admin/webhooks/rejection/", "/admin/webhooks/alert/", "/admin/reports/clock/dashboard/",
    "/admin/reports/clock/dashboard/backlog/", "/admin/reports/clock/report/?days=7", "/admin/reports/clock/report/?days=28",
    "/admin/reports/clock/conversation/5/", "/admin/reports/slapolicy/", "/admin/reports/recalculation/",
    "/admin/reports/weeklyreport/", "/api/v1/queue/", "/api/v1/drafts/", "/api/v1/deliveries/",
    "/api/v1/deliveries/?status=DEAD", "/api/v1/articles/search/?q=password", "/api/v1/reports/sla/?days=28&by=inbox",
)  # fmt: skip
OF_THE_YEAR = (
    "/admin/reports/clock/report/?days=365&by=label", "/admin/reports/clock/report/?days=365&by=agent",
    "/admin/reports/clock/report/clocks/?days=365&outcome=missed&by=label&group=vip",
)  # fmt: skip


@pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)
def test_pages_stay_flat_over_a_year_of_support(database, labs: Labs):
    filled = os.environ.get("BENCH_YEAR", "")
    small, large = labs("small", own_database=True), labs("year", own_database=not filled, url=filled)
    small.call("year.fill", **SMALL, deliveries=10_000)
    if not filled:
        large.call("year.fill", **LARGE, deliveries=DELIVERIES)
    few, many = (lab.call("year.sizes") for lab in (small, large))

    print(f"\n{few[0]:,} messages and {few[1]:,} deliveries beside {many[0]:,} and {many[1]:,}, once warm")
    print(
        "| page | small, ms | large, ms | ratio | queries | queries | |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for page in (*PAGES, *OF_THE_YEAR):
        limit = YEAR_MS if page in OF_THE_YEAR else PAGE_MS
        before, few = small.call("warm_page", path=page)
        after, many = large.call("warm_page", path=page)
        grew = page not in OF_THE_YEAR and after > max(before * GROWTH, before + NOISE_MS)
        missed = " ".join(["slow"] * (after > limit) + ["grew"] * grew)
        print(f"| {page} | {before:.0f} | {after:.0f} | {after / before:.2f} | {few} | {many} | {missed} |")
