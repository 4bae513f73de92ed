"""The weekly report in a browser: from the sidebar to last week, kept with a note, on a phone, on paper, by axe."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_accessibility import in_both_schemes

pytestmark = pytest.mark.e2e


def last_week(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/admin/reports/weeklyreport/")
    page.get_by_role("link", name="Last week", exact=True).click()


def test_the_sidebar_leads_to_last_week(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/")
    page.locator("#nav-sidebar").get_by_text("Reports", exact=True).click()
    page.get_by_role("link", name="Weekly reports").click()
    page.get_by_role("link", name="Last week", exact=True).click()

    expect(page.get_by_role("heading", name=re.compile("Week"))).not_to_have_count(0)


def test_an_older_week_is_looked_at_kept_and_noted(page: Page, demo: Demo):
    """Last week's the demo keeps by itself."""
    year, week, _ = (datetime.now(tz=UTC) - timedelta(weeks=2)).isocalendar()
    page.goto(f"{demo.url}/admin/reports/weeklyreport/{year}-W{week:02}/")
    expect(page.get_by_text("Not saved")).to_be_visible()

    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_text("Not saved")).to_have_count(0)
    page.get_by_label("Note on this week").fill("Black Friday")
    page.get_by_role("button", name="Save note").click()

    expect(page.get_by_text("does not count in later medians and ranges").first).to_be_visible()
    page.goto(f"{demo.url}/admin/reports/weeklyreport/")
    noted = page.locator("tbody tr", has_text="Black Friday")
    expect(noted).to_contain_text(re.compile("Week .* no data", re.DOTALL))


def test_it_has_no_grave_fault_light_or_dark(page: Page, demo: Demo):
    last_week(page, demo)

    assert in_both_schemes(page) == []


def test_a_phone_shows_it_without_moving_sideways(page: Page, demo: Demo):
    page.set_viewport_size({"width": 390, "height": 844})

    last_week(page, demo)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_shows_the_figures_and_no_buttons(page: Page, demo: Demo):
    last_week(page, demo)

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="Action items")).to_be_visible()
    expect(page.locator(".s-button:visible")).to_have_count(0)
