"""What a page may weigh and cost: its largest paint, its layout shifts, its bytes. Theme and fonts are in the browser's cache."""

import os

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import LAPTOP, Demo
from tests.e2e.test_split_view import ROWS, drafted, queue

pytestmark = pytest.mark.e2e
LCP_MS, WEIGHT = 800, 150_000
SHIFT = 0.001  # a line that moves by a pixel while its font loads; 0.1 is what Google calls good
OBSERVED = """
  () => new Promise((done) => {
    let painted = 0, shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { painted = one.startTime; }))
      .observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) shifted += one.value; }))
      .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => {
      const files = performance.getEntriesByType("resource").filter((one) => !/chart/.test(one.name));
      const page = performance.getEntriesByType("navigation")[0];
      done({ painted, shifted, weight: files.reduce((sum, one) => sum + one.transferSize, page.transferSize) });
    }, 500);
  })
"""


def within_budget(page: Page, address: str) -> None:
    page.goto(address)

    def measured() -> dict:
        page.goto("about:blank")
        page.goto(address)
        return page.evaluate(OBSERVED)

    # The least of several: other work of this machine counts for nothing, as far as it lets this one run at all.
    limit = LCP_MS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    found = measured()
    for _ in range(5):
        if found["painted"] > limit:
            found = measured()
    print(address, found, f"limit {limit:.0f}")

    assert 0 < found["painted"] < limit
    assert found["shifted"] < SHIFT
    assert found["weight"] < WEIGHT


@pytest.mark.parametrize("which", ["the list", "beside the list", "its own page"])
def test_both_pages_are_within_their_budgets(lead: Page, demo: Demo, which):
    """LCP, layout shift and the bytes that a visit costs a person who works here: theme and fonts are in the browser's cache."""
    drafted(lead, demo, "How do I reset my password?")
    lead.goto(queue(demo, "?state=ready"))
    row = lead.locator(f"{ROWS} a").first
    address = {
        "the list": "/admin/knowledge/draft/queue/", "beside the list": row.get_attribute("data-pane"),
        "its own page": row.get_attribute("href"),
    }[which]  # fmt: skip
    within_budget(lead, f"{demo.url}{address}")


@pytest.mark.parametrize(
    "path",
    [
        "", "knowledge/escalation/", "knowledge/draft/", "knowledge/article/", "knowledge/change/review/",
        "knowledge/learningsignal/", "webhooks/conversation/", "webhooks/incoming/", "reports/clock/report/",
        "reports/clock/dashboard/", "reports/weeklyreport/", "health/", "settings/",
    ],
)  # fmt: skip
def test_every_main_page_is_within_its_budget(page: Page, demo: Demo, path: str):
    page.set_viewport_size(LAPTOP)

    within_budget(page, f"{demo.url}/admin/{path}")
