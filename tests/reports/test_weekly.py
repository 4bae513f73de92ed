"""The weekly report: weeks by the zone's clock, figures that add up to the rows, a snapshot that is written once."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.urls import resolve

from knowledge.models import LearningSignal
from reports import weekly
from reports.models import Clock, WeeklyReport
from reports.weekly import figures, flow, misses, words
from tests.factories import NOW, make_approved, make_client, make_delivery, make_draft, make_inbox, make_user
from tests.reports.test_clocks import answered, changed, hear, resolved, wrote
from webhooks.models import Conversation, Delivery, Message

pytestmark = pytest.mark.django_db
WEEK = "2026-W48"  # NOW is its Monday, 09:00
LATER = NOW + timedelta(days=9)
ADDRESS = f"/api/v1/reports/weekly/{WEEK}/"


@pytest.fixture(autouse=True)
def _a_week_later(monkeypatch, seeded) -> None:
    make_inbox()
    for place in ("weekly_api", "management.commands.weekly_report"):
        monkeypatch.setattr(f"reports.{place}.timezone", SimpleNamespace(now=lambda: LATER))


def kept(week: str = WEEK) -> dict:
    return weekly.of_week(weekly.parse(week), now=LATER).snapshot


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command("weekly_report", *arguments, stdout=out)
    return out.getvalue()


def test_a_long_year_has_a_week_53():
    week = weekly.parse("2026-W53")

    assert (str(week.first), str(week.last)) == ("2026-12-28", "2027-01-03")
    assert weekly.named(week) == "2026-W53"


@pytest.mark.parametrize(
    "text", ["2025-W53", "2026-W00", "2026W47", "2026-W47\n", "9999-W01", "٢٠٢٦-W47", ""]
)
def test_what_is_no_week_is_told_how_to_write_one(text):
    with pytest.raises(weekly.BadWeek, match="2026-W47"):
        weekly.parse(text)


@pytest.mark.parametrize(("name", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W44", 168)])
def test_a_week_in_which_clocks_change_is_an_hour_shorter_or_longer(settings, name, hours):
    settings.TIME_ZONE = "Europe/Berlin"

    week = weekly.parse(name)

    assert week.end.astimezone(UTC) - week.start.astimezone(UTC) == timedelta(hours=hours)


def test_an_empty_week_says_no_data_and_never_100():
    report = kept("2020-W53")

    assert report["adherence"]["first_response"]["attainment"] is None
    assert report["headline"] == "Week 53: first reply no data (n = 0), 0 escalations, 0 things need you"
    assert "100 %" not in words.markdown(report)


def test_the_figures_add_up_to_the_rows():
    hear(wrote(), answered())
    hear(wrote(200, id=8))
    clocks = Clock.objects.filter(metric="first_response")
    hear(answered(201, 9000, within={"id": 8}), at=9000)

    first = kept()["adherence"]["first_response"]

    assert (first["met"], first["missed"], first["n"]) == (1, 1, clocks.count())
    assert first["attainment"] == 0.5


def test_what_was_open_at_the_end_is_what_was_open_before_and_what_came_and_went():
    hear(wrote(), answered(), resolved(3000), at=3000)
    hear(
        changed(
            4000, event="conversation_status_changed", changes={"status": ("resolved", "open")}, status="open"
        )
    )
    hear(wrote(200, id=8))
    hear(wrote(300, id=9), resolved(3000) | {"id": 9}, at=3000)
    Conversation.objects.filter(display_id=8).update(created_at=NOW - timedelta(days=8))
    Conversation.objects.exclude(display_id=8).update(created_at=NOW)

    week = flow.figures(weekly.parse(WEEK))

    assert week == {
        "opened": 2, "resolved": 2, "reopened": 1, "net": 1, "backlog_start": 1, "backlog_end": 2,
    }  # fmt: skip


def test_each_miss_counts_once_by_what_was_waited_for_longest():
    hear(wrote(), answered(at=9000), at=9000)

    assert (
        sum(misses.why(weekly.parse(WEEK), now=LATER).values())
        == kept()["adherence"]["first_response"]["missed"]
    )
    assert misses.why(weekly.parse(WEEK), now=LATER) == {misses.UNASSIGNED: 1}


def test_what_was_reported_stays_as_it_was_when_data_changes_later():
    hear(wrote(), answered())
    before = kept()
    Clock.objects.all().delete()

    assert kept() == before
    with pytest.raises(ValueError, match="once"):
        WeeklyReport.objects.get().save()


def test_a_week_that_runs_has_no_report_and_says_when():
    with pytest.raises(CommandError, match="not over: its report is made on Monday 7 December 2026"):
        told("--week", "2026-W49")


MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "waiting", "made"), [(6.9, 0, 0), (7, 0, 1), (7, 1, 0), (8.9, 1, 0), (9, 1, 1)]
)  # fmt: skip
def test_it_is_made_at_seven_or_at_nine_stamped_incomplete(hour, waiting, made):
    if waiting:
        row = make_delivery()
        Delivery.objects.filter(pk=row.pk).update(received_at=NOW, next_attempt_at=NOW)

    weekly.make_due(now=MONDAY + timedelta(hours=hour))

    assert WeeklyReport.objects.count() == made
    assert [row.is_complete for row in WeeklyReport.objects.all()] == [not waiting] * made


def test_each_link_of_what_needs_somebody_leads_somewhere():
    found = {
        "oldest_waiting": [1], "webhooks": {"given_up": 1}, "escalations": {"overdue": 1}, "drafts": {"without_signal": 1},
    }  # fmt: skip

    for one in words.needs_you(found):
        assert resolve(one["where"].partition("?")[0]).func.__name__ != "catch_all_view"


def test_only_what_lies_outside_the_usual_range_is_said():
    usual = {"attainment": 0.8, "n": 40, "usual": [0.8, 0.9]}
    low = {"attainment": 0.79, "n": 40, "usual": [0.8, 0.9]}

    said = words.text(
        {"adherence": {"first_response": usual, "resolution": low}, "why_missed": {"unassigned": 3}}
    )

    assert said == [
        "Resolution kept 79 % (n = 40), below the last eight weeks' 80 % to 90 %.",
        "Most misses: unassigned (3 of 3).",
    ]


def test_a_label_that_looks_like_a_formula_is_a_text_in_the_csv():
    hear(wrote())
    Conversation.objects.update(labels=["=1+1"], created_at=NOW)

    rows = list(csv.reader(io.StringIO(words.as_csv(kept()))))

    assert [WEEK, "reasons", "'=1+1", "1"] in rows


@pytest.mark.parametrize("form", ["md", "csv", "json"])
def test_the_terminal_and_the_api_tell_the_same(form):
    hear(wrote(), answered())
    answer = make_client(make_user("mia", "Manager")).get(ADDRESS, {"as": form})

    if form == "json":
        assert answer.json() == json.loads(told("--week", WEEK, "--as", form))
    else:
        assert answer.content.decode().split() == told("--week", WEEK, "--as", form).split()


def test_whoever_sees_some_inboxes_does_not_read_of_all():
    assert make_client(make_user("bob", "Manager", inboxes=[])).get(ADDRESS).status_code == 403


def test_a_bad_week_is_400_and_a_running_one_404():
    client = make_client(make_user("mia", "Manager"))

    assert client.get("/api/v1/reports/weekly/2026-W99/").status_code == 400
    assert client.get("/api/v1/reports/weekly/2026-W49/").status_code == 404


def test_a_decision_that_taught_nothing_is_counted():
    make_approved()
    week = weekly.parse(WEEK)
    assert figures.drafts(week, now=LATER)["without_signal"] == 0

    LearningSignal.objects.all().delete()

    assert figures.drafts(week, now=LATER)["without_signal"] == 1


def test_a_draft_that_nobody_decided_is_waiting_for_review():
    hear(wrote())
    make_draft(Message.objects.get(), now=NOW + timedelta(minutes=1))
    hear(answered(at=9000), at=9000)

    assert misses.why(weekly.parse(WEEK), now=LATER) == {misses.REVIEW: 1}
