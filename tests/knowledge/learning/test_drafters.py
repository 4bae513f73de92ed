"""Drafters and prompt versions are compared like changes: each decision once, with n, and only its own inboxes'."""

import re
from html import unescape

import pytest
from django.utils import timezone

from knowledge.learning import drafters
from knowledge.learning.effect_measures import Verdict
from knowledge.models import Draft
from tests.factories import make_inbox, make_lead
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.admin.test_learning_page import rows_behind
from tests.knowledge.learning.learnt import NOW, make_signal, rejected

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def decided(accepted: int, of: int, *, author: str, prompt: str = "", **facts) -> None:
    for place in range(of):
        signal = (make_signal if place < accepted else rejected)(author=author, **facts)
        Draft.objects.filter(pk=signal.draft_id).update(prompt_version=prompt)


def test_each_drafter_is_compared_with_all_others():
    decided(27, 30, author="Built-in drafter")
    decided(8, 25, author="small-1", prompt="v1")

    found = {one.name: one.figures[0] for one in drafters.report(make_lead(), now=NOW).drafters}

    assert (found["small-1"].after, found["small-1"].n_after, found["small-1"].n_before) == (8 / 25, 25, 30)
    assert (found["small-1"].verdict, found["Built-in drafter"].verdict) == (Verdict.WORSE, Verdict.BETTER)


def test_one_drafter_alone_is_compared_with_nobody():
    decided(3, 4, author="Built-in drafter")

    assert drafters.report(make_lead(), now=NOW).drafters == []


def test_a_prompt_version_is_compared_with_the_one_before_it_of_the_same_model():
    for version in ("v10", "v2", "v1"):
        decided(1, 2, author="small-1", prompt=version)
    decided(1, 2, author="large-1", prompt="v2")

    found = [(one.name, one.against) for one in drafters.report(make_lead(), now=NOW).prompts]

    assert found == [("small-1, prompt v2", "prompt v1"), ("small-1, prompt v10", "prompt v2")]


def test_withdrawn_and_old_decisions_and_those_of_people_do_not_count():
    decided(1, 1, author="a", withdrawn_at=NOW)
    decided(1, 1, author="b", author_kind="person")
    decided(1, 1, author="c", ago=16 * 7 + 1)

    assert drafters.report(make_lead(), now=NOW).drafters == []


def test_a_lead_compares_the_own_inboxes_only():
    mine = make_inbox(inbox_id=2)
    decided(1, 1, author="a", inbox=mine)
    decided(1, 1, author="b", inbox=make_inbox(inbox_id=3))

    assert drafters.report(make_lead(inboxes=[mine]), now=NOW).drafters == []


def test_the_page_shows_it_and_each_number_leads_to_as_many_rows():
    decided(27, 30, author="Built-in drafter")
    decided(8, 25, author="small-1", prompt="v1")
    decided(12, 25, author="small-1", prompt="v2")
    lead = make_lead()
    page = signed_in(lead).get("/admin/knowledge/modelcall/").content.decode()

    links = re.findall(r'n = <a class="s-count" href="([^"]+)">([\d,]+)</a>', page)

    assert "small-1, prompt v2" in page
    assert len(links) >= 8
    for link, count in links:
        assert (link, rows_behind(signed_in(lead).get(unescape(link)).content.decode())) == (link, int(count))
