"""The search of every page: who finds what, in groups, best first, with the words marked and nothing run."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.factories import (
    conversation_object,
    deliver,
    later,
    make_article,
    make_delivery,
    make_draft,
    make_inbox,
    make_source,
    make_user,
    message_event,
    run_due,
)  # fmt: skip
from tests.support_site.hostile_desk import CODE
from tests.webhooks.privacy.erasing import NAMES, erase, fill
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db
SEARCH = "/admin/search/"


def signed_in(*groups: str, **facts: Any) -> Client:
    browser = Client()
    browser.force_login(make_user("", *groups, **facts))
    return browser


def titles(browser: Client, typed: str) -> dict[str, list[str]]:
    groups = browser.get(SEARCH, {"q": typed}).context_data["groups"]
    return {group.kind.title: [hit.title for hit in group.hits] for group in groups}


@pytest.fixture
def desk(seeded) -> None:
    make_inbox()
    deliver(message_event(100, content="Where is my umbrella order?"))
    make_article("umbrella-care", title="Care for an umbrella", body="Dry it in the shade.")


@pytest.fixture
def lead(desk) -> Client:
    return signed_in("Lead")


def test_a_customer_a_conversation_a_draft_and_an_article_are_found(lead):
    make_draft(text="Your umbrella is on its way.")

    found = titles(lead, "umbrella")

    assert found["Conversations"] == ["#7 Ada Park"]
    assert found["Articles"] == ["Care for an umbrella"]
    assert found["Drafts"][0].startswith("Draft ")
    assert titles(lead, "ada@example.com")["Customers"] == ["Ada Park"]


def test_the_group_with_the_best_hit_comes_first(lead):
    assert next(iter(titles(lead, "Care for an umbrella"))) == "Articles"
    assert next(iter(titles(lead, "Risk rules"))) == "Pages and settings"
    assert list(titles(lead, "#7")) == ["Conversations"]


def test_a_conversation_stands_once_however_often_the_word_was_said(lead):
    for number in range(101, 106):
        deliver(message_event(number, content="Umbrella again", at=later(number - 100)))

    assert titles(lead, "umbrella")["Conversations"] == ["#7 Ada Park"]


def test_another_inbox_is_not_searched(desk):
    make_draft(text="Your umbrella is on its way.")
    make_article("umbrella-stand").inboxes.set([make_inbox()])
    charlie = signed_in("Lead", inboxes=[make_inbox(inbox_id=9)])

    for typed in ("umbrella", "Ada", "ada@example.com", "#7", "7"):
        assert set(titles(charlie, typed)) <= {"Articles", "Pages and settings"}
    assert titles(charlie, "umbrella")["Articles"] == ["Care for an umbrella"]


def test_an_operator_finds_deliveries_by_either_number_and_no_customer(desk):
    row = make_delivery(key="0f5cb6f0-chatwoot")
    operator = signed_in("Operator")

    assert titles(operator, str(row.pk))["Deliveries"] == [f"Delivery {row.pk}: message_created"]
    assert titles(operator, "0f5cb6f0-chatwoot")["Deliveries"] == [f"Delivery {row.pk}: message_created"]
    assert titles(operator, "umbrella") == {}
    assert titles(operator, "Ada Park") == {}


def test_a_lead_finds_no_delivery(lead):
    assert "Deliveries" not in titles(lead, str(Delivery.objects.latest("pk").pk))


def test_pages_are_found_by_what_one_does_there_and_only_those_that_open(lead):
    assert "Calendars" in titles(lead, "holidays")["Pages and settings"]
    assert "Queue" in titles(lead, "queue")["Pages and settings"]
    assert titles(lead, "retry policies") == {}
    assert titles(signed_in("Operator"), "retry policies")["Pages and settings"] == ["Retry policies"]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("health", "Overview"), ("circuit breaker", "Upstreams"), ("canned responses", "Saved replies"), ("dlq", "Dead letters"),
        ("missed events", "Reconciliation"), ("faq", "Articles"), ("unanswered", "Gaps"), ("on call", "Runbook"),
    ],
)  # fmt: skip
def test_a_page_is_found_by_its_group_and_by_other_names_of_the_field(words, title):
    superuser = signed_in(is_superuser=True)

    assert title in titles(superuser, words)["Pages and settings"]


def test_words_are_marked_and_what_customers_wrote_is_escaped(lead):
    deliver(message_event(101, content=f"{CODE} umbrellas", at=later(5)))

    page = lead.get(SEARCH, {"q": "umbrella <b>"}).content.decode()
    found = lead.get(SEARCH, {"q": "umbrella"}).content.decode()

    assert "<mark>umbrellas</mark>" in found
    assert "<xss-7>" not in found + page
    assert "<b>”" not in page


def test_accents_are_no_matter_for_the_marks_either(lead):
    deliver(message_event(101, content="Grüße aus Zürich, 我的退款", at=later(5)))

    assert "<mark>Zürich</mark>" in lead.get(SEARCH, {"q": "zurich"}).content.decode()
    assert "<mark>退款</mark>" in lead.get(SEARCH, {"q": "退款"}).content.decode()


@pytest.mark.parametrize(("group", "word"), [("Lead", "Customers"), ("Operator", "X-Chatwoot-Delivery")])
def test_before_anything_is_typed_it_says_what_can_be_searched(desk, group, word):
    page = signed_in(group).get(SEARCH).content.decode()

    hint = re.search(r'class="s-search-hint">(.*?)</div>', page, re.DOTALL)[1]
    assert word in hint
    assert "Pages and settings" in hint


def test_what_finds_nothing_says_so(lead):
    page = lead.get(SEARCH, {"q": "wombat"}).content.decode()

    assert "Nothing found for “wombat”" in page


def test_the_palette_gets_the_list_alone_and_keeps_nothing(lead):
    answer = lead.get(SEARCH, {"q": "umbrella"}, HTTP_HX_REQUEST="true")

    assert answer.content.decode().strip().startswith('<div id="command-results-list">')
    assert "no-store" in answer["Cache-Control"]


def test_an_erased_person_is_found_no_more(seeded):
    fill()
    lead = signed_in("Manager")
    assert "Conversations" in titles(lead, "sofa")

    erase()

    for typed in (*NAMES, "sofa", "secret order"):
        assert set(titles(lead, typed)) <= {"Articles", "Pages and settings"}


def test_two_sources_with_the_same_number_are_both_shown(lead):
    other = make_source("other", account_id=2)
    make_inbox(other)
    make_delivery(message_event(500, conversation=conversation_object(7), account={"id": 2}), source=other)
    run_due("in", now=later(1))

    assert len(titles(lead, "#7")["Conversations"]) == 2


def test_every_page_has_the_palette_and_the_link_that_works_without_it(lead):
    page = lead.get("/admin/knowledge/draft/queue/").content.decode()

    assert 'id="search-palette"' in page
    assert f'id="open-search" href="{SEARCH}"' in page
