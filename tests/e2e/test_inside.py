"""Drafts inside Chatwoot: a page of the stand-in frames ours, on the same site and on another one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.conftest import (
    SENT,
    Demo,
    a_page,
    customer_writes,
    drafts,
    in_chatwoot,
    in_the_site,
    sign_in,
    wait_for_draft,
)
from tests.knowledge.files.making import PDF
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
FRAME = "iframe[id^='dashboard-app--frame']"
QUESTION = "How do I reset my password?"
# A page of this machine under its other name: for a browser, another site.
ELSEWHERE = "localhost"


def add_to_chatwoot(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/admin/webhooks/source/")
    page.get_by_role("link", name="demo", exact=True).click()

    def added() -> bool:  # one call in ten fails in the demo
        page.get_by_role("button", name="Add to Chatwoot").click()
        return page.get_by_text(re.compile(r"Added\. Open|Chatwoot already has this")).count() > 0

    eventually(added)


def open_in_chatwoot(page: Page, chatwoot: str, conversation: int) -> FrameLocator:
    page.goto(f"{chatwoot}/app/accounts/1/conversations/{conversation}")
    return page.frame_locator(FRAME)


def drafted(demo: Demo) -> int:
    """A conversation whose draft waits."""
    number = customer_writes(demo, QUESTION)
    wait_for_draft(demo, number)
    return number


def approve(frame: FrameLocator) -> None:
    for name in ("tone", "accuracy", "policy"):
        frame.locator(f"input[name={name}][value='5']").check(force=True)
    frame.get_by_role("button", name="Approve", exact=True).click()


def replies(demo: Demo, conversation: int) -> list[dict]:
    return [
        one
        for one in in_chatwoot(demo, conversation)
        if one["message_type"] in (1, "outgoing") and not one["private"]
    ]


def test_a_person_approves_beside_the_conversation_and_the_reply_is_sent_once(page: Page, demo: Demo):
    add_to_chatwoot(page, demo)
    conversation = drafted(demo)

    frame = open_in_chatwoot(page, demo.chatwoot, conversation)
    expect(frame.locator("textarea#text")).to_be_visible()
    expect(frame.get_by_role("heading", name="Evidence")).to_be_visible()
    approve(frame)

    expect(frame.get_by_text("Approved by Ada Moss").first).to_be_visible()
    expect(frame.get_by_text(SENT)).to_be_visible(timeout=40_000)
    assert len(replies(demo, conversation)) == 1


def test_files_are_attached_and_removed_in_the_frame_and_sent_with_the_reply(page: Page, demo: Demo):
    add_to_chatwoot(page, demo)
    conversation = drafted(demo)
    frame = open_in_chatwoot(page, demo.chatwoot, conversation)
    attached = frame.locator("#attachments")

    for name in ("kept.pdf", "removed.pdf"):
        frame.locator("#files").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": PDF})
        expect(attached.get_by_role("link", name=name)).to_be_visible()
    frame.get_by_role("button", name="Remove removed.pdf").click()
    expect(attached.get_by_role("link", name="removed.pdf")).to_have_count(0)
    approve(frame)

    expect(frame.get_by_text(SENT)).to_be_visible(timeout=40_000)
    [reply] = replies(demo, conversation)
    assert [(one["file_type"], one["file_size"]) for one in reply["attachments"]] == [("file", len(PDF))]


@contextmanager
def chatwoot_on_another_site(demo: Demo) -> Iterator[str]:
    elsewhere = demo.chatwoot.replace("127.0.0.1", ELSEWHERE)
    move = "UPDATE webhooks_source SET base_url = ?"
    demo.change(move, elsewhere)
    try:
        yield elsewhere
    finally:
        demo.change(move, demo.chatwoot)


def test_on_another_site_a_click_in_our_own_tab_lets_the_frame_in(page: Page, demo: Demo):
    add_to_chatwoot(page, demo)
    conversation = drafted(demo)

    with chatwoot_on_another_site(demo) as elsewhere:
        frame = open_in_chatwoot(page, elsewhere, conversation)
        with page.expect_popup() as opened:
            frame.get_by_role("button", name="Sign in").click()
        opened.value.get_by_role("button", name="Show drafts in Chatwoot").click()

        expect(frame.locator("textarea#text")).to_be_visible()
        approve(frame)
        expect(frame.get_by_text(SENT)).to_be_visible(timeout=40_000)
    assert len(replies(demo, conversation)) == 1
    assert {one["name"] for one in page.context.cookies() if one.get("sameSite") == "None"} == {"inside"}


def test_chatwoot_under_another_name_may_not_frame_it(browser: Any, demo: Demo, admin: Any, page: Page):
    add_to_chatwoot(page, demo)
    conversation = drafted(demo)
    context = browser.new_context(storage_state=admin)
    stranger, said = context.new_page(), []
    stranger.on("console", lambda line: said.append(line.text))

    frame = open_in_chatwoot(stranger, demo.chatwoot.replace("127.0.0.1", ELSEWHERE), conversation)

    eventually(lambda: any("frame-ancestors" in line for line in said))
    assert frame.locator("textarea#text").count() == 0
    context.close()


def test_what_another_origin_says_is_not_followed(browser: Any, demo: Demo, admin: Any):
    """Its window opened ours, and names a conversation in Chatwoot's own words."""
    conversation = drafted(demo)
    context = browser.new_context(storage_state=admin)
    stranger = context.new_page()
    stranger.goto(demo.chatwoot.replace("127.0.0.1", ELSEWHERE))
    with stranger.expect_popup() as opened:
        stranger.evaluate("url => { window.ours = window.open(url) }", f"{demo.url}/admin/inside/demo/")
    ours = opened.value
    expect(ours.get_by_text("This page belongs inside Chatwoot")).to_be_visible()

    stranger.evaluate(
        "id => window.ours?.postMessage(JSON.stringify({event: 'appContext', data: {conversation: {id}}}), '*')",
        conversation,
    )
    ours.evaluate(
        "id => window.postMessage(JSON.stringify({event: 'appContext', data: {conversation: {id}}}), '*')",
        conversation,
    )
    ours.wait_for_timeout(1000)

    assert ours.url == f"{demo.url}/admin/inside/demo/"
    context.close()


