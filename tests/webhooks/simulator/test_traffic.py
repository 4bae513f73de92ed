"""The demo's traffic: enough, in two languages, over all inboxes, and bounded."""

import collections

import pytest

from webhooks.simulator.records import Event
from webhooks.simulator.traffic import Traffic
from webhooks.simulator.world import World


@pytest.fixture(scope="module")
def events(world: World) -> list[Event]:
    return world.outbox.take_all()


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


KINDS = [
    "note", "survey answer", "attachment", "copy", "resolved", "pending", "snoozed", "chosen", "form", "transcript",
    "from the phone", "automation", "edited", "merged", "with a machine",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_thing_happens(world: World, events: list[Event], kind: str) -> None:
    messages = world.messages.values()
    mails = [m.content_attributes.get("email") or {} for m in messages]
    seen = {
        "note": any(m.private for m in messages),
        "survey answer": bool(world.csat_responses),
        "attachment": any(m.attachments for m in messages),
        "copy": any(mail.get("cc") for mail in mails),
        "resolved": any(c.status == "resolved" for c in world.conversations.values()),
        "pending": any("marked pending" in (m.content or "") for m in messages),
        "snoozed": any("marked snoozed" in (m.content or "") for m in messages),
        "chosen": any(
            m.content_type == "input_select" and "submitted_values" in m.content_attributes for m in messages
        ),
        "form": any(
            m.content_type == "form" and "submitted_values" in m.content_attributes for m in messages
        ),
        "transcript": any("transcribed_text" in one for m in messages for one in m.attachments),
        "from the phone": any(m.content_attributes.get("external_echo") for m in messages),
        "automation": any(m.content_attributes.get("automation_rule_id") for m in messages),
        "edited": any("(I mean the second one.)" in (m.content or "") for m in messages),
        "merged": len(world.contacts) < max(world.contacts),
        "with a machine": any(e.changed and e.changed.get("status") == ("pending", "open") for e in events),
    }

    assert seen[kind]


def test_the_same_seed_makes_the_same_traffic(world: World) -> None:
    again = World()
    Traffic(again, first_gap=0, gap=0).run()

    assert [m.content for m in again.messages.values()] == [m.content for m in world.messages.values()]
