"""The effect on pages: for those who see the team's decisions, each number leading to as many rows."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_article, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.admin.test_learning_page import rows_behind
from tests.knowledge.learning.learnt import NOW
from tests.knowledge.learning.test_effects import decided, edit

pytestmark = pytest.mark.django_db
TAB = reverse("admin:knowledge_learningsignal_effect")


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def version():
    article = make_article("refund")
    version = edit(article)
    decided(18, 25, version=1, ago=30)
    decided(5, 25, version=2, ago=10)
    decided(3, 4, version=1, ago=30, article="delivery")
    decided(3, 5, version=1, ago=10, article="delivery")
    return version


def pages(version) -> dict[str, str]:
    article = version.article_id
    return {
        "tab": TAB,
        "version": reverse("admin:knowledge_article_versions", args=[article, version.number]),
        "change": reverse("admin:knowledge_change_change", args=[version.change_id]),
        "article": reverse("admin:knowledge_article_change", args=[article]),
    }


def shown(user, address: str) -> str:
    answer = signed_in(user).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("page", ["tab", "version", "change", "article"])
def test_each_number_leads_to_as_many_rows(version, page):
    lead = make_lead()
    text = shown(lead, pages(version)[page])

    links = re.findall(r'n = <a class="s-count" href="([^"]+)">([\d,]+)</a>', text)

    assert len(links) >= 2
    for link, count in links:
        assert (link, rows_behind(shown(lead, unescape(link)))) == (link, int(count))


def test_the_tab_says_what_it_is_too_early_to_say(version):
    make = make_article("parcel")
    edit(make, body="Two days.")

    text = re.sub(r"<[^>]+>", "", shown(make_lead(), TAB))

    assert "Worse" in text
    assert "Not known yet (n = 0)" in text


@pytest.mark.parametrize("page", ["version", "article"])
def test_an_agent_sees_no_effect_of_the_teams_decisions(version, page):
    assert "Effect of its versions" not in shown(make_user("", "Agent"), pages(version)[page])
    assert "Its effect" not in shown(make_user("", "Agent"), pages(version)[page])


@pytest.mark.parametrize(
    ("group", "status"), [("Agent", 403), ("Lead", 200), ("Manager", 200), ("Operator", 403)]
)
def test_who_may_open_the_tab(group, status):
    assert signed_in(make_user("", group)).get(TAB).status_code == status
