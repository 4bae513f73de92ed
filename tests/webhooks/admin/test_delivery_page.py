"""A delivery's page: what it shows to whom, and its replay."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.factories import (
    NOW,
    make_delivery,
    make_draft,
    make_inbox,
    make_source,
    make_user,
    make_waiting,
    message_event,
    signed,
)
from tests.webhooks.people import make_dead, page_url, sign_in
from webhooks.accounts import access
from webhooks.models import Delivery, ReplayItem, ReplayRun

pytestmark = pytest.mark.django_db


def replay_url(row: Delivery) -> str:
    return reverse("admin:webhooks_incoming_replay", args=[row.pk])


def test_a_superuser_reads_the_body_of_a_delivery(seeded):
    row = make_dead(content="My card is 4111")

    assert "My card is 4111" in sign_in("superuser").get(page_url(row, "incoming")).content.decode()


def test_an_operator_sees_a_deliverys_structure_and_none_of_the_customers_words(seeded):
    row = make_dead(content="My card is 4111")

    page = sign_in("Operator").get(page_url(row, "incoming")).content.decode()

    assert "message_created" in page
    assert "4111" not in page
    assert "Ada Park" not in page
    assert "ada@example.com" not in page


def test_an_operator_who_also_answers_elsewhere_sees_no_words_of_this_inbox(seeded):
    row = make_dead(content="My card is 4111")
    make_waiting()
    other = make_inbox(inbox_id=99)
    client = Client()
    client.force_login(make_user("both", access.OPERATOR, access.AGENT, inboxes=[other]))

    assert "4111" not in client.get(page_url(row, "incoming")).content.decode()


def test_a_body_that_is_no_json_stays_hidden_from_operators(seeded):
    row = make_delivery(b"secret words, no JSON")

    assert "secret words" not in sign_in("Operator").get(page_url(row, "incoming")).content.decode()


def test_a_replay_reopens_a_dead_delivery_and_keeps_the_reason(seeded):
    row = make_dead()

    sign_in("Operator").post(replay_url(row), {"reason": "Chatwoot is back."})

    row.refresh_from_db()
    assert (row.status, row.audit.get().reason) == ("PENDING", "Chatwoot is back.")


def test_a_replay_without_a_reason_is_refused(seeded):
    row = make_dead()

    answer = sign_in("Operator").post(replay_url(row), {"reason": " "})

    row.refresh_from_db()
    assert (answer.status_code, row.status) == (400, "DEAD")


def test_a_replay_is_not_for_leads(seeded):
    row = make_dead()

    answer = sign_in("Lead").post(replay_url(row), {"reason": "Please."})

    row.refresh_from_db()
    assert (answer.status_code, row.status) == (403, "DEAD")


def test_a_reply_to_a_customer_is_never_replayed(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(direction="OUT", event="reply.send")
    client = sign_in("Operator")

    answer = client.post(reverse("admin:webhooks_outgoing_replay", args=[row.pk]), {"reason": "Please."})

    assert answer.status_code == 409
    assert "open its draft" in answer.content.decode()


def page_of(person: str, row: Delivery) -> str:
    known = User.objects.filter(username=person).first()
    client = Client() if known else sign_in(person)
    if known:
        client.force_login(known)
    return client.get(page_url(row, "delivery")).content.decode()


def test_the_page_leads_to_the_conversation_and_its_draft(seeded):
    draft = make_draft()
    row = Delivery.objects.get(event="message_created")

    page = page_of("superuser", row)

    assert reverse("admin:webhooks_conversation_change", args=[draft.conversation_id]) in page
    assert reverse("admin:knowledge_draft_change", args=[draft.pk]) in page


def test_an_operator_sees_neither_the_customers_name_nor_drafts_on_it(seeded):
    draft = make_draft()
    row = Delivery.objects.get(event="message_created")

    page = page_of("Operator", row)

    assert "Ada Park" not in page
    assert reverse("admin:knowledge_draft_change", args=[draft.pk]) not in page


def test_the_page_shows_what_went_out_because_of_it(seeded):
    make_waiting()
    row, request = Delivery.objects.get(direction="IN"), Delivery.objects.get(event="draft.request")

    assert page_url(request, "delivery") in page_of("Operator", row)
    assert page_url(row, "delivery") in page_of("Operator", request)


def test_duplicates_are_linked_both_ways(seeded):
    first, again = make_dead(message_id=1), make_dead(message_id=1)
    Delivery.objects.filter(pk=again.pk).update(status="DONE", duplicate_of=first)

    assert page_url(again, "delivery") in page_of("Operator", first)
    assert page_url(first, "delivery") in page_of("Operator", again)


def test_the_page_says_which_secret_signed_it(seeded, client):
    source = make_source()
    source.secrets.create(
        label="rotated in May", secret="the-other-secret-of-24-ch"
    )  # pragma: allowlist secret
    client.post(
        source.path, **signed(message_event(), secret="the-other-secret-of-24-ch")
    )  # pragma: allowlist secret

    assert "rotated in May" in page_of("Operator", Delivery.objects.get())


def test_a_secret_that_was_removed_is_not_guessed(seeded, client):
    source = make_source()
    client.post(source.path, **signed(message_event()))
    source.secrets.update(secret="another-secret-since-then")  # pragma: allowlist secret

    assert "no longer stored" in page_of("Operator", Delivery.objects.get())


def test_a_delivery_from_the_spool_says_so(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(spooled=True)

    assert "stored on disk" in page_of("Operator", row)


def test_the_page_names_the_replay_runs_it_was_in(seeded):
    row = make_dead()
    run = ReplayRun.objects.create(source=row.source, reason="Chatwoot is back.", pace=10, started_at=NOW)
    ReplayItem.objects.create(run=run, delivery=row)

    assert "Chatwoot is back." in page_of("Operator", row)


def test_the_body_is_downloaded_byte_for_byte(seeded):
    row = make_delivery(b'\xff\x00 {"no": json')

    answer = sign_in("superuser").get(reverse("admin:webhooks_delivery_raw", args=[row.pk]))

    assert answer.content == b'\xff\x00 {"no": json'
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_operator_downloads_no_body(seeded):
    row = make_dead(content="My card is 4111")

    answer = sign_in("Operator").get(reverse("admin:webhooks_delivery_raw", args=[row.pk]))

    assert answer.status_code == 404


def test_a_body_too_long_for_a_page_is_cut_there(seeded):
    row = make_dead(content="x" * 500_000)

    page = page_of("superuser", row)

    assert "Truncated" in page
    assert len(page) < 600_000


def test_troubles_link_to_the_runbook(seeded):
    assert "runbooks/a-delivery-was-dead-lettered.md" in page_of("Operator", make_dead())