@pytest.mark.parametrize("verb", ["approve", "attach"])
def test_the_page_around_it_cannot_forge_a_click(browser: Any, page: Page, demo: Demo, admin: Any, verb: str):
    """On the same site the session's cookie goes along: only the token of our own form tells the two apart."""
    add_to_chatwoot(page, demo)
    conversation = drafted(demo)
    context = browser.new_context(storage_state=admin)
    parent = context.new_page()
    frame = open_in_chatwoot(parent, demo.chatwoot, conversation)
    expect(frame.locator("textarea#text")).to_be_visible()
    address = frame.get_by_role("button", name="Approve", exact=True).get_attribute("formaction")
    address = str(address).replace("/approve/", f"/{verb}/")

    with parent.expect_response(lambda answer: answer.url.endswith(f"/{verb}/")) as answered:
        parent.evaluate(
            """(url) => {
              document.body.append(Object.assign(document.createElement("iframe"), { name: "forged" }));
              const form = Object.assign(document.createElement("form"), { method: "post", action: url, target: "forged" });
              for (const [name, value] of Object.entries({ text: "Forged", revision: 1, tone: 5, accuracy: 5, policy: 5 }))
                form.append(Object.assign(document.createElement("input"), { name, value }));
              document.body.append(form);
              form.submit();
            }""",
            demo.url + address,
        )

    assert answered.value.status == 403
    assert [status for _, status in drafts(demo, conversation)] == ["PROPOSED"]
    assert replies(demo, conversation) == []
    context.close()


def test_a_conversation_that_the_person_may_not_see_shows_nothing_of_it(browser: Any, page: Page, demo: Demo):
    add_to_chatwoot(page, demo)
    conversation = drafted(demo)
    if not demo.rows("SELECT 1 FROM auth_user WHERE username = 'charlie'"):
        in_the_site(demo, "from tests.factories import make_user; make_user('charlie', 'Lead', inboxes=[])")
    with a_page(browser, sign_in(browser, demo, "charlie", "pw")) as theirs:
        frame = open_in_chatwoot(theirs, demo.chatwoot, conversation)

        expect(frame.get_by_text("no access to this conversation")).to_be_visible()
        assert QUESTION not in frame.locator("body").inner_text()
