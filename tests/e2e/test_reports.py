"""What managers read, in a browser: the live dashboard, the SLA report down to a timeline, a policy, hours entered late.

With IMAGES=1 the pictures go to docs/images/; otherwise where nobody keeps them.
"""

import contextlib
import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_thread import open_draft, picture  # noqa: F401  (a fixture)

pytestmark = pytest.mark.e2e
REPORTS = "/admin/reports"
PAGES = {
    "dashboard": "clock/dashboard/",
    "report": "clock/report/",
    "policy": "slapolicy/1/change/",
    "recalculation": "recalculation/new/",
}


@pytest.fixture
def waited(page: Page, demo: Demo) -> Page:
    """Somebody wrote, so that clocks run."""
    open_draft(page, demo)
    return page


def no_wider_than_the_screen(page: Page) -> bool:
    """Charts take a new width a moment after the page."""
    with contextlib.suppress(TimeoutError):
        page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth + 1", timeout=3000)
        return True
    return False


def test_a_number_of_the_report_leads_to_its_clocks_and_each_to_its_timeline(waited: Page, demo: Demo):
    waited.goto(f"{demo.url}{REPORTS}/clock/report/")

    waited.get_by_label("First response", exact=True).get_by_role(
        "link", name=re.compile(r"^\d")
    ).first.click()
    waited.locator("table a[href*='/conversation/']").first.click()

    expect(waited.get_by_role("heading", name=re.compile("Timeline of"))).to_be_visible()
    expect(waited.locator("svg.s-lane").first).to_be_visible()


def test_the_dashboard_refreshes_itself(waited: Page, demo: Demo):
    waited.goto(f"{demo.url}{REPORTS}/clock/dashboard/")
    shown = waited.locator("#dashboard-live").get_attribute("data-at")

    expect(waited.locator("#dashboard-live")).not_to_have_attribute("data-at", shown or "", timeout=40_000)


def test_what_hours_entered_late_would_change_is_asked_before(waited: Page, demo: Demo):
    waited.goto(f"{demo.url}{REPORTS}/recalculation/new/")
    today = waited.locator("input[name=since]").get_attribute("max")
    waited.locator("input[name=since]").fill(today or "")

    waited.get_by_role("button", name="Preview changes").click()

    expect(waited.get_by_text("the newest hours give the same results")).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_each_page_fits_a_screen_a_phone_and_a_sheet(waited: Page, demo: Demo, picture, name: str):  # noqa: F811
    waited.goto(f"{demo.url}{REPORTS}/{PAGES[name]}")
    for scheme in ("light", "dark"):
        waited.emulate_media(color_scheme=scheme)
        picture(f"sla-{name}-{scheme}")
    waited.set_viewport_size({"width": 390, "height": 844})
    assert no_wider_than_the_screen(waited)
    picture(f"sla-{name}-phone")

    waited.emulate_media(media="print", color_scheme="light")

    picture(f"sla-{name}-print")
    expect(waited.locator("#nav-sidebar")).to_be_hidden()
