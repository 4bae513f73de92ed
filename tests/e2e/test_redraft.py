"""Another draft, in a browser: with a model as the instructions say, without one from an article that a person chooses."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESK, Demo, sign_in, started_demo
from tests.e2e.test_thread import open_draft
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
FIRST = "You can set a new password at any time"


def open_regenerate(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details:not([hx-get])').forEach(one => one.open = true)")


def text_of_newest_draft(page: Page, demo: Demo, conversation: int) -> str:
    page.goto(f"{demo.url}/admin/knowledge/draft/queue/")
    row = page.locator("ol a[href*='/draft/']", has_text=re.compile(rf"#{conversation}\b"))
    if not row.count():
        return ""
    page.goto(demo.url + str(row.first.get_attribute("href")))
    editor = page.locator("textarea#text")  # a draft that was replaced has none
    return editor.input_value() if editor.count() else ""


def test_the_model_obeys_instructions(page: Page, demo: Demo):
    conversation = open_draft(page, demo)
    expect(page.locator("textarea#text")).to_have_value(re.compile("spam folder"))
    open_regenerate(page)

    page.locator("#instructions").fill("Shorter and friendlier, please")
    page.get_by_role("button", name="Regenerate", exact=True).click()
    expect(page.get_by_text("A new draft is being written.").first).to_be_visible()

    wanted = f"Thank you for asking! {FIRST}"
    eventually(lambda: wanted in text_of_newest_draft(page, demo, conversation))
    assert "spam folder" not in page.locator("textarea#text").input_value()
    expect(page.get_by_text("with prompt v1")).to_be_visible()


@pytest.fixture
def without_model(tmp_path) -> Iterator[Demo]:
    with started_demo(tmp_path, DRAFTER_URL="") as demo:
        yield demo


def test_without_a_model_a_person_chooses_the_article(browser: Browser, without_model: Demo):
    demo = without_model
    signed_in = sign_in(browser, demo, "admin", demo.password)
    page = browser.new_page(viewport=DESK, storage_state=signed_in)
    conversation = open_draft(page, demo)
    open_regenerate(page)
    assert page.locator("#instructions").count() == 0

    page.locator("#article").select_option("refund")
    page.get_by_role("button", name="Regenerate", exact=True).click()

    wanted = "You can return anything within 30 days"
    eventually(lambda: wanted in text_of_newest_draft(page, demo, conversation))
    page.close()
