"""The learning page: figures beside what they are of, each number leading to its rows; names for Leads and Managers alone."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.templatetags.learning import changes, figure_text
from tests.factories import make_lead, make_user
from tests.knowledge.learning.learnt import MEASURES, NOW, make_signal, overtaken, rejected, total, turn

pytestmark = pytest.mark.django_db
PAGE = "/admin/knowledge/learningsignal/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def page(user, address: str = PAGE) -> str:
    browser = Client()
    browser.force_login(user)
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_without_decisions_the_page_says_what_to_do():
    assert "Open the queue" in page(make_lead())


def test_grades_are_told_as_graded_of_decided():
    lead = make_lead()
    make_signal(grades=(4, 5, 5), reviewer=lead)
    make_signal(grades=None, reviewer=lead)

    shown = re.sub(r"<[^>]+>", "", page(lead))

    assert total(lead).values["tone"] == 4
    assert "graded 1 of 2 decided" in shown


def numbers(shown: str) -> list[tuple[str, int]]:
    """The links of the cards and tables with a whole number in them."""
    main = shown[shown.index('class="s-cards') :]
    found = re.findall(r'<a class="s-count" href="([^"]+)"(?: title="[^"]*")?>([\d,]+)</a>', main)
    return [(unescape(link), int(count.replace(",", ""))) for link, count in found]


def rows_behind(shown: str) -> int:
    found = re.search(r"([\d,]+)\s+(?:turns?|learning signals?)\b", re.sub(r"<[^>]+>", "", shown))
    return int(found[1].replace(",", "")) if found else 0


def test_every_number_leads_to_so_many_rows():
    lead, other = make_lead("ada"), make_lead("robert")
    make_signal(reviewer=lead, opened_s=2)
    make_signal(reviewer=lead, distance=3, ratio=0.2, kind="tone_improvement", edit="wording", language="en")
    make_signal(reviewer=lead, edit="frame")
    make_signal(reviewer=other, ago=9, grades=None)
    rejected(reviewer=other, ago=16)
    overtaken()
    make_signal(reviewer=lead, withdrawn_at=NOW)
    make_signal(reviewer=lead, author_kind="person")

    found = numbers(page(lead))

    assert len(found) > 20
    for link, count in found:
        assert (link, rows_behind(page(lead, link))) == (link, count)


def test_tone_edits_stand_by_drafter_and_language_and_lead_to_their_rows():
    lead = make_lead()
    make_signal(reviewer=lead, edit="wording", language="de", author="Model")

    shown = page(lead)

    text = " ".join(re.sub(r"<[^>]+>", " ", shown[shown.index('id="tone-edits"') :]).split())
    assert "Model German 1 1 0 100 %" in text
    assert "edit__exact=wording" in shown


def test_leads_see_who_decided():
    make_signal(reviewer=make_lead("robert"))

    assert "robert" in page(make_lead())


def test_an_agent_sees_the_own_figures_and_nobodys_name():
    agent = make_user("carla", "Agent")
    make_signal(reviewer=make_lead("robert"))
    make_signal(reviewer=agent)

    shown = page(agent)

    assert "robert" not in shown
    assert total(agent, mine=True).counts["decided"] == 1


@pytest.mark.parametrize("query", ["?whose=team", "?whose=team&weeks=26"])
def test_an_agent_who_asks_for_the_teams_figures_gets_the_own(query):
    agent = make_user("carla", "Agent")
    make_signal(reviewer=make_lead("robert"))

    assert "No decisions in this period" in page(agent, PAGE + query)


@pytest.mark.parametrize("address", ["rows/", "rows/?reviewer__id__exact=1"])
def test_an_agents_list_holds_the_own_signals(address):
    make_signal(reviewer=make_lead("robert", pk=1))

    assert rows_behind(page(make_user("carla", "Agent"), PAGE + address)) == 0


def test_somebody_elses_signal_is_as_absent_as_none():
    browser = Client()
    browser.force_login(make_user("carla", "Agent"))
    signal = make_signal(reviewer=make_lead("robert"))

    assert browser.get(f"{PAGE}{signal.pk}/change/").status_code == 404


GROUPS = ("Agent", "Lead", "Manager", "Operator")
MAY = {"": (200, 200, 200, 403), "rows/": (200, 200, 200, 403), "turns/": (403, 200, 200, 403)}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("address", MAY)
def test_who_may_look(address, group):
    browser = Client()
    browser.force_login(make_user("", group))

    assert browser.get(PAGE + address).status_code == MAY[address][GROUPS.index(group)]


def test_rubber_stamps_are_the_teams_and_never_one_persons():
    lead = make_lead()
    make_signal(reviewer=lead, opened_s=1)

    assert "Rubber stamps" in page(lead)
    assert "Rubber stamps" not in page(lead, PAGE + "?whose=me")
    assert page(lead).index("Rubber stamps") < page(lead).index("By person")
    assert "Rubber stamps" not in page(lead)[page(lead).index("By person") :]


def test_a_decision_without_a_signal_raises_an_alarm():
    lead, signal = make_lead(), make_signal()
    signal.draft.events.create(at=NOW, action="approved", after="APPROVED", by=lead)

    assert "1 decision has no signal" in re.sub(r"<[^>]+>", "", page(lead))


def test_every_decision_with_its_signal_is_said_so():
    lead, signal = make_lead(), make_signal()
    signal.draft.events.create(at=signal.at, action="approved", after="APPROVED", by=lead)

    assert "Every decision has a signal." in page(lead)


def test_a_signals_page_shows_the_words_that_changed_and_why_it_is_that_kind():
    signal = make_signal(
        proposal="Choose it", final_text="Take it", distance=5, ratio=0.5, kind="new_pattern"
    )

    shown = page(make_lead(), f"{PAGE}{signal.pk}/change/")

    assert '<del class="s-gone">Choose</del><ins class="s-new">Take</ins> it' in shown
    assert "the draft cites no article" in shown


def test_what_a_customer_or_drafter_wrote_is_text_and_no_markup():
    assert "<b>" not in changes("<b>a</b>", "<b>b</b>")


FIGURES = {
    "a grade is not rounded up": ("tone", 4.499, "4.49"),
    "a whole grade": ("tone", 5, "5.00"),
    "a share is not rounded up": ("share", 0.89999, "89.9 %"),
    "three tenths": ("share", 0.3, "30 %"),
    "minutes are not rounded down": ("approval", 15.001, "15 min 1 s"),
    "no data": ("share", None, "no data"),
    "none at all": ("stamps", 0, "0"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_rounded_so_that_what_is_missed_does_not_look_met(name):
    measure, value, expected = FIGURES[name]

    assert figure_text(MEASURES[measure], value) == expected


def test_the_page_asks_the_same_number_of_questions_however_many_rows():
    lead = make_lead()
    asked = []
    for ago in range(10):
        make_signal(ago=ago, reviewer=make_lead())
        if ago in (1, 9):
            with CaptureQueriesContext(connection) as queries:
                page(lead)
            asked.append(len(queries))

    assert asked[0] == asked[1]


def test_an_odd_range_is_the_usual_one():
    assert "12 weeks" in page(make_lead(), PAGE + "?weeks=9999")


def test_an_odd_time_of_turns_is_the_last_week():
    assert "turns" in page(make_lead(), PAGE + "turns/?since=yesterday&until=2026-99-99")


def test_turns_are_shown_by_whether_they_were_drafted():
    turn(7, at=60, drafted="drafter")
    turn(8, at=60)

    shown = page(make_lead(), PAGE + "turns/?drafted=no")

    assert "#8" in shown
    assert "#7" not in shown
