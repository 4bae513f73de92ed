"""The main job as a lead does it, on the demo: take the next, grade, approve, see it stand in Chatwoot, once.

With IMAGES=1 the pictures of README.md are taken anew (docs/images/); otherwise they go where nobody keeps them.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.conftest import (
    ROOT,
    SENT,
    Demo,
    customer_writes,
    drafts,
    in_chatwoot,
    open_row,
    wait_for_draft,
)
from tests.waiting import eventually

pytestmark = pytest.mark.e2e


@pytest.fixture
def picture(page: Page, tmp_path: Path):
    folder = ROOT / "docs" / "images" if os.environ.get("IMAGES") == "1" else tmp_path

    def take(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    return take


def open_draft(page: Page, demo: Demo, text: str = "How do I reset my password?", **details: object) -> int:
    """A customer of the test's own writes (nobody else answers there); open the draft's own page."""
    conversation = customer_writes(demo, text, **details)
    page.goto(f"{demo.url}/admin/knowledge/draft/{wait_for_draft(demo, conversation)}/change/")
    expect(page.locator("form#decision")).to_be_visible()
    return conversation


def grade(page: Page, **grades: int) -> None:
    for name, number in grades.items():
        page.get_by_label(f"{name.capitalize()} {number}", exact=True).locator("..").click()


def test_within_a_minute_the_demo_shows_deliveries_one_retried_and_drafts_waiting(page, demo):
    def cells(path: str, column: str) -> list[str]:
        page.goto(f"{demo.url}{path}")
        return page.locator(f"#changelist .field-{column}").all_inner_texts()

    eventually(lambda: "message_created" in " ".join(cells("/admin/webhooks/incoming/", "event")))
    eventually(
        lambda: any(
            int(tries) > 1 for tries in cells("/admin/webhooks/outgoing/?event=message.refresh", "tries")
        )
    )
    page.goto(f"{demo.url}/admin/knowledge/draft/queue/")
    eventually(lambda: page.reload() and page.locator("ol.s-queue a[href*='/draft/']").count())


def test_an_approved_draft_stands_in_chatwoot_once_and_the_dashboard_counts_it(page, demo, picture):
    conversation = customer_writes(demo, "How do I reset my password?")
    wait_for_draft(demo, conversation)
    open_row(page, demo, conversation)
    picture("draft")
    page.locator("textarea#text").fill("Hello,\n\nhere is the answer, checked by a person.")
    grade(page, tone=4, accuracy=5, policy=5)

    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved by Ada Moss").first).to_be_visible()

    def standing() -> list[dict]:
        return [m for m in in_chatwoot(demo, conversation) if "checked by a person" in (m["content"] or "")]

    def told() -> int:
        try:
            page.reload()
        except Error:  # the page was just loading itself anew
            return 0
        return page.get_by_text(SENT).count()

    eventually(standing, within_s=30)
    eventually(told, within_s=30)
    assert len(standing()) == 1
    assert (standing()[0]["private"], standing()[0]["message_type"]) == (False, 1)
    page.goto(f"{demo.url}/admin/")
    expect(page.get_by_text(re.compile("sent", re.I)).first).to_be_visible()


def test_approving_without_grades_is_refused_and_loses_nothing(page, demo):
    open_draft(page, demo)
    page.locator("textarea#text").fill("Typed with care.")
    page.evaluate("document.getElementById('decision').noValidate = true")

    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text(re.compile("Grade tone, accuracy, policy")).first).to_be_visible()
    expect(page.locator("textarea#text")).to_have_value("Typed with care.")


def test_undo_sends_nothing(page, demo):
    conversation = open_draft(page, demo)
    before = len(in_chatwoot(demo, conversation))
    page.locator("textarea#text").fill("To be taken back.")
    grade(page, tone=4, accuracy=5, policy=5)  # all fives for a rewrite would be asked about
    page.get_by_role("button", name="Approve", exact=True).click()

    page.get_by_role("button", name="Undo").first.click()

    expect(page.get_by_text("Approval undone. Nothing was sent.")).to_be_visible()
    sends = "SELECT status FROM webhooks_delivery WHERE event = 'reply.send' AND conversation_id = ?"
    assert demo.rows(sends, conversation) == [("CANCELLED",)]
    assert [status for _, status in drafts(demo, conversation)] == ["PROPOSED"]
    assert all(
        "To be taken back" not in (m["content"] or "") for m in in_chatwoot(demo, conversation)[before:]
    )


def test_a_customer_who_writes_again_makes_the_open_draft_stale(page, demo):
    conversation = open_draft(page, demo)
    grade(page, tone=5, accuracy=5, policy=5)
    customer_writes(demo, "One more thing.", conversation_id=conversation)
    eventually(lambda: drafts(demo, conversation)[0][1] == "STALE", each_s=0.1)

    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text("The customer wrote again").first).to_be_visible()


@pytest.mark.parametrize("path", ["/admin/", "/admin/knowledge/draft/queue/", "/admin/knowledge/draft/next/"])
def test_nothing_is_wider_than_a_phone(page, demo, path):
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(demo.url + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_pictures_of_the_readme_show_a_busy_desk(page, demo, picture):
    page.goto(f"{demo.url}/admin/knowledge/draft/queue/")
    eventually(lambda: page.reload() and page.locator("ol.s-queue > li").count() > 3)
    picture("queue")
    page.goto(f"{demo.url}/admin/")
    expect(page.get_by_text("Needs attention")).to_be_visible()
    picture("dashboard")
