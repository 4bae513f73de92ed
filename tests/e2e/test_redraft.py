"""Another draft, in a browser: with a model as the instructions say, without one from an article that a person chooses."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT, Demo, customer_writes, drafts, free_port, wait_for_draft
from tests.e2e.test_thread import open_draft
from tests.site import WEB, answers
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
FIRST = "You can set a new password at any time"


def open_regenerate(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details:not([hx-get])').forEach(one => one.open = true)")


def open_newer_draft(page: Page, demo: Demo, conversation: int, old: int) -> None:
    eventually(lambda: drafts(demo, conversation)[-1] > (old, "PROPOSED"), each_s=0.1)
    page.goto(f"{demo.url}/admin/knowledge/draft/{drafts(demo, conversation)[-1][0]}/change/")


def test_the_model_obeys_instructions(page: Page, demo: Demo):
    conversation = open_draft(page, demo)
    expect(page.locator("textarea#text")).to_have_value(re.compile("spam folder"))
    [(old, _)] = drafts(demo, conversation)
    open_regenerate(page)

    page.locator("#instructions").fill("Shorter and friendlier, please")
    page.get_by_role("button", name="Regenerate", exact=True).click()
    expect(page.get_by_text("A new draft is being written.").first).to_be_visible()

    open_newer_draft(page, demo, conversation, old)
    expect(page.locator("textarea#text")).to_have_value(re.compile(f"Thank you for asking! {FIRST}"))
    assert "spam folder" not in page.locator("textarea#text").input_value()
    expect(page.get_by_text("with prompt v1")).to_be_visible()


@pytest.fixture
def without_model(demo: Demo) -> Iterator[str]:
    """The address of a web process that knows no model, on the same database: a site of its own would take half a minute."""
    port = free_port()
    environment = demo.environment | {"PORT": str(port), "WEB_WORKERS": "1", "DRAFTER_URL": ""}
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen([sys.executable, *WEB], cwd=ROOT, env=environment) as process:
        try:
            eventually(lambda: answers(f"{address}/healthz"))
            yield address
        finally:
            process.terminate()


def test_without_a_model_a_person_chooses_the_article(page: Page, demo: Demo, without_model: str):
    conversation = customer_writes(demo, "How do I reset my password?")
    old = wait_for_draft(demo, conversation)
    page.goto(f"{without_model}/admin/knowledge/draft/{old}/change/")
    open_regenerate(page)
    assert page.locator("#instructions").count() == 0

    page.locator("#article").select_option("refund")
    page.get_by_role("button", name="Regenerate", exact=True).click()

    open_newer_draft(page, demo, conversation, old)
    expect(page.locator("textarea#text")).to_have_value(re.compile("You can return anything within 30 days"))
