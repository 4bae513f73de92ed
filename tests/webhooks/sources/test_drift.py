"""Chatwoot's webhook is looked after: deleted, moved, fewer events, a new secret."""

from collections.abc import Iterator

import pytest

from tests.factories import NOW, later, make_source
from webhooks.models import Alert, Source
from webhooks.outbound import registration
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.sources import drift

pytestmark = pytest.mark.django_db
URL = "https://support.example/webhooks/chatwoot/acme/"


@pytest.fixture
def chatwoot() -> Iterator[SimulatedChatwoot]:
    with SimulatedChatwoot(deliver=False) as running:
        yield running


@pytest.fixture
def source(chatwoot, db) -> Source:
    hook = chatwoot.world.register_webhook(URL, registration.EVENTS)
    return make_source(
        secret=hook.secret, base_url=chatwoot.url, api_token=chatwoot.admin_token, webhook_id=hook.id,
        webhook_url=URL,
    )  # fmt: skip


DRIFTS = {
    "no longer exists": lambda world: world.delete_webhook(1),
    "its URL is https://old.example/hook": lambda world: world.change_webhook(1, url="https://old.example/hook"),
    "it does not send message_created": lambda world: world.change_webhook(
        1, subscriptions=[event for event in registration.EVENTS if event != "message_created"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", DRIFTS)
def test_a_change_in_chatwoot_is_told(chatwoot, source, said):
    DRIFTS[said](chatwoot.world)

    drift.check(now=NOW)

    assert said in Alert.objects.get(kind="subscription", closed_at=None).text


def test_a_webhook_as_it_was_registered_is_no_trouble(source):
    drift.check(now=NOW)

    assert not Alert.objects.exists()


def test_the_alert_is_over_once_it_is_mended(chatwoot, source):
    chatwoot.world.change_webhook(1, subscriptions=[])
    drift.check(now=NOW)
    chatwoot.world.change_webhook(1, subscriptions=registration.EVENTS)

    drift.check(now=later(60))

    assert not Alert.objects.filter(closed_at=None).exists()


def test_a_secret_that_was_reset_is_taken_over_without_anybody(chatwoot, source):
    new = chatwoot.world.reset_secret(1)

    drift.check(now=NOW)

    assert source.secrets.latest("pk").secret == new
    assert not Alert.objects.exists()


def test_a_webhook_made_by_hand_is_not_missed(chatwoot, source):
    """It may be an API inbox's or a bot's, which the list does not have."""
    Source.objects.update(webhook_id=None)
    chatwoot.world.delete_webhook(1)

    drift.check(now=NOW)

    assert not Alert.objects.exists()


def test_chatwoot_being_away_is_no_drift(chatwoot, source):
    chatwoot.world.faults.add("status", "GET", times=None, code=503)

    drift.check(now=NOW)

    assert not Alert.objects.exists()


def test_a_refused_token_is_told_as_what_it_is(chatwoot, source):
    chatwoot.world.faults.add("status", "GET", times=None, code=401)

    drift.check(now=NOW)

    assert list(Alert.objects.values_list("kind", flat=True)) == ["credentials"]
