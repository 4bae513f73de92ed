"""The demo as a person starts it (`make demo`), and a browser in front of it."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
# The headless shell draws the same pages for less, where it is installed.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_S = 180  # on a machine that has much else to do
DESK = {"width": 1440, "height": 1000}
LAPTOP = {"width": 1440, "height": 900}
# Texts are found within others, in any case: "It waits to be sent." is not what is meant.
SENT = "Sent. Approved by Ada Moss"


@dataclass(frozen=True)
class Demo:
    url: str
    chatwoot: str
    password: str
    environment: dict[str, str]

    @property
    def database(self) -> str:
        return self.environment["DATABASE_URL"].removeprefix("sqlite:///")

    def rows(self, statement: str, *values: object) -> list[tuple]:
        """What stands in its database. A test waits for that: a page, or a process of Django, costs a thousand times as much."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        """As somebody with a database client would."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            connection.execute(statement, values)


def free_port() -> int:
    """A port whose neighbour 900 further, the simulated Chatwoot's, is free too. Another run looks elsewhere first."""
    for port in (18000 + (os.getpid() + step) % 900 for step in range(0, 900, 7)):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 900))
            except OSError:
                continue
            return port
    raise AssertionError("no free ports")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    environment = os.environ | {
        "PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3", "DRAFT_SETTLE_SECONDS": "1",
        "UNDO_SECONDS": "8", "SUPPORT_SITE_DOTENV": "0", "SPOOL_DIR": f"{folder}/spool",
    }  # fmt: skip
    for steering in (
        "QUEUE_URL",
        "DJANGO_SETTINGS_MODULE",
        "PUBLIC_URL",
        "DEBUG",
        "DRAFTER_URL",
        "DRAFTER_MODEL",
    ):
        environment.pop(steering, None)
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["make", "demo"], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        eventually(lambda: "Ready:" in log.read_text() or process.poll() is not None, within_s=START_S)
        said = log.read_text()
        found = re.search(r"name admin, password (\S+)", said)
        assert found, said
        yield Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 900}", found[1], environment)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def admin(browser: Browser, demo: Demo) -> StorageState:
    """The account that the demo made, once it has signed in. It stays at a reply after deciding: tests look at the outcome."""
    kept = sign_in(browser, demo, "admin", demo.password)
    with a_page(browser, kept) as page:
        page.goto(f"{demo.url}/admin/webhooks/profile/")
        page.get_by_label("After a decision").uncheck()
        page.get_by_role("button", name="Save").click()
    return kept


@pytest.fixture(scope="session")
def desks(browser: Browser) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """One for all tests of an account: it keeps styles, scripts and fonts, which a new one would load again."""
    contexts = browser.new_context(viewport=DESK), browser.new_context(viewport=DESK)
    yield contexts
    for context in contexts:
        context.close()


@pytest.fixture
def page(desks: tuple[BrowserContext, BrowserContext], admin: StorageState, demo: Demo) -> Iterator[Page]:
    """Signed in as the demo's account, nothing remembered of other pages; no page is open yet."""
    with at_desk(desks[0], admin, demo) as page:
        yield page


@pytest.fixture(scope="session")
def bobs(browser: Browser, demo: Demo) -> StorageState:
    in_the_site(demo, "from tests.factories import make_lead; make_lead('bob')")
    return sign_in(browser, demo, "bob", "pw")


@pytest.fixture
def bob(desks: tuple[BrowserContext, BrowserContext], bobs: StorageState, demo: Demo) -> Iterator[Page]:
    """A second lead, at another desk. His profile is as it begins: after a decision the next customer is opened."""
    with at_desk(desks[1], bobs, demo) as page:
        yield page


@pytest.fixture
def lead(bob: Page) -> Page:
    """Bob at a laptop."""
    bob.set_viewport_size(LAPTOP)
    return bob


