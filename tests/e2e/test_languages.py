"""A lead works in their own language: no word of ours is left in English on the pages of a working day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from zoneinfo import available_timezones

import pytest
import requests
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from knowledge.business_time import public_holidays
from tests.e2e.conftest import DESK, Demo, _watched
from tests.e2e.test_thread import open_draft
from tests.support_site.crawl import crawl
from tests.support_site.pseudo import Reader
from webhooks.display import recorded

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
SHARED = {"for", "ago"}  # words of Portuguese, too: “seja o que for”, “10 Ago 2026”
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


MASK = r"\[[a-z]+\]"  # in place of what names a customer: [name]
SHORT = 12  # what is shorter stands in some row by chance


@dataclass(frozen=True)
class Data:
    """What people, customers and Chatwoot wrote. What this site recorded is its own text: pages translate it."""

    whole: frozenset[str]
    together: str

    @classmethod
    def of(cls, demo: Demo) -> Self:
        tables = [name for (name,) in demo.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (row for table in tables for row in demo.rows(f'SELECT * FROM "{table}"'))
        cells = {cell for row in rows for cell in row if isinstance(cell, str) and not recorded.is_ours(cell)}
        found = {piece for cell in cells for piece in _pieces(cell)}
        return cls(frozenset(found), "\n".join(found))

    def has(self, text: str) -> bool:
        bare = text.strip("… ")
        return text in self.whole or (len(bare) >= SHORT and bare in self.together)

    def english_beside(self, text: str) -> bool:
        """Whether what remains of a text without the rows' own words is English."""
        parts = re.split(rf"[„“”‘’«»:…]|{MASK}", text)
        rest = " ".join(part for part in parts if not self.has(part.strip()))
        for piece in sorted(self.whole, key=len, reverse=True):
            if len(piece) >= SHORT - 4 and piece in rest:
                rest = rest.replace(piece, "")
        words = {found[0].lower() for found in ENGLISH.finditer(NAMES.sub("", rest))}
        return not self.has(text) and bool(words - SHARED)


def _pieces(cell: str) -> Iterator[str]:
    """A cell, its lines, and what it holds as JSON, each with single spaces."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda escaped: chr(int(escaped[1], 16)), cell)
    for piece in (text, *text.splitlines(), *re.findall(r'"((?:[^"\\\\]|\\\\.)*)"', text)):
        yield " ".join(piece.replace("\\n", " ").replace('\\"', '"').split())


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

    data = Data.of(demo)  # after the pages, which showed no more than that
    assert {
        f"{path}: {text}" for path, texts in found.items() for text in texts if data.english_beside(text)
    } == set()


# Names, which no language translates: of zones, countries and languages, and of what programs call things.
NAMES = re.compile(
    "|".join(
        re.escape(name)
        for name in sorted(
            {
                *(zone.replace("_", " ").rpartition("/")[2] for zone in available_timezones()),
                *(f"{name} ({code})" for code, name in public_holidays.countries().items()),
                *(str(name) for _, name in settings.LANGUAGES),
                *(event.replace("_", " ") for event in settings.IN_HANDLERS),
            },
            key=len,
            reverse=True,
        )
    )
)


class Visitor:
    """Reads pages as a browser would that asks for a language, for tests/support_site/crawl.py. Runs no scripts."""

    def __init__(self, demo: Demo, who: str, language: str) -> None:
        """Signs in with what the demo's own page shows."""
        self._url, self._session = demo.url, requests.Session()
        self._session.headers["Accept-Language"] = language
        page = self.get("/admin/login/").content.decode()
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
        password = re.search(f'data-sign-in="{who}" data-password="(\\w+)"', page)
        assert token
        assert password
        form = {"username": who, "password": password[1], "csrfmiddlewaretoken": token[1]}
        self._session.post(f"{demo.url}/admin/login/", form, timeout=60).raise_for_status()

    def get(self, address: str) -> "Answer":
        return Answer(self._session.get(self._url + address, timeout=60, allow_redirects=False))


class Answer:
    def __init__(self, response: requests.Response) -> None:
        self.content, self.status_code, self._headers = (
            response.content,
            response.status_code,
            response.headers,
        )

    def get(self, header: str, default: str = "") -> str:
        return self._headers.get(header, default)


DOCUMENTS = "/admin/docs/"  # in English


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "language"),  # who may open the most in each; the others once
    [("admin", "de"), ("admin", "pt-br"), ("admin", "es"), ("agent", "de"), ("lead", "pt-br"), ("manager", "es"),
     ("operator", "de")],
)  # fmt: skip
def test_no_page_that_a_role_can_open_has_an_english_word(demo: Demo, who, language):
    found, broken = {}, {}

    for kind, address, answer in crawl(Visitor(demo, who, language), "/admin/", each=1, but=(DOCUMENTS,)):  # type: ignore[arg-type]
        if answer.status_code >= 400:
            broken[address] = answer.status_code  # a link that leads this role nowhere
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        found[kind] = {
            part
            for text in Reader(answer.content.decode()).texts
            for part in text.split(" · ")
            if ENGLISH.search(NAMES.sub("", part))
        }

    data = Data.of(demo)
    assert {
        kind: left
        for kind, texts in found.items()
        if (left := sorted(text for text in texts if data.english_beside(text)))
    } == {}
    assert broken == {}
    assert len(found) > 15


def test_a_chosen_language_stays_whatever_the_browser_asks_for(browser: Browser, demo: Demo, bob: Page):
    bob.goto(f"{demo.url}/admin/webhooks/profile/")
    bob.get_by_label("Language").select_option("de")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator("html")).to_have_attribute("lang", "de")

    bob.goto(f"{demo.url}/admin/")
    expect(bob.locator("html")).to_have_attribute("lang", "de")
    demo.change("UPDATE webhooks_profile SET language = ''")
