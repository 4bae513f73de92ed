"""Ctrl+K in a browser: from a field too, by keys alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo

pytestmark = pytest.mark.e2e
PALETTE = "#search-palette"


def test_a_page_is_found_and_opened_by_keys_alone(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/settings/")
    page.locator("#find-setting").focus()

    page.keyboard.press("Control+k")
    expect(page.locator(PALETTE)).to_contain_text("You can search")
    page.keyboard.type("opening hours")
    expect(page.locator(f"{PALETTE} li", has_text="Calendars")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/admin/knowledge/businesscalendar/"))


def test_escape_closes_it_and_enter_without_a_choice_opens_the_page(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("wombat")
    expect(page.locator(PALETTE)).to_contain_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.locator(PALETTE)).to_be_hidden()

    page.keyboard.press("Control+k")
    page.keyboard.type("password")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/admin/search/\?q=password"))
    expect(page.locator("mark").first).to_be_visible()


def test_on_a_phone_what_was_found_is_shown(page: Page, demo: Demo):
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"{demo.url}/admin/search/?q=password")

    expect(page.locator("mark").first).to_be_visible()
