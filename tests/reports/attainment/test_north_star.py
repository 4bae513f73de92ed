"""In time and right: every first response due counts once, what nobody graded is neither, and no data is no figure."""

import re
from datetime import timedelta

import pytest
from django.db.models import Q

from knowledge.models import Draft
from reports.attainment import attainment, north_star
from reports.weekly import drilldown, export
from tests.factories import NOW, later, make_draft, make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.reports.clocks.test_clocks import MINUTE, answered, hear, wrote
from tests.reports.weekly.week_48 import LATER, PERIOD, WEEK, kept
from webhooks.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def first_response(number: int, *, accuracy: int | None = 5, draft: bool = True, minutes: int = 30) -> None:
    """A customer writes in conversation `number` and is answered, from a draft with that grade or without a draft."""
    hear(wrote(number * 10, id=number))
    asked = Message.objects.get(message_id=number * 10)
    made = make_draft(asked) if draft else None
    hear(answered(number * 10 + 1, minutes * MINUTE, within={"id": number}), at=minutes * MINUTE)
    if made:
        Draft.objects.filter(pk=made.pk).update(
            status="SENT", sent_message_id=number * 10 + 1, accuracy=accuracy, approved_text="a", decided_at=later(0),
            decided_by=make_lead(),
        )  # fmt: skip


def star() -> dict:
    return north_star.figures(PERIOD, within=Q())


def test_every_first_response_due_counts_in_one_outcome():
    first_response(11, accuracy=5)
    first_response(12, accuracy=4)
    first_response(13, accuracy=3)
    first_response(14, accuracy=None)
    first_response(15, draft=False)
    first_response(16, accuracy=5, minutes=90)  # right, and too late
    hear(wrote(170, id=17), at=0)  # running

    found = star()

    assert {name: found[name] for name in north_star.OUTCOMES} == {
        "right": 2, "wrong": 1, "ungraded": 1, "by_agent": 1, "late": 1
    }  # fmt: skip
    assert (found["n"], found["share"], found["at_most"]) == (6, 2 / 6, 4 / 6)


def test_it_is_of_the_same_clocks_as_the_attainment():
    for number, minutes in ((11, 30), (12, 90), (13, 20)):
        first_response(number, minutes=minutes)

    tally = attainment.met_and_missed(PERIOD, within=Q())["first_response"].figures()

    assert star()["n"] == tally["met"] + tally["missed"] == 3
    assert star()["late"] == tally["missed"]


def test_no_clock_is_no_data():
    assert (star()["share"], star()["at_most"], star()["n"]) == (None, None, 0)


def test_without_a_single_grade_it_is_no_data_and_never_100():
    first_response(11, accuracy=None)
    first_response(12, draft=False)

    assert (star()["share"], star()["at_most"], star()["n"]) == (None, None, 2)


def test_too_late_needs_no_grade_to_be_missed():
    first_response(11, draft=False, minutes=90)

    assert (star()["share"], star()["at_most"]) == (0, 0)


def test_each_number_opens_as_many_rows():
    for number, accuracy in ((11, 5), (12, 2), (13, None)):
        first_response(number, accuracy=accuracy)

    for which, n in [("", 3), *((name, star()[name]) for name in north_star.OUTCOMES)]:
        of = f"north_star/{which}" if which else "north_star"
        _, pairs = drilldown.pairs(PERIOD, of, dict, now=LATER)
        assert (which, len(pairs)) == (which, n)


def test_a_reader_counts_the_own_inboxes_only():
    first_response(11)
    elsewhere = make_user("", "Manager", inboxes=[make_inbox(inbox_id=9)])

    assert north_star.figures(PERIOD, within=attainment.seen_by(elsewhere))["n"] == 0


def test_the_weekly_report_has_it_in_every_form():
    first_response(11)
    first_response(12, accuracy=None)

    report = kept()

    assert (report["north_star"]["share"], report["north_star"]["at_most"]) == (0.5, 1.0)
    assert report["trend"]["north_star"][-1] == 0.5
    assert "Known to be in time and right: 50 %" in export.markdown(report)
    assert f"{WEEK},north_star,share,0.5,50 %" in export.as_csv(report)


def test_a_report_that_was_saved_without_it_can_still_be_read():
    report = kept()
    del report["north_star"], report["trend"]["north_star"]

    assert "In time and right" not in export.markdown(report)
    assert "north_star" not in export.as_csv(report)


@pytest.mark.parametrize(("group", "shown"), [("Agent", False), ("Lead", False), ("Manager", True)])
def test_managers_see_it_on_the_dashboard(monkeypatch, group, shown):
    from types import SimpleNamespace

    monkeypatch.setattr("reports.admin.dashboard.clock", SimpleNamespace(now=lambda: NOW + timedelta(days=2)))
    first_response(11)
    first_response(12, accuracy=2)

    page = signed_in(make_user("", group)).get("/admin/reports/clock/dashboard/").content.decode()

    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert ("In time and right 50 % of 2 first responses due this week" in text) is shown
