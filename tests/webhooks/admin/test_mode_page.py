"""The pages of a source's mode, and what those who are told do with it."""

import pytest
from django.core import mail
from django.http import HttpResponse
from django.urls import reverse

from tests.factories import NOW, make_inbox, make_source, make_user, run_due
from tests.webhooks.people import make_dead, sign_in
from tests.webhooks.sources.moding import switch
from webhooks.models import Delivery, ModeChange, ModeNotice, Source

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def url(name: str, pk: int) -> str:
    return reverse(f"admin:webhooks_modechange_{name}", args=[pk])


def press(person: str, **form: str) -> HttpResponse:
    return sign_in(person).post(url("switch", make_source().pk), form)


def test_one_click_pauses_with_a_reason(seeded):
    answer = press("Operator", to="paused", reason="Wrong prices.")

    assert answer.status_code == 302
    assert (Source.objects.get().mode, ModeChange.objects.get().by.username) == ("paused", "Operator")


@pytest.mark.parametrize("person", ["nobody", "Agent", "Lead"])
def test_who_has_no_switches_switches_nothing(seeded, person):
    answer = press(person, to="paused", reason="Wrong prices.")

    assert answer.status_code == 403
    assert Source.objects.get().mode == "active"


@pytest.mark.parametrize("form", [{"to": "paused"}, {"to": "off", "reason": "x"}, {"reason": "x"}])
def test_what_is_not_whole_switches_nothing(seeded, form):
    assert press("Operator", **form).status_code == 400
    assert Source.objects.get().mode == "active"


def test_the_page_says_how_many_replies_it_holds_and_why(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(
        direction="OUT", event="reply.send", status="HELD", held_for="paused"
    )
    switch("paused")

    page = sign_in("Operator").get(url("source", row.source_id)).content.decode()

    assert "It holds 1 approved reply." in page
    assert "Wrong prices." in page


def test_while_what_was_kept_is_being_processed_it_is_not_offered_again(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(status="HELD", held_for="paused")
    switch("paused")
    switch("active")

    page = sign_in("Operator").get(url("source", row.source_id)).content.decode()

    assert "is running" in page
    assert "Process held events" not in page


def test_a_second_click_says_what_is_so(seeded):
    switch("paused")

    answer = press("Operator", to="paused", reason="Again.")

    assert answer.status_code == 409
    assert "acme is already paused" in answer.content.decode()


def test_only_superusers_give_a_previous_handler(seeded, settings):
    settings.PRIVATE_HOSTS = ["10.0.0.1"]
    form = {"legacy_url": "http://10.0.0.1/hooks"}
    address = url("handler", make_source().pk)

    assert sign_in("Operator").post(address, form).status_code == 403
    assert sign_in("superuser").post(address, form).status_code == 302
    assert Source.objects.get().legacy_url == "http://10.0.0.1/hooks"


def test_a_previous_handler_inside_is_refused_with_the_way_out(seeded):
    answer = sign_in("superuser").post(url("handler", make_source().pk), {"legacy_url": "http://10.0.0.1/"})

    assert answer.status_code == 400
    assert "PRIVATE_HOSTS" in answer.content.decode()


def test_leads_and_managers_of_its_inboxes_are_told(seeded):
    box, elsewhere = make_inbox(), make_inbox(make_source("other"), inbox_id=9)
    mine = make_user("mine", "Lead", inboxes=[box])
    make_user("theirs", "Lead", inboxes=[elsewhere])
    make_user("agent", "Agent", inboxes=[box])

    switch("paused")

    assert [notice.user for notice in ModeNotice.objects.all()] == [mine]


def test_named_leads_are_told_instead(seeded):
    make_user("one", "Lead")
    named = make_user("two", "Lead")
    sign_in("Operator").post(url("leads", make_source().pk), {"leads": [named.pk]})

    switch("paused")

    assert [notice.user for notice in ModeNotice.objects.all()] == [named]


def test_whoever_is_told_gets_a_mail_although_the_source_is_paused(seeded):
    make_user("lead", "Lead", email="lead@example.com")

    change = switch("paused")
    run_due("slow", now=NOW)

    letter = mail.outbox[0]
    assert (letter.to, letter.subject) == (["lead@example.com"], "acme is now paused")
    assert url("change", change.pk) in letter.body


def test_an_acknowledgement_is_recorded(seeded):
    lead = sign_in("Lead")
    change = switch("paused")
    assert "I have read this" in lead.get(url("change", change.pk)).content.decode()

    lead.post(url("acknowledge", change.pk))

    assert ModeNotice.objects.get().acknowledged_at
    assert "I have read this" not in lead.get(url("change", change.pk)).content.decode()


def test_nobody_acknowledges_for_another(seeded):
    make_user("lead", "Lead")
    change = switch("paused")

    sign_in("Operator").post(url("acknowledge", change.pk))

    assert ModeNotice.objects.get().acknowledged_at is None


def test_who_was_not_told_does_not_read_it(seeded):
    change = switch("paused")

    assert sign_in("Lead").get(url("change", change.pk)).status_code == 403


def test_a_notice_waits_on_the_dashboard_until_it_is_read(seeded):
    lead = sign_in("Lead")
    change = switch("paused")
    assert url("change", change.pk) in lead.get(reverse("admin:index")).content.decode()

    lead.post(url("acknowledge", change.pk))

    assert url("change", change.pk) not in lead.get(reverse("admin:index")).content.decode()


def test_one_source_is_opened_at_once(seeded):
    source = make_source()

    answer = sign_in("Manager").get(reverse("admin:webhooks_modechange_changelist"))

    assert answer.url == url("source", source.pk)
