"""connect_chatwoot against the simulated Chatwoot: what it keeps, that twice is once, and what it refuses in one line."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import NOW, make_source
from webhooks.models import Alert, Delivery, Inbox, Source
from webhooks.simulator import api
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.simulator.state import AGENT_TOKEN, BOT_TOKEN
from webhooks.sources import sources

pytestmark = pytest.mark.django_db
URL = "https://support.example/webhooks/chatwoot/acme/"


@pytest.fixture
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        yield running


def connect(chatwoot: SimulatedChatwoot, *more: str, register: bool = True, **changed: str) -> str:
    """What the command prints."""
    options = {
        "slug": "acme", "base-url": chatwoot.url, "account-id": str(chatwoot.account_id), "api-token": chatwoot.admin_token,
    } | changed  # fmt: skip
    printed = StringIO()
    how = ["--register", "--public-url", "https://support.example"] if register else []
    call_command("connect_chatwoot", *[f"--{k}={v}" for k, v in options.items()], *how, *more, stdout=printed)
    return printed.getvalue()


def refusal(chatwoot: SimulatedChatwoot, *more: str, **changed) -> str:
    with pytest.raises(CommandError) as caught:
        connect(chatwoot, *more, **changed)
    text = str(caught.value)
    assert "\n" not in text.strip()
    return text


def test_it_registers_the_webhook_for_a_stated_list_of_events(chatwoot):
    connect(chatwoot)

    (hook,) = chatwoot.world.webhooks.values()
    assert hook.url == URL
    assert "message_created" in hook.subscriptions
    assert not any("typing" in event for event in hook.subscriptions)


def test_it_prints_the_receiving_url_and_no_secret(chatwoot):
    printed = connect(chatwoot)

    (hook,) = chatwoot.world.webhooks.values()
    assert printed.splitlines()[-1] == f"Receiving URL: {URL}"
    assert hook.secret not in printed
    assert chatwoot.admin_token not in printed


def test_it_keeps_the_source_its_secret_and_its_inboxes(chatwoot):
    connect(chatwoot)

    source = Source.objects.get(slug="acme")
    (hook,) = chatwoot.world.webhooks.values()
    assert (source.account_id, source.sender_id, source.webhook_id) == (1, 1, hook.id)
    assert source.chatwoot_version == api.VERSION
    assert [row.secret for row in source.secrets.all()] == [hook.secret]
    assert Inbox.objects.filter(source=source).count() == 3


def test_twice_is_once(chatwoot):
    connect(chatwoot)
    connect(chatwoot)

    assert len(chatwoot.world.webhooks) == 1
    assert Source.objects.get().secrets.count() == 1
    assert Inbox.objects.count() == 3


def test_after_a_reset_in_chatwoot_the_new_secret_is_kept_beside_the_old(chatwoot):
    connect(chatwoot)
    (hook,) = chatwoot.world.webhooks.values()
    new = chatwoot.world.reset_secret(hook.id)

    connect(chatwoot)

    assert new in [row.secret for row in Source.objects.get().secrets.all()]


def test_events_missing_from_a_webhook_are_added_and_its_others_stay(chatwoot):
    chatwoot.world.register_webhook(URL, ["conversation_typing_on", "message_created"])

    connect(chatwoot)

    (hook,) = chatwoot.world.webhooks.values()
    assert {"conversation_typing_on", "message_created", "conversation_updated"} <= set(hook.subscriptions)


def test_a_secret_can_be_entered_by_hand(chatwoot):
    connect(chatwoot, "--secret=given-by-hand", register=False)

    assert not chatwoot.world.webhooks
    assert Source.objects.get().secrets.get().secret == "given-by-hand"


def test_an_old_chatwoot_that_signs_nothing_is_said_to(chatwoot, monkeypatch):
    monkeypatch.setattr(api, "VERSION", "4.9.0")

    assert "does not sign" in connect(chatwoot)


def test_connecting_again_releases_what_waited_for_the_token(chatwoot):
    source = make_source(credentials_refused_at=NOW)
    Delivery.objects.create(
        source=source, direction="OUT", lane="send", event="reply.send", delivery_key="k", body=b"{}", status="HELD",
        held_for="credentials", due_since=NOW, received_at=NOW,
    )  # fmt: skip

    connect(chatwoot)

    assert Delivery.objects.get().status == "PENDING"
    assert Source.objects.get().credentials_refused_at is None


REFUSED = {
    "a token nobody has": ({"api-token": "wrong"}, "refuses this token"),
    "an agent's token": ({"api-token": AGENT_TOKEN}, "administrator"),
    "a bot's token": ({"api-token": BOT_TOKEN}, "token"),
    "another account": ({"account-id": "9"}, "account 9"),
    "an address without a scheme": ({"base-url": "chat.example.com"}, "not an http or https URL"),
    "an address where nobody is": ({"base-url": "http://127.0.0.1:1"}, "could not be reached"),
    "a slug with a slash": ({"slug": "a/b"}, "letters, digits"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_in_one_line_and_nothing_is_kept(chatwoot, case):
    changed, said = REFUSED[case]

    assert said in refusal(chatwoot, **changed)
    assert not Source.objects.exists()
    assert not chatwoot.world.webhooks


def test_a_chatwoot_that_is_too_old_is_refused(chatwoot, monkeypatch):
    monkeypatch.setattr(api, "VERSION", "3.16.0")

    assert "too old" in refusal(chatwoot)


def test_without_a_way_to_know_the_secret_it_is_refused(chatwoot):
    assert "--register" in refusal(chatwoot, register=False)


def test_a_webhook_that_cannot_be_registered_keeps_nothing(chatwoot):
    chatwoot.world.faults.add("status", "POST", code=500)

    assert "could not be registered" in refusal(chatwoot)
    assert not Source.objects.exists()


def test_a_page_that_is_not_chatwoots_is_said_to_be_none(chatwoot):
    chatwoot.world.faults.add("html", "GET", code=200, times=None)

    assert "could not be reached" in refusal(chatwoot)


def test_a_reset_secret_replaces_the_registered_one_within_a_day(chatwoot):
    connect(chatwoot)
    (hook,) = chatwoot.world.webhooks.values()
    chatwoot.world.reset_secret(hook.id)

    connect(chatwoot)

    old, new = Source.objects.get().secrets.order_by("pk")
    assert old.expires_at is not None
    assert new.expires_at is None


def test_unsigned_registers_a_url_that_ends_in_a_token(chatwoot):
    printed = connect(chatwoot, "--unsigned")

    (hook,) = chatwoot.world.webhooks.values()
    token = Source.objects.get().unsigned_token
    assert hook.url == f"{URL}{token}/"
    assert printed.splitlines()[-1] == f"Receiving URL: {hook.url}"
    assert "nothing proves who sent them" in printed


def test_unsigned_keeps_its_token_and_its_one_webhook_when_connected_again(chatwoot):
    connect(chatwoot)
    connect(chatwoot, "--unsigned")
    token = Source.objects.get().unsigned_token

    connect(chatwoot)

    (hook,) = chatwoot.world.webhooks.values()
    assert hook.url == f"{URL}{token}/"


def test_after_unsigned_was_turned_off_connecting_moves_the_webhook_back(chatwoot):
    connect(chatwoot, "--unsigned")
    sources.refuse_unsigned(Source.objects.get())

    connect(chatwoot)

    (hook,) = chatwoot.world.webhooks.values()
    assert hook.url == URL


def test_unsigned_needs_no_secret(chatwoot):
    printed = connect(chatwoot, "--unsigned", register=False)

    assert not Source.objects.get().secrets.exists()
    assert Source.objects.get().unsigned_token in printed


def test_an_old_chatwoot_is_told_how_to_go_on_unsigned(chatwoot, monkeypatch):
    monkeypatch.setattr(api, "VERSION", "4.9.0")

    assert "--unsigned" in connect(chatwoot)


def test_a_chatwoot_that_signs_needs_no_unsigned_mode(chatwoot):
    assert "need not be allowed to send unsigned ones" in connect(chatwoot, "--unsigned")


def test_connecting_again_ends_the_alert_of_a_refused_token(chatwoot):
    sources.refuse_credentials(make_source(), now=NOW)

    connect(chatwoot)

    assert not Alert.objects.filter(closed_at=None).exists()
