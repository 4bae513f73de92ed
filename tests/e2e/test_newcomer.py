"""A newcomer's first five minutes in the demo, as each role: sign in with one click, follow the guide, see it tick itself off."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from support_site.demo.guide import STEPS
from support_site.demo.people import PEOPLE
from tests.e2e.conftest import Demo, a_page

pytestmark = pytest.mark.e2e
ROLES = {person.role: person for person in PEOPLE}


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    with a_page(browser) as page:
        yield page


def arrive(page: Page, demo: Demo, role: str) -> None:
    page.goto(f"{demo.url}/admin/")
    page.get_by_role("button", name=role, exact=True).click()
    expect(page.get_by_role("heading", name="Your first five minutes")).to_be_visible()


def follow(page: Page, demo: Demo, title: str) -> None:
    """Press the button of a step on the dashboard."""
    page.goto(f"{demo.url}/admin/")
    page.locator(".s-steps > li", has_text=title).get_by_role("link").click()


def write(page: Page) -> None:
    page.get_by_label("Your name as a customer").fill("Nora Quick")
    page.get_by_role("button", name="Send as a customer").click()
    expect(page.get_by_text("Your message is a webhook now")).to_be_visible()


def open_a_draft(page: Page) -> None:
    """The first customer of the queue who has one that is ready, and whom nobody else has."""
    page.locator(
        ".s-queue > li:not(:has(.s-queue-has .s-badge + .s-badge))", has_text=re.compile("Ready|sure")
    ).locator("a").first.click()
    expect(page.locator("textarea[data-saved]")).to_be_visible()


def edit(page: Page) -> None:
    open_a_draft(page)
    editor = page.locator("textarea[data-saved]")
    editor.fill(editor.input_value() + " Write to us if that does not help.")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.get_by_text("Text saved.")).to_be_visible()


def repair(page: Page) -> None:
    page.get_by_role("button", name="Back to normal").click()
    expect(page.get_by_text("Chatwoot works again.")).to_be_visible()


def break_it(page: Page) -> None:
    page.get_by_role("button", name="Answer 503").click()
    expect(page.get_by_text("On now")).to_be_visible()


def week(page: Page) -> None:
    page.get_by_role("link", name=re.compile(r"^\d{4}-W\d{2}$")).first.click()
    expect(page.get_by_text("no data").first).not_to_be_visible()


def first_row(page: Page) -> None:
    page.locator("#result_list tbody a").first.click()


def timeline(page: Page) -> None:
    first_row(page)
    page.get_by_role("link", name=re.compile("[Tt]imeline")).first.click()


# What is done after the button of a step was pressed; where nothing is said, the page is looked at.
DONE: dict[str, Callable[[Page], None]] = {
    "Write as a customer": write, "Improve a draft": edit, "Break Chatwoot": break_it, "Bring Chatwoot back": repair,
    "Read last week's report": week, "Follow one customer": timeline, "Check the connection": first_row,
}  # fmt: skip
LATER = {"Approve a reply", "Reject or escalate one"}  # tests/e2e/test_draft.py drives them


@pytest.mark.parametrize("role", ROLES)
def test_the_guide_leads_through_the_first_minutes(visitor, demo, role):
    arrive(visitor, demo, role)

    titles = [str(step.title) for step in STEPS[ROLES[role].group]]
    for title in titles:
        if title in LATER:
            continue
        follow(visitor, demo, title)
        visitor.wait_for_load_state()
        DONE.get(title, lambda page: None)(visitor)
        visitor.goto(f"{demo.url}/admin/")
        expect(visitor.locator(".s-steps > li.s-done", has_text=title)).to_be_visible()

    if "Break Chatwoot" in titles:
        visitor.goto(f"{demo.url}/admin/demo/break/")
        repair(visitor)


def test_the_demo_has_eight_weeks_behind_it(visitor, demo):
    arrive(visitor, demo, "Manager")

    visitor.goto(f"{demo.url}/admin/reports/weeklyreport/")

    assert visitor.get_by_role("link", name=re.compile(r"^\d{4}-W\d{2}$")).count() >= 7


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "path", ["", "demo/write/", "demo/break/", "auth/group/", "auth/user/add/", "webhooks/conversation/"]
)
def test_no_page_of_the_newcomer_is_wider_than_the_screen(page, demo, path, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{demo.url}/admin/{path}")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_row_of_a_list_is_a_card_of_few_lines_on_a_phone(page, demo):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{demo.url}/admin/webhooks/conversation/")

    assert all(row.bounding_box()["height"] < 100 for row in page.locator(".data-row").all())


def test_a_token_is_tried_as_it_is_pasted(page, demo):
    page.goto(f"{demo.url}/admin/webhooks/source/connect/")
    page.get_by_label("Base URL").fill(f"{demo.chatwoot}/app/accounts/1/dashboard")
    page.get_by_label("Access token").fill("wrong")
    expect(page.get_by_text("Chatwoot refuses this token")).to_be_visible()

    page.get_by_label("Access token").fill("sim-admin-token")

    expect(page.get_by_text("“Acme”, as Support Desk. Chatwoot 4.14.2.")).to_be_visible()


def test_the_password_of_a_new_person_is_asked_for_only_where_it_is_set_now(page, demo):
    page.goto(f"{demo.url}/admin/auth/user/add/")
    expect(page.locator("[name=password1]")).to_be_hidden()

    page.get_by_label("Set it now").check()

    expect(page.locator("[name=password1]")).to_be_visible()


def test_a_long_label_stays_beside_its_box_on_a_phone(page, demo):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{demo.url}/admin/webhooks/profile/")

    box = page.get_by_label("After a decision").bounding_box()
    label = page.locator("label", has_text="After a decision").bounding_box()

    assert box["y"] + box["height"] > label["y"] + label["height"] / 3
    assert label["height"] < 60
