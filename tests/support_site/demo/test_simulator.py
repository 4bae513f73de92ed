"""The demo's simulated Chatwoot remembers what the site knows, and fails when a visitor asks for it."""

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from support_site.demo import people, simulator, start
from tests.factories import make_source
from webhooks.models import Conversation, Message, Source
from webhooks.outbound import chatwoot as client
from webhooks.reconcile import differences
from webhooks.simulator.server import SimulatedChatwoot

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def chatwoot():
    with SimulatedChatwoot(deliver=False) as running:
        yield running


@pytest.fixture
def source(chatwoot, settings) -> Source:
    return make_source("demo", base_url=chatwoot.url, api_token=chatwoot.admin_token)


@pytest.fixture
def past(chatwoot, source, monkeypatch) -> None:
    monkeypatch.setattr(start, "CONVERSATIONS", 30)
    monkeypatch.setattr(start, "MESSAGES", 120)
    monkeypatch.setattr(start, "REPORTS", 0)
    call_command("seed", samples=True, password="pw", verbosity=0)
    people.create()
    start.write_history(chatwoot=chatwoot.url, now=timezone.now())
    simulator.remember(chatwoot.url)


def status(chatwoot: SimulatedChatwoot) -> int:
    headers = {"api_access_token": chatwoot.admin_token}
    return requests.get(f"{chatwoot.url}/api/v1/profile", headers=headers, timeout=5).status_code


def test_it_knows_the_customers_of_the_past(past, chatwoot):
    row = Conversation.objects.order_by("?").first()

    page = requests.get(row.url, timeout=5)

    assert page.status_code == 200
    assert all(one.content[:20] in page.text for one in row.messages.filter(kind="incoming"))
    assert len(chatwoot.world.messages) == Message.objects.count()


def test_reconciling_the_past_finds_nothing_missed(past, source):
    api = client.client(source)
    for row in Conversation.objects.all():
        state, messages = api.conversation(row.display_id), api.messages_after(row.display_id, 0)
        assert differences.record_missing(row, state, messages, now=timezone.now()) == [], row


def test_remembering_sends_no_webhook(past, chatwoot):
    assert len(chatwoot.world.outbox) == 0


@pytest.mark.parametrize("trouble", simulator.TROUBLES)
def test_a_trouble_begins_and_ends(source, trouble):
    simulator.start(trouble)
    begun = simulator.troubles()
    simulator.end()

    assert (begun, simulator.troubles()) == ({trouble}, set())


def test_one_trouble_ends_another(source):
    simulator.start("outage")
    simulator.start("silent")

    assert simulator.troubles() == {"silent"}


def test_an_outage_is_answered_with_503_until_it_ends(source, chatwoot):
    simulator.start("outage")
    broken = status(chatwoot)
    simulator.end()

    assert (broken, status(chatwoot)) == (503, 200)


def test_a_customer_writes_in_the_channel_that_was_chosen(source, chatwoot):
    number = simulator.customer_writes(inbox_id=3, name="Sam Rivers", text="Hello")

    assert chatwoot.world.conversation(number).inbox_id == 3
    assert [one.content for one in chatwoot.world.messages_of(number)] == ["Hello"]


def test_a_simulator_that_is_gone_is_named():
    make_source("demo", base_url="http://127.0.0.1:9")

    with pytest.raises(simulator.Unreachable):
        simulator.troubles()
