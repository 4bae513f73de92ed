"""The weekly report's pages: the weeks, one week, its files; for those who see every inbox."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from reports import weekly
from reports.models import WeeklyReport
from tests.factories import NOW, make_inbox, make_user
from tests.reports.test_clocks import answered, hear, resolved, wrote
from webhooks.models import Membership

pytestmark = pytest.mark.django_db
WEEK = "2026-W48"
LATER = NOW + timedelta(days=9)


@pytest.fixture(autouse=True)
def _a_week_later(monkeypatch, seeded) -> None:
    make_inbox()
    told = SimpleNamespace(now=lambda: LATER, localdate=lambda timezone: LATER.astimezone(timezone).date())
    monkeypatch.setattr("reports.weekly_page.timezone", told)


def signed_in(group: str = "Manager", *, all_inboxes: bool = True) -> Client:
    user = make_user("mo", group)
    Membership.objects.update_or_create(user=user, defaults={"all_inboxes": all_inboxes})
    client = Client()
    client.force_login(user)
    return client


def address(page: str = "changelist", *args: str) -> str:
    return reverse(f"admin:reports_weeklyreport_{page}", args=args)


def test_the_list_offers_to_make_the_first():
    page = signed_in().get(address()).content.decode()

    assert "No report has been made yet" in page
    assert address("week", WEEK) in page


def test_the_list_shows_the_kept_weeks_with_their_headlines():
    kept = weekly.of_week(weekly.parse(WEEK), now=LATER)

    page = signed_in().get(address()).content.decode()

    assert kept.snapshot["headline"] in page
    assert address("week", WEEK) in page


def test_a_week_s_page_shows_what_was_kept_and_keeps_it():
    hear(wrote(), answered(), resolved(3600))

    page = signed_in().get(address("week", WEEK)).content.decode()

    kept = WeeklyReport.objects.get().snapshot
    assert kept["headline"] in page
    assert kept["adherence"]["first_response"]["n"] == 1
    assert "100 %" in page
    assert "Nothing was missed" in page


def test_every_figure_of_an_empty_week_says_that_there_is_no_data():
    page = signed_in().get(address("week", "2026-W40")).content.decode()

    assert "no data" in page
    assert "None" not in page.partition("s-headline")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("form", "within"),
    [("md", "## Needs you"), ("csv", "adherence,first_response.n,0"), ("json", '"headline"')],
)
def test_a_week_can_be_taken_along_as_a_file(form, within):
    answer = signed_in().get(address("file", WEEK, form))

    assert within in answer.content.decode()
    assert answer["Content-Disposition"] == f'attachment; filename="support-{WEEK}.{form}"'


def test_the_json_file_is_the_snapshot():
    answer = signed_in().get(address("file", WEEK, "json"))

    assert json.loads(answer.content) == WeeklyReport.objects.get().snapshot


def test_a_running_week_is_told_when_it_is_made():
    answer = signed_in().get(address("week", "2026-W49"), follow=True)

    assert "is not over" in answer.content.decode()
    assert not WeeklyReport.objects.exists()


@pytest.mark.parametrize(
    "page", [("week", "2026-W99"), ("week", "last"), ("file", WEEK, "pdf"), ("file", "2026-W49", "md")]
)
def test_what_is_no_kept_week_is_not_found(page):
    assert signed_in().get(address(*page)).status_code == 404


@pytest.mark.parametrize(
    ("group", "all_inboxes"), [("Lead", True), ("Agent", True), ("Operator", True), ("Manager", False)]
)
def test_who_does_not_see_every_inbox_or_no_reports_sees_no_weeks(group, all_inboxes):
    client = signed_in(group, all_inboxes=all_inboxes)

    for page in (("changelist",), ("week", WEEK), ("file", WEEK, "md")):
        assert client.get(address(*page)).status_code == 403
