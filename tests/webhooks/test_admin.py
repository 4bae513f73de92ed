"""The wire's pages: who may see what, and what their buttons do."""

import json
from typing import Any

import pytest
import responses
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.factories import make_delivery, make_inbox, make_source, make_user, make_waiting, message_event
from webhooks import access, masking, words
from webhooks.models import Delivery, RetryPolicy, SendingSwitch, Source

pytestmark = pytest.mark.django_db

PEOPLE = ("anonymous", "nobody", "Agent", "Lead", "Manager", "Operator", "superuser")
DESK = {"Agent", "Lead", "Manager", "superuser"}
WIRE = {"Operator", "superuser"}
ROOT = {"superuser"}
EVERYBODY = set(PEOPLE) - {"anonymous"}

# Page → whom it is for. Everybody else gets 403, or the sign-in page without a session.
PAGES = {
    "index": EVERYBODY,
    "knowledge_draft_queue": DESK,
    "knowledge_draft_changelist": DESK,
    "knowledge_escalation_changelist": DESK,
    "knowledge_article_changelist": DESK,
    "knowledge_article_add": {"Lead", "Manager", "superuser"},
    "webhooks_conversation_changelist": DESK,
    "webhooks_delivery_changelist": WIRE,
    "webhooks_incoming_changelist": WIRE,
    "webhooks_outgoing_changelist": WIRE,
    "webhooks_retrypolicy_changelist": {"Manager", "Operator", "superuser"},
    "webhooks_source_changelist": WIRE,
    "webhooks_source_connect": ROOT,
    "webhooks_inbox_changelist": {"Manager", "superuser"},
    "webhooks_sendingswitch_changelist": {"Manager", "Operator", "superuser"},
    "auth_user_changelist": ROOT,
    "auth_group_changelist": ROOT,
}


def sign_in(person: str) -> Client:
    client = Client()
    if person != "anonymous":
        groups = [person] if person in access.GROUPS else []
        client.force_login(make_user(person, *groups, is_superuser=person == "superuser"))
    return client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("person", PEOPLE)
def test_a_page_opens_for_those_it_is_for(seeded, person, page):
    answer = sign_in(person).get(reverse(f"admin:{page}"))

    refused = 302 if person == "anonymous" else 403
    assert answer.status_code == (200 if person in PAGES[page] else refused)


def make_dead(**facts: Any) -> Delivery:
    row = make_delivery(message_event(**facts))
    Delivery.objects.filter(pk=row.pk).update(
        status="DEAD", next_attempt_at=None, attempts=9, last_error="Chatwoot answered 502."
    )
    row.refresh_from_db()
    return row


def replay_url(row: Delivery) -> str:
    return reverse("admin:webhooks_incoming_replay", args=[row.pk])


def page_url(row: Any, model: str) -> str:
    return reverse(f"admin:webhooks_{model}_change", args=[row.pk])


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


@pytest.mark.parametrize("secret", ["Ada", {"name": "Ada"}, ["Ada"], {"custom_attributes": {"born": 1984}}])
def test_masking_leaves_nothing_a_person_wrote(secret):
    assert "Ada" not in json.dumps(masking.masked({"content": secret}))
    assert "1984" not in json.dumps(masking.masked({"content": secret}))


def test_masking_keeps_what_chatwoot_itself_says():
    assert masking.masked({"event": "message_created", "id": 7, "private": False}) == {
        "event": "message_created",
        "id": 7,
        "private": False,
    }


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


def test_the_first_sight_of_a_delivery_says_what_happens_next(seeded):
    row, policy = make_dead(), RetryPolicy.objects.get(is_default=True)

    assert words.outlook(row, policy, stamp=policy.stamp, now=row.received_at) == "Given up after 9 attempts."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (760, "12 min 40 s"), (74_520, "20 h 42 min"), (86_400, "1 d")],
)
def test_a_span_is_said_in_its_two_largest_units(seconds, said):
    assert words.span(seconds) == said


def policy_fields(**facts: Any) -> dict[str, Any]:
    return {
        "name": "default", "delays": "10 s, 2 min", "jitter": "0.2", "max_attempts": "4", "max_age": "", "base": "",
        "factor": "", "cap": "", "respect_retry_after": "on", "retry_after_cap": "3600", "give_up_on": "404, Permanent",
        "hold_on": "", "retry_on": "", "settle_s": "120",
    } | facts  # fmt: skip


