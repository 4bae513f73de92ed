"""When a search for missed events begins, what its command says, and until when data is complete."""

import io
from datetime import timedelta

import pytest
import responses
from django.core.management import CommandError, call_command

from tests.factories import NOW, later, make_delivery, make_source
from webhooks.alerts import alerts
from webhooks.models import ReconcileRun, Source, WorkerHost
from webhooks.reconcile import runs

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
API = "http://chatwoot.test/api/v1/accounts/1"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch) -> None:
    monkeypatch.setattr(runs, "PACE_S", 0)


@pytest.fixture
def source(db) -> Source:
    made = make_source()
    Source.objects.update(created_at=NOW - HOUR)
    made.refresh_from_db()
    return made


def make_run(source: Source, *, began: float = 0, status: str = "DONE", **facts) -> ReconcileRun:
    at = later(began)
    facts = {"cause": "schedule", "since": at - HOUR, "floor": at - HOUR, "leased_until": at} | facts
    return ReconcileRun.objects.create(source=source, began_at=at, status=status, **facts)


# When


@pytest.mark.parametrize(("minutes", "cause"), [(14, ""), (15, "schedule")])
def test_one_begins_every_quarter_of_an_hour(source, minutes, cause):
    make_run(source)

    assert runs.due(source, now=NOW + minutes * MINUTE) == cause


@pytest.mark.parametrize(("seconds", "cause"), [(59, ""), (60, "start")])
def test_one_begins_a_minute_after_workers_started(source, seconds, cause):
    make_run(source, began=-60)
    WorkerHost.objects.create(host="a", pid=1, started_at=NOW, beat_at=NOW)

    assert runs.due(source, now=later(seconds)) == cause


@pytest.mark.parametrize("kind", runs.GAPS)
def test_one_begins_once_a_trouble_with_receiving_is_over(source, kind):
    make_run(source)
    alerts.open_(kind, key="k", text="Trouble.", now=later(10), source=source)
    assert runs.due(source, now=later(20)) == ""

    alerts.close("k", now=later(30))

    assert runs.due(source, now=later(40)) == "gap"


def test_none_begins_while_one_runs(source):
    make_run(source, status="RUNNING")

    assert runs.due(source, now=NOW + HOUR) == ""


def test_it_reads_from_before_the_last_complete_one_began(source):
    make_run(source, began=-600)
    make_run(source, began=-60, status="FAILED")

    assert runs.start(source, cause="schedule", now=NOW).since == later(-600) - 10 * MINUTE


def test_the_first_by_itself_does_not_look_before_we_were_connected(source):
    assert runs.start(source, cause="schedule", now=NOW).since == NOW - HOUR


def test_two_at_once_are_refused(source):
    runs.start(source, cause="schedule", now=NOW)

    with pytest.raises(runs.CannotStart, match="already in progress"):
        runs.start(source, cause="person", now=NOW)


def test_a_source_without_a_token_is_left_alone(db):
    make_source(api_token="")

    assert runs.step(now=NOW + HOUR) == 0
    assert not ReconcileRun.objects.exists()


# The command


def command(**options) -> str:
    out = io.StringIO()
    call_command("reconcile_chatwoot", stdout=out, **options)
    return out.getvalue()


@responses.activate
def test_the_command_says_what_was_found(source):
    responses.get(f"{API}/conversations", json={"data": {"payload": []}})
    responses.get(f"{API}/csat_survey_responses", json=[])

    assert command() == "acme: Nothing was missed.\n"


@responses.activate
def test_the_command_fails_with_one_line_where_chatwoot_is_down(source):
    responses.get(f"{API}/conversations", status=503)

    with pytest.raises(CommandError, match=r"^acme: Chatwoot answered 503. The workers will retry.$"):
        command()


@responses.activate
def test_the_command_goes_on_with_a_search_that_was_interrupted(source):
    responses.get(f"{API}/csat_survey_responses", json=[])
    run = make_run(source, status="RUNNING", listed=True, leased_until=NOW - 24 * HOUR)

    command(slug="acme")

    run.refresh_from_db()
    assert (run.status, ReconcileRun.objects.count()) == ("DONE", 1)


def test_the_command_names_the_sources_there_are(source):
    with pytest.raises(CommandError, match="There is no source 'other'"):
        command(slug="other")


def test_the_command_refuses_what_is_no_time(source):
    with pytest.raises(CommandError, match=r"^'yesterday' is not a time. Write it like"):
        call_command("reconcile_chatwoot", "--since", "yesterday")


def test_the_command_refuses_a_time_to_come(source):
    with pytest.raises(CommandError, match="is in the future"):
        command(since="2999-01-01")


def test_the_command_says_how_to_connect_where_nothing_is(db):
    with pytest.raises(CommandError, match="connect_chatwoot"):
        command()


@responses.activate
def test_the_command_says_that_the_token_is_refused(source):
    responses.get(f"{API}/conversations", status=401)
    responses.get("http://chatwoot.test/api/v1/profile", status=401)

    with pytest.raises(CommandError, match=r"^acme: Chatwoot refuses the token. Connect the source again"):
        command()


@responses.activate
def test_one_read_that_fails_is_no_trouble(source):
    responses.get(f"{API}/conversations", status=502)
    responses.get(f"{API}/conversations", json={"data": {"payload": []}})
    responses.get(f"{API}/csat_survey_responses", json=[])

    assert command() == "acme: Nothing was missed.\n"


@responses.activate
def test_chatwoots_own_later_is_waited_for(source):
    run = runs.start(source, cause="schedule", now=NOW)
    responses.get(f"{API}/conversations", status=429, headers={"Retry-After": "7"})

    runs.go_on(run, now=NOW)

    run.refresh_from_db()
    assert run.leased_until == later(7)


# Until when data is complete


def test_data_is_complete_until_now_while_receiving_is_well(source):
    assert runs.complete_until(source, now=NOW) == NOW


def test_in_a_trouble_data_is_complete_until_the_last_webhook_before_it(source):
    make_delivery(source=source, now=later(-300))
    alerts.open_("subscription", key="k", text="Gone.", now=later(-60), source=source)

    assert runs.complete_until(source, now=NOW) == later(-300)


def test_in_a_trouble_a_complete_search_moves_it_on(source):
    make_delivery(source=source, now=later(-300))
    alerts.open_("subscription", key="k", text="Gone.", now=later(-200), source=source)
    make_run(source, began=-30)

    assert runs.complete_until(source, now=NOW) == later(-30)


def test_while_what_was_missed_is_read_data_is_complete_until_where_it_began(source):
    run = make_run(source, status="RUNNING", cause="gap")

    assert runs.complete_until(source, now=NOW) == run.since


def test_a_gap_is_told_with_what_became_of_it(source):
    make_run(source, messages=7, first_missed_at=later(-600), last_missed_at=later(-300))

    (gap,) = runs.gaps(source, since=NOW - HOUR, until=NOW)

    assert gap == runs.Gap(later(-600), later(-300), events=7, recovered=True)
    assert runs.gaps(source, since=NOW, until=NOW + HOUR) == []
