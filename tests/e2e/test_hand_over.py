"""Hand-over between two leads, and an outage of Chatwoot as a lead sees it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo, customer_writes, open_row, wait_for_absence
from tests.e2e.test_thread import grade, open_draft

pytestmark = pytest.mark.e2e
FAULT = {"kind": "status", "path": "/api/v1/", "code": 503, "times": None}
TOLD_MS = 30_000  # an outage is shown within that


@contextmanager
def outage(demo: Demo) -> Iterator[None]:
    faults = f"{demo.chatwoot}/simulator/faults"
    requests.post(faults, json=FAULT, timeout=5).raise_for_status()
    try:
        yield
    finally:
        requests.delete(faults, json={"kind": FAULT["kind"]}, timeout=5).raise_for_status()


def queue(demo: Demo) -> str:
    return f"{demo.url}/admin/knowledge/draft/queue/"


def escalate_to_bob(page: Page, demo: Demo, reason: str) -> None:
    open_draft(page, demo)
    page.keyboard.press("h")
    page.keyboard.type(reason)
    page.locator("#escalating").get_by_label("Owner").select_option(label="bob")
    page.locator("#escalating").get_by_role("button", name="Escalate").click()
    expect(page.get_by_text("Escalated to bob.")).to_be_visible()


def test_an_escalation_reaches_its_owner_and_comes_back_with_a_decision(page: Page, bob: Page, demo: Demo):
    reason = "Wants the yearly discount again."
    escalate_to_bob(page, demo, reason)

    bob.goto(f"{queue(demo)}?who=mine")
    expect(bob.locator("#nav-sidebar")).to_contain_text(re.compile("mine", re.IGNORECASE))
    expect(bob.locator("#queue-live")).to_contain_text("Escalated")
    bob.goto(f"{demo.url}/admin/webhooks/profile/notifications/")
    bob.get_by_role("link", name=re.compile("Escalated to you")).first.click()
    expect(bob.get_by_text(reason).first).to_be_visible()
    bob.get_by_label("Decision").fill("Yes, this once.")
    bob.get_by_role("button", name="Return to Ada Moss").click()
    expect(bob.get_by_text("Returned to Ada Moss, who is notified.")).to_be_visible()

    page.goto(f"{demo.url}/admin/webhooks/profile/notifications/")
    page.get_by_role("link", name=re.compile("Escalation returned to you")).first.click()
    expect(page.get_by_text("Yes, this once.")).to_be_visible()
    page.get_by_label("Resolution").fill("Given.")
    page.get_by_role("button", name="Close escalation").click()
    expect(page.get_by_text("Closed.").first).to_be_visible()


def test_an_outage_is_told_to_a_lead_and_is_gone_when_it_is_over(page: Page, bob: Page, demo: Demo):
    open_draft(page, demo)
    bob.goto(queue(demo))
    banner = bob.get_by_text("Chatwoot is not answering (503).")
    expect(banner).to_have_count(0)
    with outage(demo):
        grade(page, tone=5, accuracy=4, policy=5)
        page.keyboard.press("a")
        expect(page.get_by_text("Approved by Ada Moss").first).to_be_visible()

        expect(banner).to_be_visible(timeout=TOLD_MS)
        expect(bob.locator("#outages")).to_contain_text("next try")
        expect(bob.locator("#outages")).to_contain_text("Agents can answer in Chatwoot.")
        page.reload()
        expect(page.get_by_text("Sending failed, retrying").first).to_be_visible()
        expect(page.get_by_text(re.compile(r"Try 1, .*503"))).to_be_visible()
        page.goto(f"{demo.url}/admin/")
        expect(page.get_by_text("Chatwoot is not answering (503).")).to_be_visible()

    expect(banner).to_have_count(0, timeout=120_000)


def test_a_customer_without_a_draft_is_settled_by_keys(page: Page, demo: Demo):
    conversation = customer_writes(demo, "Xylophon Quitte Zwölf Brücken?")
    wait_for_absence(demo, conversation)
    open_row(page, demo, conversation)
    expect(page.locator("#absence")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")

    address = page.url
    page.keyboard.press("d")

    expect(page.get_by_text("No reply needed.").first).to_be_visible()
    expect(page).not_to_have_url(address)
