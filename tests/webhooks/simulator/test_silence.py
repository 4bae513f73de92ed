"""A silent Chatwoot sends no webhooks; what happened meanwhile is lost, as it is when its own queue stops."""

import pytest

from webhooks.simulator.server import SimulatedChatwoot

pytestmark = pytest.mark.once


@pytest.fixture
def received(monkeypatch) -> list[str]:
    events: list[str] = []
    monkeypatch.setattr(
        "webhooks.simulator.sender.Sender.deliver", lambda self, payload: events.append(payload["event"])
    )
    return events


def test_nothing_is_sent_while_it_is_silent(received):
    with SimulatedChatwoot() as chatwoot:
        chatwoot.sender.silent = True
        chatwoot.world.customer_writes(content="Hello?")
        assert chatwoot.wait_idle()

        chatwoot.sender.silent = False
        chatwoot.world.add_contact("Ada")
        assert chatwoot.wait_idle()

    assert received == ["contact_created"]