@contextmanager
def at_desk(desk: BrowserContext, account: StorageState, demo: Demo) -> Iterator[Page]:
    desk.clear_cookies()
    desk.add_cookies(account["cookies"])
    with _watched(desk) as page:
        forget = {"origin": demo.url, "storageTypes": "local_storage"}
        desk.new_cdp_session(page).send("Storage.clearDataForOrigin", forget)
        yield page
        page.close()


def in_the_site(demo: Demo, code: str) -> None:
    """What takes the site's own rules. Each call starts Django, which takes seconds: `rows` and `change` do not."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    subprocess.run(command, cwd=ROOT, env=demo.environment, check=True, timeout=120)


def sign_in(browser: Browser, demo: Demo, name: str, password: str) -> StorageState:
    """What a browser keeps of having signed in by the form."""
    with a_page(browser) as page:
        page.goto(f"{demo.url}/admin/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        expect(page.locator("#nav-sidebar")).to_be_visible()
        return page.context.storage_state()


@contextmanager
def a_page(browser: Browser, kept: StorageState | None = None) -> Iterator[Page]:
    """A browser of one's own; any error of a page's own scripts fails the test."""
    context = browser.new_context(viewport=DESK, storage_state=kept)
    with _watched(context) as page:
        yield page
        context.close()


@contextmanager
def _watched(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if _is_trouble(line) else None)
    yield page
    assert troubles == []


def _is_trouble(line: ConsoleMessage) -> bool:
    """An error, except that a verb was refused: the page itself says that, with its status."""
    return line.type == "error" and not re.search(r"status of (400|409)", line.text)


def customer_writes(demo: Demo, content: str, **details: object) -> int:
    """A message by a customer in the simulated Chatwoot; the answer is its conversation."""
    words = {"content": content, "inbox_id": 2} | details
    answer = requests.post(f"{demo.chatwoot}/simulator/customer-message", json=words, timeout=5)
    answer.raise_for_status()
    return answer.json()["conversation_id"]


def drafts(demo: Demo, conversation: int) -> list[tuple[int, str]]:
    """Number and status of each of its drafts, the newest last."""
    return demo.rows(
        "SELECT id, status FROM knowledge_draft WHERE conversation_id IN "
        "(SELECT id FROM webhooks_conversation WHERE display_id = ?) ORDER BY id",
        conversation,
    )


def wait_for_draft(demo: Demo, conversation: int) -> int:
    """The number of the draft that waits for a decision."""

    def ready() -> int:
        return next((number for number, status in drafts(demo, conversation) if status == "PROPOSED"), 0)

    return eventually(ready, each_s=0.1)


def wait_for_absence(demo: Demo, conversation: int) -> None:
    """Until it is known why a customer gets no draft."""
    known = (
        "SELECT 1 FROM knowledge_nodraft JOIN webhooks_message ON webhooks_message.id = knowledge_nodraft.message_id "
        "JOIN webhooks_conversation ON webhooks_conversation.id = conversation_id WHERE display_id = ?"
    )
    eventually(lambda: demo.rows(known, conversation), each_s=0.1)


def open_row(page: Page, demo: Demo, conversation: int) -> None:
    """What a customer's row in the queue leads to, on a page of its own."""
    page.goto(f"{demo.url}/admin/knowledge/draft/queue/")
    row = page.locator("ol.s-queue > li > a", has_text=re.compile(rf"#{conversation}\b"))
    page.goto(demo.url + str(row.get_attribute("href")))


def in_chatwoot(demo: Demo, conversation: int) -> list[dict]:
    """The messages that stand in the simulated Chatwoot."""
    return requests.get(f"{demo.chatwoot}/simulator/messages/{conversation}", timeout=5).json()["messages"]


def agent_writes(demo: Demo, conversation: int, content: str) -> None:
    """A colleague answers in Chatwoot itself."""
    words = {"conversation_id": conversation, "content": content}
    requests.post(f"{demo.chatwoot}/simulator/do/agent_writes", json=words, timeout=5).raise_for_status()
