"""A Lead's Monday in a browser: changes by customers with their evidence, each decided in place, and a gap that is written."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Demo, in_the_site
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
REVIEW = "/admin/knowledge/change/review/"
# Lessons, from the oldest decisions of the history: customers who write meanwhile may be merged into one.
PROPOSE = """
from django.utils import timezone
from knowledge.articles import changes, evidence
from knowledge.models import Article, LearningSignal
articles = Article.objects.live().filter(changes__status="APPROVED").distinct().order_by("slug")[:5]
signals = LearningSignal.objects.filter(reviewer__isnull=False, conversation__contact__isnull=False).order_by("pk")
named = (("larger", 7), ("smaller", 3), ("third", 2), ("fourth", 2), ("fifth", 2))
for article, (name, many) in zip(articles, named):
    title = f"The {name} lesson"
    change = changes.propose(article, {"title": title}, kind="EDIT", origin="LESSON", now=timezone.now())
    found = {one.conversation.contact_id: one for one in signals.select_related("conversation")[:200]}
    evidence.add(change, [
        evidence.Ground(one.pk, one.conversation.contact_id, one.reviewer_id, "five days → seven days", one.at)
        for one in list(found.values())[:many]
    ])
"""


@pytest.fixture(scope="module")
def lessons(demo: Demo) -> None:
    in_the_site(demo, PROPOSE)


def change(page: Page, name: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=name))


def test_changes_are_ranked_and_decided_where_they_stand(page: Page, demo: Demo, lessons: None):
    page.goto(demo.url + REVIEW)
    headings = page.locator("section h2").all_inner_texts()
    larger, smaller = (
        next(at for at, text in enumerate(headings) if name in text) for name in ("The larger", "The smaller")
    )
    assert larger < smaller
    assert "7 customers" in headings[larger]

    change(page, "The larger lesson").get_by_role("link", name="Decision").first.click()
    page.wait_for_url("**/learningsignal/*/change/")
    expect(page.get_by_role("heading", name="What the customer asked")).to_be_visible()
    page.goto(demo.url + REVIEW)

    row = change(page, "The larger lesson")
    expect(row).to_contain_text("five days → seven days")
    row.get_by_text("Edit and approve").click()
    row.get_by_label("Answer").fill("We refund within seven working days.")
    row.get_by_role("button", name="Save and approve").click()
    settle_probes(page, "The larger lesson")
    expect(page.get_by_text("Approved: The larger lesson is now version")).to_be_visible()
    expect(change(page, "The larger lesson")).to_have_count(0)

    row = change(page, "The smaller lesson")
    row.get_by_text("Dismiss").first.click()
    row.get_by_label("Reason").fill("The title is right as it is.")
    row.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Dismissed.")).to_be_visible()
    expect(change(page, "The smaller lesson")).to_have_count(0)


def test_the_keys_decide_the_chosen_change_and_go_on_to_the_next(page: Page, demo: Demo, lessons: None):
    page.goto(demo.url + REVIEW)
    all_changes = page.locator("section[id^=change-]")
    chosen = page.locator("[data-choice][aria-current]")
    expect(chosen).to_have_attribute("id", all_changes.first.get_attribute("id") or "")

    page.keyboard.press("j")
    second, third = (all_changes.nth(at).get_attribute("id") or "" for at in (1, 2))
    expect(chosen).to_have_attribute("id", second)
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("d")
    expect(chosen.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("As it was, it is right.")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Dismissed.")).to_be_visible()
    expect(page.locator(f"#{second}")).to_have_count(0)
    expect(chosen).to_have_attribute("id", third)
    page.keyboard.press("e")
    expect(chosen.get_by_label("Answer")).to_be_focused()
    page.keyboard.type("a")
    expect(page.locator(f"#{third}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chosen).to_be_focused()
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("id", all_changes.first.get_attribute("id") or "")


def settle_probes(page: Page, name: str) -> None:
    """Where the edit loses probes, the page asks for the reason beside the button."""
    why = change(page, name).get_by_label("Why is it right although probes are lost?")
    done = page.get_by_text(f"Approved: {name}")
    expect(why.or_(done)).to_be_visible()
    if why.is_visible():
        expect(page.get_by_text("Your edit is saved, and not approved yet.")).to_be_visible()
        why.fill("The rule has changed.")
        change(page, name).get_by_role("button", name="Approve", exact=True).click()


def test_a_gap_is_written_or_its_questions_are_added(page: Page, demo: Demo):
    page.goto(demo.url + REVIEW)
    gaps = page.locator("section[id^=gap-]")
    expect_gaps(page, demo, gaps)
    page.goto(f"{demo.url}/admin/knowledge/gap/")
    expect(gaps.first).to_contain_text("Typical question")

    gaps.filter(has=page.get_by_role("button", name="Write it")).first.get_by_role(
        "button", name="Write it"
    ).click()
    page.wait_for_url(re.compile(r"/knowledge/change/\d+/"))
    expect(page.get_by_text("questions without an answer")).to_be_visible()

    page.goto(f"{demo.url}/admin/knowledge/gap/")
    near = page.get_by_role("button", name="Add as questions to").first
    near.click()
    page.wait_for_url(re.compile(r"/knowledge/change/\d+/"))
    expect(page.get_by_text("These questions will lead to this article.")).to_be_visible()

    page.goto(demo.url + REVIEW)
    expect(page.get_by_text("These questions will lead to this article.").first).to_be_visible()


def expect_gaps(page: Page, demo: Demo, gaps: Locator) -> None:
    """The slow worker reads the demo's history first."""
    eventually(lambda: demo.rows("SELECT 1 FROM knowledge_gap LIMIT 1"), within_s=120)
    eventually(lambda: page.reload() and gaps.count(), each_s=1)
