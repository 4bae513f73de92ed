"""A file on a reply, in a browser: attached with the keyboard, dropped, removed, approved, and once in Chatwoot."""

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SENT, Demo, customer_writes, in_chatwoot, open_row, wait_for_absence
from tests.e2e.test_draft import KEPT
from tests.e2e.test_thread import grade, open_draft
from tests.knowledge.files.making import PDF, SVG, picture

pytestmark = pytest.mark.e2e
DROP = """(form, [name, type, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name, { type }));
  form.dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer: files }));
  form.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: files }));
}"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "Plan für Käthe.pdf"
    file.write_bytes(PDF)
    return file


def drop(page: Page, name: str, kind: str, content: bytes) -> None:
    page.locator("form#decision").evaluate(DROP, [name, kind, list(content)])


def test_a_file_is_attached_approved_and_once_in_chatwoot(page: Page, demo: Demo, plan: Path):
    conversation = open_draft(page, demo)
    page.locator("textarea#text").fill("Here is the plan.")
    expect(page.locator("#autosaved")).to_contain_text(KEPT)

    # With the keyboard: the next stop after the editor's own buttons opens the browser's dialogue.
    with page.expect_file_chooser() as asked:
        page.locator("#files").press("Enter")
    asked.value.set_files(plan)

    attached = page.locator("#attachments")
    expect(attached.get_by_role("link", name="Plan für Käthe.pdf")).to_be_visible()
    expect(page.locator("textarea#text")).to_have_value("Here is the plan.")
    drop(page, "photo.png", "image/png", picture())
    expect(attached.get_by_role("link", name="Open photo.png")).to_be_visible()
    assert attached.locator("img").evaluate("image => image.complete && image.naturalWidth") == 8

    grade(page, tone=4, accuracy=4, policy=4)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text(SENT)).to_be_visible(timeout=40_000)

    replies = [
        row for row in in_chatwoot(demo, conversation) if row["message_type"] == 1 and not row["private"]
    ]
    assert [row["content"] for row in replies] == ["Here is the plan."]
    files = replies[0]["attachments"]
    assert [(one["file_type"], one["file_size"]) for one in files] == [
        ("file", len(PDF)),
        ("image", len(picture())),
    ]
    assert requests.get(files[0]["data_url"], timeout=5).content == PDF
    page.wait_for_load_state()
    copies = page.get_by_role("link", name="Copy in Chatwoot")
    expect(copies).to_have_count(2)
    assert copies.first.get_attribute("href") == files[0]["data_url"]


def test_a_file_that_does_not_fit_is_named_and_the_text_stays(page: Page, demo: Demo):
    open_draft(page, demo)
    page.locator("textarea#text").fill("Half a sentence")

    drop(page, "logo.svg", "image/svg+xml", SVG)

    expect(page.locator("#attach-error")).to_contain_text("logo.svg is a web page or an SVG")
    expect(page.locator("textarea#text")).to_have_value("Half a sentence")
    assert page.locator("#attachments li").count() == 0


def test_a_removed_file_is_gone(page: Page, demo: Demo):
    open_draft(page, demo)
    drop(page, "plan.pdf", "application/pdf", PDF)
    page.get_by_role("button", name="Remove plan.pdf").click()

    expect(page.get_by_text("Removed. The draft is now at revision 3.")).to_be_visible()
    assert page.locator("#attachments li").count() == 0


def test_what_is_too_large_is_not_even_uploaded(page: Page, demo: Demo, tmp_path: Path):
    open_draft(page, demo)
    large = tmp_path / "film.mp4"
    with large.open("wb") as file:
        file.truncate(30 * 2**20)

    page.locator("#files").set_input_files(large)

    expect(page.locator("[data-attach-error]")).to_contain_text("larger than 25.0")


def test_a_new_reply_lists_its_files_and_takes_them_along(page: Page, demo: Demo):
    conversation = customer_writes(demo, "Zqx vlork brimble?")  # nothing that an article answers
    wait_for_absence(demo, conversation)
    open_row(page, demo, conversation)
    page.locator("textarea#text").fill("Both are attached.")
    page.locator("#files").set_input_files([
        {"name": "one.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "two.png", "mimeType": "image/png", "buffer": picture()},
        {"name": "no.pdf", "mimeType": "application/pdf", "buffer": PDF},
    ])  # fmt: skip
    expect(page.locator("[data-chosen] li")).to_have_count(3)
    page.get_by_role("button", name="Remove no.pdf").click()
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    page.get_by_role("button", name="Save as draft").click()

    expect(page.locator("#attachments li")).to_have_count(2)
    expect(page.locator("#attachments")).to_contain_text("one.pdf")
