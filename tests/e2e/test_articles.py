"""Articles in a browser: an import with its dry run, edit and approve, restore, and inserting by keys alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_thread import open_draft

pytestmark = pytest.mark.e2e
CSV = b"title,body,slug\nGift wrapping,We wrap it for free.,gift-wrapping\nBroken,\n"


def test_an_import_is_compared_first_then_approved_from_the_list(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/knowledge/importrun/add/")
    page.get_by_label("From", exact=True).select_option("csv")
    page.locator("[name=file]").set_input_files({"name": "help.csv", "mimeType": "text/csv", "buffer": CSV})
    page.get_by_role("button", name="Dry run").click()

    expect(page.get_by_text("1 new, 0 changed, 0 unchanged, 0 gone, 1 error.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("line 3: it has 2 columns; the header has 3.")).to_be_visible()

    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Approve the open changes").click(timeout=30_000)
    page.get_by_role("row", name=re.compile("Gift wrapping")).get_by_role("checkbox").check()
    page.get_by_role("combobox").first.select_option("approve_selected")
    page.get_by_role("button", name=re.compile("Run|Go")).first.click()
    expect(page.get_by_text("We wrap it for free.")).to_be_visible()
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_text("Approved 1 change.")).to_be_visible()


def test_an_edit_is_proposed_approved_and_rolled_back(page: Page, demo: Demo):
    page.goto(f"{demo.url}/admin/knowledge/article/?slug__exact=invoice")
    page.get_by_role("link", name="Invoices").click()
    before = page.locator("[name=body]").input_value()
    page.locator("[name=body]").fill(before.replace("every invoice", "each invoice"))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("each invoice")
    page.get_by_role("button", name="Propose", exact=True).click()

    expect(page.locator(".s-changes ins").first).to_contain_text("each")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Invoices is now version 2.")).to_be_visible()

    page.goto(f"{demo.url}/admin/knowledge/article/?slug__exact=invoice")
    page.get_by_role("link", name="Invoices").click()
    page.get_by_role("link", name="Version 1", exact=True).click()
    page.get_by_role("button", name="Restore this version").click()

    expect(page.get_by_text("Done: this is version 3.")).to_be_visible()
    expect(page.locator("[name=body]")).to_have_value(before)


def test_an_article_is_inserted_by_keys_alone_and_cited(page: Page, demo: Demo):
    open_draft(page, demo)
    editor = page.locator("#text")
    before = editor.input_value()

    editor.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    page.keyboard.type("two-factor recovery codes")
    # The first search of a process loads the model.
    expect(page.locator("#insert-options [aria-selected=true]")).to_contain_text("Two-factor", timeout=20_000)
    page.keyboard.press("Enter")

    expect(page.locator("#insert")).to_be_hidden()
    expect(editor).to_have_value(re.compile("recovery codes"))
    assert editor.input_value().startswith(before.rstrip()[:20])
    page.reload()
    expect(page.get_by_text("Inserted by", exact=False).first).to_be_visible()


def test_what_fits_is_asked_for_when_a_person_begins_to_write_and_not_again_at_the_slash(
    page: Page, demo: Demo
):
    """The first search of a process loads the model."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/insert/" in request.url else None)
    open_draft(page, demo)
    assert asked == []

    with page.expect_response(re.compile(r"/insert/\?q=$"), timeout=20_000):
        page.locator("#text").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.press("/")

    expect(page.locator("#insert-options [role=option]").first).to_be_visible()
    assert len(asked) == 1


def test_a_slash_that_is_meant_stays_one(page: Page, demo: Demo):
    open_draft(page, demo)
    editor = page.locator("#text")
    editor.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.locator("#insert")).to_be_visible()
    page.keyboard.press("Escape")

    expect(editor).to_have_value(re.compile(r"\n/$"))


def test_a_change_that_loses_a_probe_asks_for_a_reason_and_a_pinned_one_blocks(page: Page, demo: Demo):
    question = "How long does delivery to an island take?"
    _save_probe(page, demo, question, "shipping-time", pinned=True)
    page.goto(f"{demo.url}/admin/knowledge/article/?slug__exact=shipping-time")
    page.locator("#result_list tbody a").first.click()
    page.get_by_text("Withdraw", exact=True).click()
    page.get_by_role("button", name="Propose to withdraw").click()
    change = page.url

    lost = page.locator("#probes").get_by_text(question)
    expect(lost).to_be_visible(timeout=20_000)
    expect(page.locator("#probes-reason")).to_contain_text("A pinned probe is lost")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()

    _save_probe(page, demo, question, "shipping-time", pinned=False)
    page.goto(change)
    page.get_by_role("button", name="Approve", exact=True).click()
    assert page.url == change  # the browser asks for the reason first
    page.get_by_label("Why is it right although").fill("We deliver no longer.")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("is now version 2.")).to_be_visible()

    page.goto(change)
    expect(page.get_by_text("We deliver no longer.")).to_be_visible()
    expect(page.locator("#probes")).to_contain_text("lost")


def _save_probe(page: Page, demo: Demo, question: str, slug: str, *, pinned: bool) -> None:
    page.goto(f"{demo.url}/admin/knowledge/probe/bench/")
    page.locator("#q").fill(question)
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator("#expected").select_option(slug)
    page.get_by_label("Pinned: must always be found").set_checked(pinned)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as a probe.")).to_be_visible()
