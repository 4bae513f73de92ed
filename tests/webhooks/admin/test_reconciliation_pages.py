"""Searches for missed events as people see them: begun on a source's page, watched, read; and the silence to alert at."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOW, later, make_delivery, make_source, make_waiting
from tests.webhooks.people import page_url, sign_in
from webhooks import deliveries
from webhooks.database import clock
from webhooks.models import Conversation, ReconcileItem, ReconcileRun, Source
from webhooks.reconcile import runs

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ADD = "/admin/webhooks/reconcilerun/add/"


def make_search(**facts) -> ReconcileRun:
    facts = {
        "cause": "schedule", "status": "DONE", "since": later(-3600), "floor": later(-3600), "began_at": NOW,
        "leased_until": NOW, "finished_at": later(60),
    } | facts  # fmt: skip
    return ReconcileRun.objects.create(source=make_source(), **facts)


def page(run: ReconcileRun, person: str = "Operator", query: str = "") -> str:
    return sign_in(person).get(page_url(run, "reconcilerun") + query).content.decode()


def begin(person: str = "Operator", **said):
    return sign_in(person).post(ADD, {"source": make_source().pk} | said, follow=True)


def test_a_search_is_begun_from_the_sources_page(seeded):
    source = make_source()

    form = sign_in("Operator").get(page_url(source, "source")).content.decode()

    assert f'action="{ADD}"' in form
    assert f'name="source" value="{source.pk}"' in form


def test_whoever_began_it_is_named(seeded):
    answer = begin()

    run = ReconcileRun.objects.get()
    assert (run.cause, run.by.username) == ("person", "Operator")
    assert "by Operator" in answer.content.decode()


def test_it_looks_back_as_far_as_somebody_said(seeded):
    begin(since="2026-01-05T02:10")

    since = timezone.localtime(ReconcileRun.objects.get().since)
    assert f"{since:%Y-%m-%dT%H:%M}" == "2026-01-05T02:10"


def test_a_time_to_come_is_refused(seeded):
    answer = begin(since="2999-01-05T02:10")

    assert (answer.status_code, ReconcileRun.objects.count()) == (400, 0)
    assert "This time is in the future" in answer.content.decode()


def test_a_source_without_a_token_says_what_to_do(seeded):
    Source.objects.filter(pk=make_source().pk).update(api_token="")

    assert "acme has no API token: connect it first." in begin().content.decode()


def test_a_second_one_leads_to_the_one_that_runs(seeded):
    run = runs.start(make_source(), cause="schedule", now=clock.now())

    answer = begin()

    assert answer.redirect_chain[-1][0] == page_url(run, "reconcilerun")
    assert "is already in progress" in answer.content.decode()


def test_a_search_that_runs_says_how_far_it_is(seeded):
    run = make_search(status="RUNNING", finished_at=None, listed=True, page=0, conversations=3)
    ReconcileItem.objects.create(run=run, display_id=9)

    assert "3 conversations read, 1 to go." in page(run)


def test_a_page_that_looked_on_is_drawn_anew_when_it_ends(seeded):
    run = make_search()

    answer = sign_in("Operator").get(page_url(run, "reconcilerun") + "?seen=RUNNING")

    assert answer["HX-Refresh"] == "true"


def test_a_search_nobody_takes_up_asks_for_workers(seeded):
    assert "Are they running?" in page(make_search(status="RUNNING", finished_at=None))


def test_what_was_missed_is_said_in_a_sentence(seeded):
    run = make_search(messages=7, first_missed_at=later(-6 * 3600), last_missed_at=later(-5 * 3600))

    assert "7 events were missed between 03:00 and 04:00 UTC on 23 Nov, all recovered." in page(run)


def test_what_nobody_can_recover_is_said(seeded):
    assert "What cannot be recovered" in page(make_search())


def test_what_chatwoot_would_not_show_is_named(seeded):
    run = make_search()
    ReconcileItem.objects.create(run=run, display_id=9, state="SKIPPED", note="Chatwoot answered 403.")

    said = page(run)

    assert re.search(r'>#9</td><td class="s-prose"[^>]*>Chatwoot answered 403\.</td>', said)


def test_a_search_that_failed_says_why(seeded):
    assert "Chatwoot answered 422." in page(make_search(status="FAILED", trouble="Chatwoot answered 422."))


def test_its_figure_opens_the_deliveries_behind_it(seeded):
    run = make_search(messages=1, first_missed_at=NOW, last_missed_at=NOW)
    found = deliveries.record(
        run.source_id, body=b'{"event": "message_created"}', headers={}, key="r", now=later(30), origin="reconciled"
    )[0]  # fmt: skip
    make_delivery(now=later(30))
    url = f"{reverse('admin:webhooks_incoming_changelist')}?search={run.pk}"
    assert url in page(run)

    shown = sign_in("superuser").get(url).context["cl"].result_list

    assert [row.pk for row in shown] == [found.pk]


def test_a_manager_reads_it_without_links_that_lead_nowhere(seeded):
    said = page(make_search(messages=1, first_missed_at=NOW, last_missed_at=NOW), "Manager")

    assert "and recovered." in said
    assert "See what was found" not in said


def test_the_list_says_the_result_of_each(seeded):
    make_search()

    said = sign_in("Manager").get(reverse("admin:webhooks_reconcilerun_changelist")).content.decode()

    assert [one for one in ("Nothing was missed.", "on schedule") if one not in said] == []


def test_a_conversation_that_chatwoot_no_longer_has_says_so_on_its_page(seeded):
    conversation = make_waiting().conversation
    Conversation.objects.update(deleted_at=NOW)

    said = sign_in("superuser").get(page_url(conversation, "conversation")).content.decode()

    assert "This conversation was deleted in Chatwoot" in said


@pytest.mark.parametrize(("said", "kept"), [("40", 40), ("", None)])
def test_the_silence_to_alert_at_is_set_on_the_sources_page(seeded, said, kept):
    source, client = make_source(silence_minutes=5), sign_in("Operator")

    client.post(reverse("admin:webhooks_source_watch_silence", args=[source.pk]), {"silence_minutes": said})

    source.refresh_from_db()
    assert source.silence_minutes == kept