def test_saving_a_policy_makes_a_new_version(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    sign_in("Manager").post(page_url(policy, "retrypolicy"), policy_fields())

    policy.refresh_from_db()
    assert (policy.version, policy.delays, policy.give_up_on) == (2, [10, 120], [404, "Permanent"])


def test_saving_a_policy_unchanged_keeps_its_version(seeded):
    policy = RetryPolicy.objects.get(is_default=True)
    client = sign_in("Manager")
    client.post(page_url(policy, "retrypolicy"), policy_fields())

    client.post(page_url(policy, "retrypolicy"), policy_fields())

    policy.refresh_from_db()
    assert policy.version == 2


@pytest.mark.parametrize("delays", ["soon", "10 s, -5 s", ""])
def test_a_policy_that_makes_no_sense_is_not_saved(seeded, delays):
    policy = RetryPolicy.objects.get(is_default=True)

    sign_in("Manager").post(page_url(policy, "retrypolicy"), policy_fields(delays=delays))

    policy.refresh_from_db()
    assert policy.version == 1


def test_the_preview_shows_the_times_of_a_form_that_is_not_saved(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    url = reverse("admin:webhooks_retrypolicy_preview_one", args=[policy.pk])
    page = sign_in("Manager").post(url, policy_fields()).content.decode()

    policy.refresh_from_db()
    assert "Attempt 4 after 4 min 10 s" in page
    assert "Given up after 4 min 10 s" in page
    assert policy.version == 1


def test_the_default_policy_cannot_be_deleted(seeded):
    policy = RetryPolicy.objects.get(is_default=True)

    answer = sign_in("superuser").post(
        reverse("admin:webhooks_retrypolicy_delete", args=[policy.pk]), {"post": "yes"}
    )

    assert answer.status_code == 403


def test_stopping_and_resuming_keep_who_and_why(seeded):
    client = sign_in("Manager")

    client.post(reverse("admin:webhooks_sendingswitch_stop"), {"reason": "Wrong prices."})

    switch = SendingSwitch.objects.get()
    assert (switch.stopped, switch.reason, switch.changed_by.username) == (True, "Wrong prices.", "Manager")


def test_resuming_lets_go_on_what_waited_for_it(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(
        direction="OUT", event="reply.send", status="HELD", held_for="rule"
    )
    SendingSwitch.objects.update(stopped=True)

    sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_resume"), {"reason": "Prices are right."})

    row.refresh_from_db()
    assert (row.status, SendingSwitch.is_stopped()) == ("PENDING", False)


def test_sending_is_not_stopped_without_a_reason(seeded):
    sign_in("Manager").post(reverse("admin:webhooks_sendingswitch_stop"), {"reason": ""})

    assert not SendingSwitch.is_stopped()


def test_a_stop_is_shown_on_the_index(seeded):
    SendingSwitch.objects.update(stopped=True, reason="Wrong prices.")

    assert "All sending is stopped" in sign_in("Lead").get(reverse("admin:index")).content.decode()


def test_an_empty_installation_offers_to_connect(seeded):
    assert "Connect one" in sign_in("superuser").get(reverse("admin:index")).content.decode()


def test_no_data_is_never_a_hundred_percent(seeded):
    make_source()

    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert "no data" in page
    assert "100 %" not in page


def test_dead_letters_are_what_needs_a_person(seeded):
    make_dead()

    assert "1 delivery was given up." in sign_in("Operator").get(reverse("admin:index")).content.decode()


def test_every_figure_opens_its_rows(seeded):
    make_dead()
    client = sign_in("superuser")

    for section in client.get(reverse("admin:index")).context["sections"]:
        for figure in section["figures"]:
            answer = client.get(figure.link)
            assert answer.status_code == 200, figure.label


def test_the_sidebar_shows_what_its_reader_may_open(seeded):
    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert reverse("admin:webhooks_incoming_changelist") in page
    assert reverse("admin:knowledge_draft_queue") not in page


CONNECT = {
    "slug": "acme",
    "base_url": "http://chatwoot.test",
    "account_id": "1",
    "api_token": "good",
    "secret": "s" * 24,
}


@responses.activate
def test_connecting_with_a_refused_token_says_so_and_keeps_the_form(seeded):
    responses.get("http://chatwoot.test/api/v1/profile", status=401)

    page = sign_in("superuser").post(reverse("admin:webhooks_source_connect"), CONNECT)

    assert "Chatwoot refuses this token" in page.content.decode()
    assert 'value="acme"' in page.content.decode()
    assert not Source.objects.exists()


@responses.activate
def test_connecting_shows_the_receiving_url(seeded, settings):
    settings.PUBLIC_URL = "https://support.example.com"
    profile = {
        "id": 1,
        "name": "Desk",
        "role": "administrator",
        "accounts": [{"id": 1, "role": "administrator"}],
    }
    responses.get("http://chatwoot.test/api/v1/profile", json=profile)
    responses.get("http://chatwoot.test/api", json={"version": "4.14.2"})
    responses.get("http://chatwoot.test/api/v1/accounts/1/inboxes", json={"payload": []})

    page = (
        sign_in("superuser")
        .post(reverse("admin:webhooks_source_connect"), CONNECT, follow=True)
        .content.decode()
    )

    assert "https://support.example.com/webhooks/chatwoot/acme/" in page


def test_secrets_and_tokens_are_never_shown(seeded):
    source = make_source(secret="kept-under-the-carpet", api_token="token-nobody-reads")

    page = sign_in("superuser").get(page_url(source, "source")).content.decode()

    assert "kept-under-the-carpet" not in page
    assert "token-nobody-reads" not in page


@responses.activate
def test_a_refused_check_is_kept_on_the_source(seeded):
    source = make_source()
    responses.get("http://chatwoot.test/api/v1/profile", status=401)

    sign_in("superuser").post(reverse("admin:webhooks_source_check_token", args=[source.pk]))

    source.refresh_from_db()
    assert source.credentials_refused_at is not None


@responses.activate
def test_an_accepted_check_lets_go_on_what_waited_for_the_token(seeded):
    row = make_dead()
    Delivery.objects.filter(pk=row.pk).update(status="HELD", held_for="credentials")
    responses.get("http://chatwoot.test/api/v1/profile", json={"id": 1, "name": "Desk"})

    sign_in("superuser").post(reverse("admin:webhooks_source_check_token", args=[row.source_id]))

    row.refresh_from_db()
    assert row.status == "PENDING"


@responses.activate
def test_a_test_event_is_signed_as_chatwoot_signs(seeded, settings, client):
    settings.PUBLIC_URL = "https://support.example.com"
    source, root = make_source(), sign_in("superuser")

    def receive(request: Any) -> tuple[int, dict, str]:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        answer = client.post(source.path, request.body, "application/json", secure=True, **headers)
        return answer.status_code, {}, answer.content.decode()

    responses.add_callback(responses.POST, "https://support.example.com/webhooks/chatwoot/acme/", receive)

    page = root.post(
        reverse("admin:webhooks_source_send_test", args=[source.pk]), follow=True
    ).content.decode()

    assert "accepted a signed test event" in page
    assert Delivery.objects.get().event == "support_site_test"


def remove(source: Source, label: str) -> None:
    secret = source.secrets.get(label=label)
    url = reverse("admin:webhooks_source_remove_secret", args=[source.pk])
    sign_in("superuser").post(url, {"secret": secret.pk})


def test_a_secret_that_was_replaced_is_removed(seeded):
    source = make_source()
    source.secrets.create(label="old", secret="old-secret-of-this-webhook")

    remove(source, "old")

    assert [row.label for row in source.secrets.all()] == [""]


def test_the_only_secret_stays(seeded):
    source = make_source()

    remove(source, "")

    assert source.secrets.count() == 1


@pytest.mark.parametrize("verb", ["check_token", "send_test", "add_secret", "remove_secret"])
def test_operators_look_at_a_source_and_change_nothing(seeded, verb):
    source = make_source()

    answer = sign_in("Operator").post(reverse(f"admin:webhooks_source_{verb}", args=[source.pk]))

    assert answer.status_code == 403


def test_a_new_person_can_sign_in_here(seeded):
    fields = {
        "username": "maria",
        "usable_password": "true",
        "password1": "correct-horse-7",
        "password2": "correct-horse-7",
    }
    nested = {"membership-TOTAL_FORMS": "0", "membership-INITIAL_FORMS": "0"}

    sign_in("superuser").post(reverse("admin:auth_user_add"), fields | nested)

    assert User.objects.get(username="maria").is_staff


def test_a_manager_lets_agents_approve_in_an_inbox_and_switches_drafting_off(seeded):
    box = make_inbox()
    manager = sign_in("Manager")

    manager.post(page_url(box, "inbox"), {"email": "", "agents_may_approve": "on"})

    box.refresh_from_db()
    assert (box.agents_may_approve, box.drafting) == (True, False)


def test_a_manager_changes_no_inbox_of_others(seeded):
    box = make_inbox()
    client = Client()
    client.force_login(make_user("mona", "Manager", inboxes=[]))

    answer = client.post(page_url(box, "inbox"), {"email": "", "agents_may_approve": "on"})

    box.refresh_from_db()
    assert (answer.status_code, box.agents_may_approve) == (302, False)
