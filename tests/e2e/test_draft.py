"""One draft in a browser: what is typed is kept, keys decide, an approval can be taken back from another page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo, customer_writes, open_row, wait_for_absence
from tests.e2e.test_thread import grade, open_draft

pytestmark = pytest.mark.e2e
KEPT = re.compile(r"Saved \d\d:\d\d")


def leave_fields(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def test_what_was_typed_is_there_again_after_a_crash(page: Page, demo: Demo):
    open_draft(page, demo)
    page.locator("textarea#text").fill("Half a sentence")
    expect(page.locator("#autosaved")).to_contain_text(KEPT)
    address = page.url

    page.goto("about:blank")
    page.goto(address)

    expect(page.locator("textarea#text")).to_have_value("Half a sentence")
    expect(page.get_by_text("has been restored")).to_be_visible()


def test_a_lapsed_session_keeps_the_text_and_says_so(page: Page, demo: Demo):
    open_draft(page, demo)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")

    page.locator("textarea#text").fill("Typed while signed out")

    expect(page.locator("#autosaved")).to_contain_text("You are signed out")
    page.context.add_cookies(cookies)
    page.locator("textarea#text").press("End")
    page.locator("textarea#text").type(", and in again")
    expect(page.locator("#autosaved")).to_contain_text(KEPT)


def test_grades_are_typed_and_enter_approves(page: Page, demo: Demo):
    open_draft(page, demo)
    leave_fields(page)

    for key in ("4", "5", "5", "Enter"):
        page.keyboard.press(key)

    expect(page.get_by_text("Approved by Ada Moss").first).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Approval undone. Nothing was sent.")).to_be_visible()


def test_missing_grades_are_marked_beside_them_and_not_in_a_bubble(page: Page, demo: Demo):
    open_draft(page, demo)
    leave_fields(page)
    page.keyboard.press("4")

    page.get_by_role("button", name="Approve", exact=True).click()

    said = page.locator("#grades-missing")
    expect(said).to_have_text("Give the marked grades first.")
    assert page.locator(".s-grade.s-missing legend").all_inner_texts() == ["Accuracy", "Policy"]
    leave_fields(page)
    page.keyboard.press("5")
    page.keyboard.press("5")
    expect(said).to_be_hidden()


CARET = "editor => [editor.selectionStart, editor.selectionEnd, editor.value.length]"


def test_e_goes_on_at_the_end_of_the_text_and_later_where_one_left_it(page: Page, demo: Demo):
    open_draft(page, demo)
    leave_fields(page)
    editor = page.locator("textarea#text")

    page.keyboard.press("e")
    start, end, length = editor.evaluate(CARET)
    assert (start, end) == (length, length)

    page.keyboard.press("Control+Home")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    assert editor.evaluate(CARET)[:2] == [0, 0]


def test_one_s_own_words_have_no_grades_and_enter_approves(page: Page, demo: Demo):
    conversation = customer_writes(demo, "Zqx vlork brimble?")  # nothing that an article answers
    wait_for_absence(demo, conversation)
    open_row(page, demo, conversation)
    page.locator("textarea#text").fill("All in my own words.")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("form#decision")).to_be_visible()
    leave_fields(page)

    assert page.locator(".s-grade").count() == 0
    page.keyboard.press("Enter")

    expect(page.get_by_text("Approved by Ada Moss").first).to_be_visible()


def test_digits_in_the_editor_are_text(page: Page, demo: Demo):
    open_draft(page, demo)

    page.locator("textarea#text").press("4")

    assert page.locator(".s-grade input:checked").count() == 0


def test_enter_in_an_address_approves_nothing(page: Page, demo: Demo):
    open_draft(page, demo, "Where is my invoice?", inbox_id=1)
    grade(page, tone=4, accuracy=4, policy=4)

    page.locator("input#to").press("Enter")

    expect(page.locator("form#decision")).to_be_visible()
    expect(page.get_by_text("Text saved.")).to_be_visible()


def test_the_difference_from_the_proposal_is_live(page: Page, demo: Demo):
    open_draft(page, demo)
    page.locator("textarea#text").press("Control+End")
    page.locator("textarea#text").type(" Newword")

    page.locator("#difference summary").click()

    expect(page.locator("#difference ins")).to_contain_text("Newword")


def test_an_approval_is_taken_back_from_another_page(page: Page, demo: Demo):
    open_draft(page, demo)
    grade(page, tone=4, accuracy=5, policy=5)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved by Ada Moss").first).to_be_visible()

    page.goto(f"{demo.url}/admin/knowledge/article/")
    page.locator(".s-toast").get_by_role("button", name="Undo").click()

    expect(page.get_by_text("Approval undone. Nothing was sent.")).to_be_visible()


def test_a_newer_message_appears_and_carrying_over_takes_the_typed_text(page: Page, demo: Demo):
    conversation = open_draft(page, demo)
    page.locator("textarea#text").fill("My own words.")

    customer_writes(demo, "One more thing.", conversation_id=conversation)
    expect(page.locator("#newer").get_by_text("One more thing.")).to_be_visible(timeout=30_000)
    page.locator("#newer").get_by_role("button", name="Carry over").click()

    expect(page.locator("textarea#text")).to_have_value("My own words.")
    expect(page.locator(".s-desk-asked").get_by_text("One more thing.")).to_be_visible()


def test_on_a_phone_the_question_comes_first_then_the_draft_and_the_grades(page: Page, demo: Demo):
    open_draft(page, demo)
    page.set_viewport_size({"width": 390, "height": 844})

    parts = [".s-desk-asked", "textarea#text", ".s-grades", ".s-desk-strip"]
    tops = [page.locator(part).bounding_box()["y"] for part in parts]

    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
