"""A lead works in their own language: no word of ours is left in English on the pages of a working day."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESK, Demo, _watched
from tests.e2e.test_thread import open_draft

pytestmark = pytest.mark.e2e
PAGES = (
    reverse("admin:index"),
    reverse("admin:knowledge_draft_queue"),
    reverse("admin:knowledge_article_change", args=[1]),
    reverse("admin:knowledge_learningsignal_figures"),
    reverse("admin:reports_clock_dashboard"),
    reverse("admin:webhooks_profile_changelist"),
    reverse("settings"),
)
# Words that are English and nothing else in German, Spanish and Portuguese, and some of our own buttons and headings.
ENGLISH = re.compile(
    r"\b(the|and|of|is|are|with|for|not|your?|this|that|from|were|has|have|which|who|will|can|"
    r"ago|save|close|search|settings|queue|drafts?|repl(y|ies)|customers?|conversations?|approved?|reject(ed)?|escalate|"
    r"articles?|learning|changes|reports|health|waiting|today|yesterday|week|show|edit|add|choose)\b",
    re.IGNORECASE,
)
# All that a reader sees or hears: text, and what is named or explained in attributes. Code, symbols and what has a language
# of its own is left out.
READ = """() => {
  const apart = "script, style, noscript, template, code, pre, kbd, textarea, .material-symbols-outlined, body [lang], "
    + "[name=time_zone]";
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(apart)) found.push(walk.currentNode.data);
  for (const name of ["title", "placeholder", "aria-label", "alt"])
    document.querySelectorAll(`[${name}]`).forEach((one) => { if (!one.closest(apart)) found.push(one.getAttribute(name)); });
  return [document.title, ...found].map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


def stored(demo: Demo) -> str:
    """Every text of the demo's database: what customers and colleagues wrote, and what workers recorded."""
    tables = [name for (name,) in demo.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = (row for table in tables for row in demo.rows(f'SELECT * FROM "{table}"'))
    found = "\n".join(" ".join(cell.split()) for row in rows for cell in row if isinstance(cell, str))
    return re.sub(r"\\u([0-9a-f]{4})", lambda escaped: chr(int(escaped[1], 16)), found)  # as JSON holds “


def english(page: Page) -> set[str]:
    parts = {part for text in page.evaluate(READ) for part in str(text).split(" · ")}  # a title has several
    return {part for part in parts if ENGLISH.search(part)}


@pytest.fixture
def reader(browser: Browser, demo: Demo, admin, request) -> Iterator[Page]:
    """A browser that asks for a language; the account has chosen none."""
    context = browser.new_context(viewport=DESK, storage_state=admin, locale=request.param)
    with _watched(context) as page:
        yield page
        context.close()


@pytest.mark.parametrize(
    ("reader", "language"), [("de-DE", "de"), ("pt-BR", "pt-br"), ("es-ES", "es")], indirect=["reader"]
)
def test_a_working_day_has_no_english_word(reader: Page, demo: Demo, language):
    open_draft(reader, demo)
    found = {"draft": english(reader)}
    for path in PAGES:
        reader.goto(demo.url + path)
        expect(reader.locator("html")).to_have_attribute("lang", language)
        found[path] = english(reader)

    written = stored(demo)  # by people; after the pages, which showed no more than that
    assert {
        f"{path}: {text}"
        for path, texts in found.items()
        for text in texts
        if text.strip("… ") not in written
    } == set()


def test_a_chosen_language_stays_whatever_the_browser_asks_for(browser: Browser, demo: Demo, bob: Page):
    bob.goto(f"{demo.url}/admin/webhooks/profile/")
    bob.get_by_label("Language").select_option("de")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator("html")).to_have_attribute("lang", "de")

    bob.goto(f"{demo.url}/admin/")
    expect(bob.locator("html")).to_have_attribute("lang", "de")
    demo.change("UPDATE webhooks_profile SET language = ''")
