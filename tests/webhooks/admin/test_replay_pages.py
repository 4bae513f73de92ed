"""The pages of replays: choose, count, start, watch, cancel; and who may."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_delivery, make_source, make_user, message_event
from tests.webhooks.people import PEOPLE, sign_in
from webhooks.admin import deliveries as delivery_list
from webhooks.deliveries import replay_runs
from webhooks.deliveries.replay_plans import Filters
from webhooks.models import Delivery, ReplayRun, Source

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ADD = "/admin/webhooks/replayrun/add/"
LIST = "/admin/webhooks/delivery/"


def make_rows(
    count: int, *, status: str = "DEAD", source: Source | None = None, **facts: Any
) -> list[Delivery]:
    rows = [make_delivery(message_event(), source=source) for _ in range(count)]
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=status, next_attempt_at=None, attempts=9, **facts
    )
    return rows


def make_run(**facts: Any) -> ReplayRun:
    facts = {"by": make_user("maria"), "reason": "the ledger is back", "pace": 1, "also_done": False} | facts
    return replay_runs.start(Filters(make_source()), now=timezone.now(), **facts)


def run_url(run: ReplayRun, page: str = "change") -> str:
    return reverse(f"admin:webhooks_replayrun_{page}", args=[run.pk])


def form(**facts: Any) -> dict[str, Any]:
    return {"source": make_source().pk, "pace": 10, "reason": "the ledger is back"} | facts


def page(url: str, person: str = "Operator", **query: Any) -> str:
    return sign_in(person).get(url, query).content.decode()


@pytest.mark.parametrize("person", PEOPLE)
def test_replays_are_for_operators(seeded, person):
    make_rows(1)
    client, run = sign_in(person), make_run()
    allowed = person in ("Operator", "superuser")

    pages = [ADD, run_url(run), reverse("admin:webhooks_replayrun_changelist")]

    assert {client.get(url).status_code == 200 for url in pages} == {allowed}


@pytest.mark.parametrize("person", ["Agent", "Lead", "Manager"])
def test_nobody_else_starts_or_cancels_one(seeded, person):
    make_rows(1)
    client = sign_in(person)

    assert client.post(ADD, form()).status_code == 403
    assert client.post(run_url(make_run(), "cancel")).status_code == 403
    assert ReplayRun.objects.get().status == "RUNNING"


def test_opening_the_page_counts_what_the_only_source_has(seeded):
    make_rows(2)
    make_rows(1, status="DONE")

    assert "2 deliveries, a few seconds. Left out: 1 already done." in page(ADD)


def test_with_several_sources_it_asks_which_and_blames_nobody(seeded):
    make_rows(1)
    make_source("other")

    shown = page(ADD)

    assert "Choose a source" in shown
    assert "s-error" not in shown


def test_an_address_fills_in_the_form(seeded):
    make_rows(2)
    [row] = make_rows(1, error_fingerprint="abc")

    shown = page(ADD, source=row.source_id, fingerprint="abc")

    assert "1 delivery, a few seconds." in shown
    assert f"#{row.pk}" in shown


def test_the_selected_say_their_source_themselves(seeded):
    make_source("other")
    rows = make_rows(2)

    assert "2 deliveries" in page(ADD, ids=",".join(str(row.pk) for row in rows))


def test_counting_changes_nothing(seeded):
    make_rows(2)

    page(ADD)

    assert (ReplayRun.objects.count(), Delivery.objects.filter(status="DEAD").count()) == (0, 2)


@pytest.mark.parametrize(
    "said",
    [
        {"ids": "1,two"},
        {"since": "yesterday"},
        {"status": "LOST"},
        {"source": "999"},
        {"source": "\0"},
        {"conversation_id": "9" * 40},
        {"pace": "0"},
        {"ids": "9" * 30},
    ],
    ids=str,
)
def test_an_address_that_makes_no_sense_is_told_and_counts_nothing(seeded, said):
    make_rows(2)
    client = sign_in("Operator")

    answer = client.get(ADD, said)

    assert answer.status_code == 200
    assert "s-error" in answer.content.decode()
    assert client.post(ADD, form(**said)).status_code == 400
    assert not ReplayRun.objects.exists()


def test_an_event_that_no_text_holds_matches_nothing(seeded):
    make_rows(2)
    client = sign_in("Operator")

    answer = client.get(ADD, form(event="\0"))

    assert "No deliveries match this filter." in answer.content.decode()
    assert client.post(ADD, form(event="\0")).status_code == 400
    assert not ReplayRun.objects.exists()


def test_starting_keeps_who_why_and_what(seeded):
    rows = make_rows(2)

    answer = sign_in("Operator").post(ADD, form(ids=str(rows[0].pk), pace=5))

    run = ReplayRun.objects.get()
    assert answer.headers["Location"] == run_url(run)
    assert (str(run.by), run.reason, run.pace, run.total) == ("Operator", "the ledger is back", 5, 1)
    assert run.filters == {"ids": [rows[0].pk]}


def test_without_a_reason_nothing_starts(seeded):
    make_rows(1)

    answer = sign_in("Operator").post(ADD, form(reason=" "))

    assert (answer.status_code, ReplayRun.objects.count()) == (400, 0)


def test_while_one_is_under_way_the_page_says_so_and_leads_there(seeded):
    make_rows(2)
    run = make_run()

    shown = page(ADD)

    assert "A replay of acme by maria is in progress: 0 of 2." in shown
    assert run_url(run) in shown
    assert 'name="reason"' not in shown


def test_starting_a_second_one_is_refused(seeded):
    make_rows(2)
    make_run()

    answer = sign_in("Operator").post(ADD, form())

    assert (answer.status_code, ReplayRun.objects.count()) == (409, 1)
    assert "in progress" in answer.content.decode()


def test_a_done_delivery_runs_again_only_when_the_box_is_ticked(seeded):
    make_rows(2, status="DONE")
    client = sign_in("Operator")

    assert client.post(ADD, form()).status_code == 409
    assert "run again only when you ask for it" in client.get(ADD).content.decode()
    assert client.post(ADD, form(also_done="on")).status_code == 302


def test_a_paused_source_is_warned_of(seeded):
    make_rows(1)
    Source.objects.update(mode="paused")

    assert "acme is paused" in page(ADD)


# A run's page


def test_it_tells_how_far_it_is_and_what_became_of_them(seeded):
    rows = make_rows(3)
    run = make_run(pace=2)
    replay_runs.step(now=timezone.now())
    Delivery.objects.filter(pk=rows[0].pk).update(status="DONE", next_attempt_at=None)

    shown = page(run_url(run))

    assert "2 of 3 reopened" in shown
    assert "Of those reopened: 1 done, 1 still being retried." in shown


def test_each_row_shows_its_result(seeded):
    rows = make_rows(2)
    run = make_run(pace=10)
    Delivery.objects.filter(pk=rows[0].pk).update(status="DONE")
    replay_runs.step(now=timezone.now())

    shown = page(run_url(run), result="refused")

    assert f"#{rows[0].pk}<" in shown
    assert "This delivery is already done" in shown
    assert f"#{rows[1].pk}<" not in shown


def test_results_come_a_page_at_a_time(seeded, monkeypatch):
    monkeypatch.setattr("webhooks.admin.replays.SHOWN", 2)
    rows = make_rows(3)
    run = make_run()

    first = page(run_url(run), "Operator")
    after = run.items.order_by("pk")[1].pk

    assert f"after={after}" in first
    assert f"#{rows[2].pk}<" not in first
    assert f"#{rows[2].pk}<" in page(run_url(run), "superuser", after=after)


def test_it_refreshes_itself_while_it_runs_and_then_no_more(seeded):
    make_rows(1)
    run = make_run()
    client = sign_in("Operator")

    assert 'hx-trigger="every 2s"' in client.get(run_url(run)).content.decode()

    replay_runs.cancel(run, by=None, now=timezone.now())
    assert 'hx-trigger="every' not in client.get(run_url(run)).content.decode()


def test_a_page_that_saw_it_run_is_loaded_anew_when_it_ended(seeded):
    make_rows(1)
    run = make_run()
    client = sign_in("Operator")
    assert "HX-Refresh" not in client.get(run_url(run), {"seen": "RUNNING"}).headers

    replay_runs.cancel(run, by=None, now=timezone.now())

    assert client.get(run_url(run), {"seen": "RUNNING"}).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("query", [{"result": "lost"}, {"after": "x"}, {"after": "9" * 40}], ids=str)
def test_an_odd_address_of_a_run_is_no_error(seeded, query):
    make_rows(1)

    assert sign_in("Operator").get(run_url(make_run()), query).status_code == 200


def test_it_says_when_it_waits_for_the_workers(seeded, monkeypatch):
    monkeypatch.setattr(replay_runs, "BACKLOG_S", 1)
    make_rows(3)
    run = make_run(pace=1)
    replay_runs.step(now=timezone.now())

    assert "Are they running?" in page(run_url(run))


def test_cancelling_keeps_who_did_it_and_leaves_the_rest_alone(seeded):
    make_rows(2)
    run = make_run()

    sign_in("Operator").post(run_url(run, "cancel"))

    run.refresh_from_db()
    assert (run.status, str(run.cancelled_by)) == ("CANCELLED", "Operator")
    assert Delivery.objects.filter(status="DEAD").count() == 2
    assert "the other 2 stay unchanged" in page(run_url(run), "superuser")


def test_cancelling_what_is_over_says_so(seeded):
    make_rows(1)
    run = make_run()
    replay_runs.step(now=timezone.now())

    answer = sign_in("Operator").post(run_url(run, "cancel"), follow=True)

    assert "is already finished" in answer.content.decode()


def test_the_list_tells_how_far_each_came(seeded):
    make_rows(3)
    make_run(pace=2)
    replay_runs.step(now=timezone.now())

    shown = page(reverse("admin:webhooks_replayrun_changelist"))

    assert "2 of 3" in shown
    assert "the ledger is back" in shown


# From a list of deliveries


def select(rows: list[Delivery], url: str = LIST, *, across: bool = False) -> Any:
    chosen = {"action": "replay_selected", "_selected_action": [row.pk for row in rows]}
    return sign_in("Operator").post(url, chosen | ({"select_across": 1} if across else {}))


def test_selected_deliveries_lead_to_their_count(seeded):
    rows = make_rows(3)

    answer = select(rows[:2])

    assert answer.headers["Location"] == f"{ADD}?ids={rows[0].pk},{rows[1].pk}"


def test_more_than_an_address_holds_become_the_lists_filters(seeded, monkeypatch):
    monkeypatch.setattr(delivery_list, "MOST_SELECTED", 2)
    rows = make_rows(3)

    url = "/admin/webhooks/incoming/?status__exact=DEAD&conversation_id=7"
    answer = select(rows[:1], url, across=True)

    assert answer.headers["Location"] == f"{ADD}?direction=IN&status=DEAD&conversation_id=7"


@pytest.mark.parametrize("narrowed", ["q=7", "muted=no", "received_at_to=2030-01-01"])
def test_a_replay_never_takes_more_than_was_selected(seeded, monkeypatch, narrowed):
    monkeypatch.setattr(delivery_list, "MOST_SELECTED", 1)
    rows = make_rows(3)

    answer = select(rows, f"{LIST}?{narrowed}", across=True)

    assert ADD not in answer.headers["Location"]


def test_lists_of_deliveries_offer_nothing_else(seeded):
    make_rows(1)

    shown = page(LIST)

    assert 'value="replay_selected"' in shown
    assert "delete_selected" not in shown
