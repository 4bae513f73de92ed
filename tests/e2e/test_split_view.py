"""The queue with the reply beside it, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, Demo, agent_writes, customer_writes, in_chatwoot, wait_for_draft
from tests.e2e.test_accessibility import in_both_schemes
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
KEPT = re.compile(r"Saved \d\d:\d\d")
ROWS = "ol.s-queue > li"


def queue(demo: Demo, query: str = "") -> str:
    return f"{demo.url}/admin/knowledge/draft/queue/{query}"


def drafted(page: Page, demo: Demo, *texts: str) -> list[int]:
    """Customers who wait with a draft, as the open queue shows them."""
    conversations = [customer_writes(demo, text) for text in texts]
    for number in conversations:
        wait_for_draft(demo, number)
    page.goto(queue(demo, "?show=300"))
    for number in conversations:
        expect(row_of(page, number).locator("a[href*='/draft/']")).to_be_visible()
    return conversations


def row_of(page: Page, conversation: int):
    return page.locator(ROWS, has_text=re.compile(rf"#{conversation}\b"))


def go_to(page: Page, conversation: int) -> None:
    """By the keyboard, as many rows down as it takes."""
    place = row_of(page, conversation).evaluate("row => [...row.parentElement.children].indexOf(row)")
    for _ in range(place + 1):
        page.keyboard.press("j")
    expect(row_of(page, conversation).locator("a")).to_be_focused()
    expect(page.locator("#pane")).to_contain_text(f"#{conversation}")
    expect(page.locator("#pane form#decision")).to_be_visible()


def stands(demo: Demo, conversation: int, words: str) -> bool:
    return any(words in (message["content"] or "") for message in in_chatwoot(demo, conversation))


def test_replies_are_decided_beside_the_list_by_the_keyboard_alone(lead: Page, demo: Demo):
    first, second, third = drafted(
        lead, demo, "How do I reset my password?", "Where is my order?", "Can I change my address?"
    )
    lead.goto(queue(demo, "?show=300"))

    go_to(lead, first)
    assert lead.evaluate("window.stayed = true")
    for key in ("e", "Control+End"):
        lead.keyboard.press(key)
    lead.keyboard.type(" Typed beside the list.")
    expect(lead.locator("#autosaved")).to_contain_text(KEPT)
    for key in ("Escape", "4", "5", "5", "e", "Control+Enter"):
        lead.keyboard.press(key)

    expect(lead.locator(".s-said")).to_contain_text("Approved.")
    expect(lead.locator("#pane")).not_to_contain_text(f"#{first}")
    expect(lead.locator(".s-toast")).to_be_visible()
    lead.keyboard.press("u")
    expect(lead.get_by_text("Approval undone. Nothing was sent.")).to_be_visible()
    expect(lead.locator("#pane")).to_contain_text(f"#{first}")
    lead.keyboard.press("Enter")
    eventually(lambda: stands(demo, first, "Typed beside the list."), within_s=40)

    lead.goto(queue(demo, "?show=300"))
    go_to(lead, second)
    for key in ("2", "1", "3", "r"):
        lead.keyboard.press(key)
    lead.keyboard.type("It answers something else.")
    for key in ("Escape", "r"):
        lead.keyboard.press(key)
    expect(lead.locator(".s-said")).to_contain_text("Rejected.")
    expect(lead.locator("#pane")).not_to_contain_text(f"#{second}")

    lead.goto(queue(demo, "?show=300"))
    go_to(lead, third)
    lead.keyboard.press("h")
    expect(lead.locator("#pane #reason")).to_be_focused()


def test_moving_through_the_list_changes_the_address_and_back_goes_back(lead: Page, demo: Demo):
    drafted(lead, demo, "How do I reset my password?", "Where is my order?")
    lead.goto(queue(demo, "?state=ready"))
    lead.evaluate("window.stayed = true")

    lead.keyboard.press("j")
    expect(lead).to_have_url(re.compile(r"\?state=ready&draft=\d+$"))
    one = lead.url
    lead.keyboard.press("ArrowDown")
    expect(lead).not_to_have_url(one)
    two = lead.url
    lead.go_back()

    expect(lead).to_have_url(one)
    expect(lead.locator(f"[data-here$='{one.split('&')[1]}']")).to_be_attached()
    assert lead.evaluate("window.stayed") is True
    lead.goto(two)
    expect(lead.locator("#pane form#decision")).to_be_visible()
    expect(lead.locator(f"{ROWS} a[aria-current=true]")).to_have_count(1)


def test_enter_goes_to_the_reply_and_escape_back_to_the_list(lead: Page, demo: Demo):
    (conversation,) = drafted(lead, demo, "How do I reset my password?")
    lead.goto(queue(demo, "?show=300"))
    go_to(lead, conversation)

    lead.keyboard.press("Enter")
    expect(lead.locator("#pane")).to_be_focused()
    lead.keyboard.press("Escape")

    expect(row_of(lead, conversation).locator("a")).to_be_focused()


def test_text_typed_beside_the_list_is_there_again_after_another_row(lead: Page, demo: Demo):
    (conversation,) = drafted(lead, demo, "How do I reset my password?")
    customer_writes(demo, "Where is my order?")
    lead.goto(queue(demo, "?show=300"))
    go_to(lead, conversation)
    lead.locator("textarea#text").fill("Half a sentence")

    lead.locator(f"{ROWS} a").first.click()
    expect(lead.locator("textarea#text")).not_to_have_value("Half a sentence")
    row_of(lead, conversation).locator("a").click()

    expect(lead.locator("textarea#text")).to_have_value("Half a sentence")


def test_twenty_rows_and_the_whole_decision_are_above_the_fold(lead: Page, demo: Demo):
    (conversation,) = drafted(lead, demo, "How do I reset my password?")
    row_of(lead, conversation).locator("a").click()
    expect(lead.locator("#pane form#decision")).to_be_visible()

    for part in (".s-desk-asked .s-bubble", ".s-desk-evidence", "#text", ".s-grades", "#note"):
        expect(lead.locator(part).first).to_be_in_viewport(ratio=0.9 if part != ".s-desk-evidence" else 0.3)
    expect(lead.get_by_role("button", name="Approve", exact=True)).to_be_in_viewport(ratio=1)
    row, rows = (lead.locator(part).first.bounding_box()["height"] for part in (ROWS, ".s-split-rows"))
    assert rows / row >= 20
    assert lead.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        1440,
        900,
    ]


def test_two_see_each_other_and_the_first_edit_claims(page: Page, lead: Page, demo: Demo):
    (conversation,) = drafted(lead, demo, "How do I reset my password?")
    page.set_viewport_size(DESK)
    page.goto(queue(demo, "?show=300"))
    for desk in (page, lead):
        row_of(desk, conversation).locator("a").click()
        expect(desk.locator("#pane form#decision")).to_be_visible()
    expect(page.get_by_text("bob is viewing this draft.")).to_be_visible(timeout=20_000)
    expect(lead.get_by_text("Ada Moss is viewing this draft.")).to_be_visible(timeout=20_000)

    lead.locator("textarea#text").press("End")
    lead.locator("textarea#text").type(" Mine.")
    expect(lead.locator("#autosaved")).to_contain_text(KEPT)

    expect(page.get_by_text("bob is working on this draft.")).to_be_visible(timeout=20_000)


def test_a_filter_is_saved_named_and_deleted(lead: Page, demo: Demo):
    drafted(lead, demo, "How do I reset my password?")
    lead.goto(queue(demo, "?state=ready"))
    lead.locator("#filter-menu summary").click()
    lead.get_by_label("Name of this filter").fill("Ready ones")
    lead.get_by_role("button", name="Save filter").click()

    lead.goto(queue(demo))
    lead.get_by_role("link", name="Ready ones").click()
    expect(lead).to_have_url(queue(demo, "?state=ready"))
    lead.get_by_role("button", name="Delete the saved filter Ready ones").click()

    expect(lead.get_by_role("link", name="Ready ones")).to_have_count(0)


def test_the_tabs_title_follows_arrivals(lead: Page, demo: Demo):
    lead.goto(queue(demo))
    before = lead.locator(ROWS).count()
    expect(lead).to_have_title(re.compile(rf"^\({before}\)|^\(\d+\) Queue"))

    conversation = customer_writes(demo, "How do I reset my password?")

    expect(row_of(lead, conversation)).to_have_count(1, timeout=40_000)
    expect(lead).to_have_title(re.compile(rf"^\({lead.locator(ROWS).count()}\) Queue"))
    agent_writes(demo, conversation, "Answered in Chatwoot.")


def test_on_a_narrow_screen_a_row_opens_the_replys_own_page(lead: Page, demo: Demo):
    drafted(lead, demo, "How do I reset my password?")
    lead.set_viewport_size({"width": 390, "height": 844})
    lead.goto(queue(demo, "?state=ready"))

    lead.locator(f"{ROWS} a").first.click()

    expect(lead).to_have_url(re.compile(r"/draft/\d+/change/$"))
    assert lead.evaluate("document.documentElement.scrollWidth") <= 390
    lead.go_back()
    pane = str(lead.locator(f"{ROWS} a").first.get_attribute("data-pane"))
    lead.goto(demo.url + pane)  # the link of a colleague with a wide screen
    expect(lead.locator("form#decision")).to_be_visible()
    expect(lead.locator("#queue-live")).to_be_hidden()
    assert lead.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_split_view_has_no_grave_fault(lead: Page, demo: Demo):
    (conversation,) = drafted(lead, demo, "How do I reset my password?")
    row_of(lead, conversation).locator("a").click()
    expect(lead.locator("#pane form#decision")).to_be_visible()
    found = in_both_schemes(lead)
    lead.keyboard.press("Escape")
    lead.locator("#filter-menu summary").click()

    assert found + in_both_schemes(lead) == []
