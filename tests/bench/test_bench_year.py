"""A year of support on PostgreSQL (year.py): how long pages take once warm, and how many queries. BENCH_FULL=1: all of it.

Wanted: every page under 1 s, the dashboard under 300 ms.
"""

import pytest

from tests.bench.conftest import Labs
from tests.bench.rounds import FULL

CONVERSATIONS, MESSAGES = (100_000, 1_000_000) if FULL else (5_000, 50_000)
DASHBOARD_MS, PAGE_MS = 300, 1000
PAGES = (
    "/admin/reports/clock/dashboard/", "/admin/reports/clock/dashboard/backlog/", "/admin/reports/clock/report/",
    "/admin/reports/clock/report/?days=84&by=agent", "/admin/reports/clock/report/?days=365&by=label",
    "/admin/reports/clock/report/clocks/?days=365&outcome=missed&by=label&group=vip", "/admin/reports/clock/conversation/5/",
    "/admin/reports/slapolicy/", "/admin/reports/recalculation/", "/admin/knowledge/draft/queue/",
    "/admin/webhooks/conversation/",
    "/admin/webhooks/incoming/", "/admin/", "/admin/reports/weeklyreport/", "/admin/knowledge/learningsignal/",
    "/admin/knowledge/escalation/", "/api/v1/reports/sla/?days=28&by=inbox",
)  # fmt: skip


@pytest.mark.parametrize("database", ["PostgreSQL"], indirect=True)
def test_a_year_of_support_opens_quickly(database, labs: Labs):
    lab = labs("year")
    lab.call("year", conversations=CONVERSATIONS, messages=MESSAGES)

    print(f"\n{CONVERSATIONS:,} conversations with {MESSAGES:,} messages, pages once warm")
    for page in PAGES:
        took, queries = lab.call("warm_page", path=page)
        wanted = DASHBOARD_MS if page.endswith("/dashboard/") else PAGE_MS
        print(f"  {page:80} {took:7.0f} ms {queries:4} queries{'' if took <= wanted else '  MISSED'}")
