"""The demo's traffic: enough, in two languages, over all inboxes, and bounded."""

import collections

import pytest

from webhooks.simulator.traffic import Traffic
from webhooks.simulator.world import World


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    Traffic(world, first_gap=0, gap=0).run()
    return world


def test_there_are_thirty_conversations_over_all_inboxes(world: World) -> None:
    inboxes = collections.Counter(c.inbox_id for c in world.conversations.values())

    assert sum(inboxes.values()) == 30
    assert set(inboxes) == {1, 2, 3}


def test_customers_write_both_languages(world: World) -> None:
    asked = " ".join(m.content or "" for m in world.messages.values() if m.message_type == "incoming")

    assert "two-factor code" in asked
    assert "Lieferadresse" in asked


@pytest.mark.parametrize("kind", ["note", "survey answer", "attachment", "copy", "resolved"])
def test_every_kind_of_thing_happens(world: World, kind: str) -> None:
    messages = world.messages.values()
    mails = [m.content_attributes.get("email") or {} for m in messages]
    seen = {
        "note": any(m.private for m in messages),
        "survey answer": bool(world.csat_responses),
        "attachment": any(m.attachments for m in messages),
        "copy": any(mail.get("cc") for mail in mails),
        "resolved": any(c.status == "resolved" for c in world.conversations.values()),
    }

    assert seen[kind]


def test_the_same_seed_makes_the_same_traffic(world: World) -> None:
    again = World()
    Traffic(again, first_gap=0, gap=0).run()

    assert [m.content for m in again.messages.values()] == [m.content for m in world.messages.values()]
