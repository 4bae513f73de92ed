"""Every page of the sidebar, tabs and settings, and one of each kind behind it: axe finds no grave fault, light or dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_thread import grade, open_draft

pytestmark = pytest.mark.e2e
GRAVE = ("serious", "critical")
BEHIND = (
    "knowledge/article/1/change/", "knowledge/businesscalendar/1/change/", "knowledge/deskinbox/1/change/",
    "knowledge/draft/queue/dismissed/", "knowledge/riskrule/1/change/", "reports/recalculation/", "reports/recalculation/new/",
    "reports/slapolicy/1/change/", "reports/weeklyrecipient/add/",
    "webhooks/conversation/1/change/", "webhooks/incoming/1/change/", "webhooks/inbox/1/change/", "webhooks/replayrun/add/",
    "webhooks/retrypolicy/1/change/", "webhooks/source/1/change/",
)  # fmt: skip
# Without preload, which would load every style sheet again for one rule about turned screens.
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
COLOURS = EVERYTHING | {"runOnly": ["color-contrast", "link-in-text-block"]}


AXE = Axe()


def faults(page: Page, options: dict) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{page.url} {fault['id']}: {one['html'][:160]}"
        for fault in found
        if fault["impact"] in GRAVE
        for one in fault["nodes"]
    ]


def in_both_schemes(page: Page) -> list[str]:
    """What is wrong by its markup is wrong in both: in the dark only colours are looked at."""
    page.evaluate(AXE.axe_script)
    page.emulate_media(color_scheme="light")
    found = faults(page, EVERYTHING)
    page.emulate_media(color_scheme="dark")
    return found + faults(page, COLOURS)


def test_no_page_has_a_grave_fault(page: Page, demo: Demo):
    addresses = {f"/admin/{page}" for page in BEHIND}
    for begin in ("", "settings/", "webhooks/alert/", "reports/clock/dashboard/"):
        page.goto(f"{demo.url}/admin/{begin}")
        links = page.locator(
            "#nav-sidebar a[href^='/admin/'], .s-tabs a[href^='/admin/'], .s-settings a[href^='/admin/']"
        )
        addresses |= {str(link.get_attribute("href")) for link in links.all()}
    assert len(addresses) > 30, addresses
    found = []

    for address in sorted(addresses):
        answer = page.goto(demo.url + address)
        assert answer.ok, address
        found += in_both_schemes(page)

    assert found == []


def test_a_draft_has_no_grave_fault_before_or_after_its_decision(page: Page, demo: Demo):
    open_draft(page, demo)
    found = in_both_schemes(page)
    page.get_by_role("button", name="Approve", exact=True).scroll_into_view_if_needed()
    page.keyboard.press("?")
    found += in_both_schemes(page)
    page.keyboard.press("Escape")
    grade(page, tone=4, accuracy=5, policy=5)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved by Ada Moss").first).to_be_visible()
    found += in_both_schemes(page)
    page.goto(f"{demo.url}/admin/knowledge/learningsignal/")
    found += in_both_schemes(page)

    assert found == []
