"""The weekly report in a browser: from the sidebar to last week, kept with a note, on a phone, on paper, by axe."""

import re
import time
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_accessibility import in_both_schemes
from tests.e2e.test_reports import no_wider_than_the_screen

pytestmark = pytest.mark.e2e


def last_week(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/admin/reports/weeklyreport/")
    page.get_by_role("link", name="Last week", exact=True).click()
    page.wait_for_url("**/weeklyreport/*-W*/**")


def test_the_sidebar_leads_to_last_week(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/")
    page.locator("#nav-sidebar").get_by_text("Reports", exact=True).click()
    page.get_by_role("link", name="Weekly reports").click()
    page.get_by_role("link", name="Last week", exact=True).click()

    expect(page.get_by_role("heading", name=re.compile("Week"))).not_to_have_count(0)


def test_a_manager_s_monday_ends_with_a_pdf_to_forward(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/reports/clock/report/")
    chart = page.get_by_role("img", name=re.compile("New, resolved and backlog"))
    chart.focus()
    page.keyboard.press("End")
    read = page.locator("figure", has=chart).get_by_role("status")
    expect(read).to_have_text(re.compile(r"New [\d,]+, Resolved [\d,]+, Backlog [\d,]+"))
    page.locator("figure", has=chart).get_by_text("Show as table").click()
    expect(page.locator("figure", has=chart).get_by_role("row").last).to_contain_text(re.compile(r"\d"))

    last_week(page, demo)
    for part in ("Action items", "What changed", "Why we missed"):
        expect(page.get_by_role("heading", name=part)).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download PDF").click()

    assert re.fullmatch(r"support-\d{4}-W\d\d\.pdf", saved.value.suggested_filename)
    with pypdfium2.PdfDocument(saved.value.path()) as document:
        assert "Weekly support report" in document[0].get_textpage().get_text_range()


def test_the_newest_week_leads_to_the_week_so_far(page: Page, demo: Demo):
    last_week(page, demo)

    page.get_by_role("link", name="Week so far").click()

    expect(page.get_by_text("This week is not over")).to_be_visible()


def test_send_now_asks_first_and_says_where_it_went(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/reports/weeklyrecipient/add/")
    page.get_by_label("Name").fill(f"Board {time.time()}")
    page.get_by_label("Address").fill("board@example.com")
    page.get_by_role("button", name="Save", exact=True).click()

    last_week(page, demo)
    page.get_by_text("Send now").click()
    page.get_by_role("button", name=re.compile("^Send")).click()

    expect(page.get_by_text(re.compile(r"on its way to \d+ recipient"))).to_be_visible()


def test_an_older_week_is_looked_at_kept_and_noted(page: Page, demo: Demo):
    """A week before the demo's history: those of its history it has saved."""
    year, week, _ = (datetime.now(tz=UTC) - timedelta(weeks=10)).isocalendar()
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

    assert no_wider_than_the_screen(page)


def test_paper_shows_the_figures_and_no_buttons(page: Page, demo: Demo):
    last_week(page, demo)

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name="Action items")).to_be_visible()
    expect(page.locator(".s-button:visible")).to_have_count(0)
