"""The weekly report: weeks in the report's zone, a snapshot that is saved once, created on Mondays, the same everywhere."""

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from reports import weekly
from reports.models import Clock, WeeklyReport
from tests.factories import NOW, make_client, make_delivery, make_inbox, make_source, make_user
from tests.reports.clocks.test_clocks import answered, hear, wrote
from tests.reports.weekly.week_48 import LATER, PERIOD, WEEK, kept
from webhooks.models import Alert, Delivery

pytestmark = pytest.mark.django_db
ADDRESS = f"/api/v1/reports/weekly/{WEEK}/"
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_week_later(monkeypatch, seeded) -> None:
    make_inbox()
    for place in ("api.weekly_report", "management.commands.weekly_report"):
        monkeypatch.setattr(f"reports.{place}.clock", SimpleNamespace(now=lambda: LATER))


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
def test_an_invalid_week_says_how_to_write_one(text):
    with pytest.raises(weekly.BadWeek, match="2026-W47"):
        weekly.parse(text)


@pytest.mark.parametrize(("name", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W44", 168)])
def test_a_week_in_which_clocks_change_is_an_hour_shorter_or_longer(settings, name, hours):
    settings.TIME_ZONE = "Europe/Berlin"

    week = weekly.parse(name)

    assert week.end.astimezone(UTC) - week.start.astimezone(UTC) == timedelta(hours=hours)


def test_what_was_reported_stays_as_it_was_when_data_changes_later():
    hear(wrote(), answered())
    before = kept()
    Clock.objects.all().delete()

    assert kept() == weekly.read(PERIOD, now=LATER) == before
    with pytest.raises(ValueError, match="cannot be changed"):
        WeeklyReport.objects.get().save()


def test_that_data_changed_later_is_noted_beside_it():
    hear(wrote(), answered())
    report = kept()
    assert weekly.changed_since(report, now=LATER) == []

    hear(wrote(200, id=8), at=9000)
    hear(answered(201, 9000, within={"id": 8}), at=9000)

    assert weekly.changed_since(report, now=LATER) == [
        "First response missed: 0 then, 1 now",
        "Conversations opened: 1 then, 2 now",
    ]


def test_looking_at_a_week_keeps_nothing():
    report = weekly.read(PERIOD, now=LATER)

    assert not report["kept"]
    assert not WeeklyReport.objects.exists()


def test_what_is_saved_is_what_was_shown():
    hear(wrote(), answered())

    assert weekly.read(PERIOD, now=LATER) | {"kept": True} == kept()


def test_a_week_that_runs_has_no_report_and_says_when():
    with pytest.raises(CommandError, match=r"not over yet. Its report will be created on Mon 7 Dec 2026"):
        told("--week", "2026-W49")
    with pytest.raises(weekly.Unavailable, match="not over"):
        weekly.read(weekly.parse("2026-W49"), now=LATER)


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


@pytest.mark.parametrize(("hour", "made"), [(7, 0), (9, 1)])
def test_it_waits_until_nine_for_what_chatwoot_is_still_asked(hour, made):
    source = make_source()
    source.reconcile_runs.create(
        cause="gap", since=NOW, began_at=NOW, floor=NOW, leased_until=NOW, status="RUNNING"
    )

    weekly.make_due(now=MONDAY + timedelta(hours=hour))

    assert WeeklyReport.objects.count() == made


def test_a_report_that_cannot_be_made_raises_an_alert_until_it_can(monkeypatch):
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("reports.weekly.figures.figures", lambda week, **others: 1 / 0)
        weekly.make_due(now=MONDAY + timedelta(hours=7))
    assert [alert.text for alert in Alert.objects.filter(kind="report", closed_at=None)] == [
        f"The report for week {WEEK} could not be created: ZeroDivisionError."
    ]

    weekly.make_due(now=MONDAY + timedelta(hours=8))

    assert WeeklyReport.objects.count() == 1
    assert not Alert.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("form", ["md", "csv", "json"])
def test_the_terminal_and_the_api_tell_the_same(form):
    hear(wrote(), answered())
    in_terminal = told("--week", WEEK, "--as", form)

    answer = make_client(make_user("mia", "Manager")).get(ADDRESS, {"as": form})

    if form == "json":
        assert answer.json() == json.loads(in_terminal)
    else:
        assert answer.content.decode().split() == in_terminal.split()


def test_the_api_calculates_an_unsaved_week_and_saves_nothing():
    answer = make_client(make_user("mia", "Manager")).get(ADDRESS)

    assert answer.json()["kept"] is False
    assert not WeeklyReport.objects.exists()


def test_people_who_see_some_inboxes_cannot_read_it():
    assert make_client(make_user("bob", "Manager", inboxes=[])).get(ADDRESS).status_code == 403


def test_a_bad_week_is_400_and_a_running_one_404():
    client = make_client(make_user("mia", "Manager"))

    assert client.get("/api/v1/reports/weekly/2026-W99/").status_code == 400
    assert client.get("/api/v1/reports/weekly/2026-W49/").status_code == 404
