"""The shapes of webhook bodies, and that they are built when sent rather than when it happened."""

import random
from typing import Any

import pytest

from webhooks.simulator import payloads
from webhooks.simulator.history import generate_history
from webhooks.simulator.world import World

START = 1_780_000_000.123456


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(now=clock)


def sent(world: World, name: str | None = None) -> list[dict[str, Any]]:
    """The bodies of what waits, in order; those of one event if named."""
    bodies = [payloads.build(world, event) for event in world.outbox.take_all()]
    return [body for body in bodies if body and name in (None, body["event"])]


def changed_names(body: dict[str, Any]) -> set[str]:
    return {name for change in body["changed_attributes"] for name in change}


def test_a_new_customer_brings_contact_conversation_and_message(world: World) -> None:
    world.customer_writes(content="Hello")

    assert [body["event"] for body in sent(world)] == [
        "contact_created",
        "conversation_created",
        "message_created",
    ]


def test_the_top_level_type_is_a_string_and_the_nested_one_an_integer(world: World) -> None:
    world.customer_writes(content="Hello")

    body = sent(world, "message_created")[0]
    assert (body["message_type"], body["conversation"]["messages"][0]["message_type"]) == ("incoming", 0)


def test_a_message_event_has_no_status_and_no_version_at_the_top(world: World) -> None:
    world.customer_writes(content="Hello")

    assert not {"status", "updated_at", "message"} & sent(world, "message_created")[0].keys()


def test_a_contact_has_a_type_in_the_conversation_only(world: World) -> None:
    world.customer_writes(content="Hello")

    body = sent(world, "message_created")[0]
    assert "type" not in body["sender"]
    assert body["conversation"]["meta"]["sender"]["type"] == "contact"


@pytest.mark.parametrize(("who", "kind"), [("agent", "user"), ("bot", "agent_bot")])
def test_people_and_bots_carry_their_type(world: World, who: str, kind: str) -> None:
    message = world.customer_writes(content="Hello")
    sender = world.users[2] if who == "agent" else world.bot

    world.post_message(conversation_id=message.conversation_id, sender=sender, content="Hi")

    assert sent(world, "message_created")[-1]["sender"]["type"] == kind


def test_times_are_iso_at_the_top_and_seconds_in_the_conversation(world: World) -> None:
    world.customer_writes(content="Hello")

    body = sent(world, "message_created")[0]
    assert body["created_at"] == "2026-05-28T20:26:40.123Z"
    assert body["conversation"]["created_at"] == 1_780_000_000
    assert body["conversation"]["updated_at"] == START


def test_only_the_last_public_message_is_nested(world: World) -> None:
    first = world.customer_writes(content="Hello")
    world.note(conversation_id=first.conversation_id, content="Be kind")

    note = sent(world, "message_created")[1]
    assert note["private"] is True
    assert [message["id"] for message in note["conversation"]["messages"]] == [first.id]


def test_an_event_carries_the_state_of_the_moment_it_is_sent(world: World) -> None:
    message = world.customer_writes(content="Hello")
    world.set_status(message.conversation_id, "resolved")

    assert sent(world, "conversation_created")[0]["status"] == "resolved"


def test_a_status_change_is_told_twice(world: World) -> None:
    message = world.customer_writes(content="Hello")
    sent(world)

    world.set_status(message.conversation_id, "resolved")

    bodies = sent(world)
    assert {body["event"] for body in bodies} == {"conversation_status_changed", "conversation_updated"}
    change = {"status": {"previous_value": "open", "current_value": "resolved"}}
    assert all(change in body["changed_attributes"] for body in bodies)


def test_a_resolve_clears_the_wait_without_a_new_version(world: World, clock: Clock) -> None:
    message = world.customer_writes(content="Hello")
    world.set_status(message.conversation_id, "resolved", settle=False)
    before = sent(world, "conversation_updated")[-1]

    clock.time += 1
    world.clear_waiting(message.conversation_id)
    after = payloads.conversation_body(world, world.conversation(message.conversation_id))

    assert before["waiting_since"] > 0
    assert (after["waiting_since"], after["updated_at"]) == (0, before["updated_at"])


def test_a_resolved_conversation_no_longer_waits(world: World) -> None:
    message = world.customer_writes(content="Hello")

    world.set_status(message.conversation_id, "resolved")

    assert {body["waiting_since"] for body in sent(world, "conversation_updated")} == {0}


def test_an_answer_of_a_person_ends_the_wait(world: World) -> None:
    message = world.customer_writes(content="Hello")
    sent(world)

    world.agent_writes(conversation_id=message.conversation_id, content="Hi")

    update = sent(world, "conversation_updated")[0]
    assert changed_names(update) == {"first_reply_created_at", "waiting_since", "updated_at"}
    assert update["waiting_since"] == 0


def test_an_answer_of_a_bot_does_not_count(world: World) -> None:
    message = world.customer_writes(content="Hello")

    world.post_message(conversation_id=message.conversation_id, sender=world.bot, content="Hi")

    assert sent(world, "conversation_updated") == []


def test_a_customer_reopens_a_resolved_conversation(world: World) -> None:
    message = world.customer_writes(content="Hello")
    world.set_status(message.conversation_id, "resolved")

    world.customer_writes(conversation_id=message.conversation_id, content="Again")

    assert sent(world, "conversation_status_changed")[-1]["status"] == "open"
    assert world.conversation(message.conversation_id).waiting_since == START


def test_a_deleted_message_says_so_and_touches_no_conversation(world: World, clock: Clock) -> None:
    message = world.customer_writes(content="Hello")
    sent(world)
    clock.time += 5

    world.delete_message(message.id)

    body = sent(world)[0]
    assert (body["event"], body["content_attributes"]) == ("message_updated", {"deleted": True})
    assert body["conversation"]["updated_at"] == START


def test_delivery_states_are_equal_at_the_top(world: World) -> None:
    asked = world.customer_writes(content="Hello")
    reply = world.agent_writes(conversation_id=asked.conversation_id, content="Hi")
    sent(world)
    bodies = []
    for status in ("delivered", "read"):
        world.update_status(reply.id, status)
        bodies += sent(world)

    top = [{name: value for name, value in body.items() if name != "conversation"} for body in bodies]
    assert top[0] == top[1]
    assert [b["conversation"]["messages"][0]["status"] for b in bodies] == ["delivered", "read"]


def test_a_survey_answer_is_an_update_of_its_question(world: World) -> None:
    asked = world.customer_writes(content="Hello")
    survey = world.csat_request(asked.conversation_id)
    sent(world)

    world.csat_answer(survey.id, 4, "Quick")

    body = sent(world)[0]
    answer = body["content_attributes"]["submitted_values"]["csat_survey_response"]
    assert (body["event"], body["content_type"]) == ("message_updated", "input_csat")
    assert answer == {"rating": 4, "feedback_message": "Quick"}


def test_activity_is_never_sent(world: World) -> None:
    message = world.customer_writes(content="Hello")
    world.set_status(message.conversation_id, "resolved")

    assert "activity" not in {body.get("message_type") for body in sent(world)}


def test_whatsapp_closes_after_a_day_without_an_event(world: World, clock: Clock) -> None:
    message = world.customer_writes(content="Hello", inbox_id=3)
    sent(world)
    clock.time += 24 * 3600

    assert world.can_reply(world.conversation(message.conversation_id)) is False
    assert sent(world) == []


def test_an_answer_after_the_window_is_saved_and_fails(world: World, clock: Clock) -> None:
    asked = world.customer_writes(content="Hello", inbox_id=3)
    clock.time += 25 * 3600

    reply = world.agent_writes(conversation_id=asked.conversation_id, content="Hi")

    assert (reply.status, reply.delivered_to) == ("failed", None)
    assert "external_error" in reply.content_attributes


def test_a_deleted_conversation_sends_nothing(world: World) -> None:
    message = world.customer_writes(content="Hello")
    sent(world)

    world.delete_conversation(message.conversation_id)

    assert sent(world) == []
    assert message.id not in world.messages


def test_a_mail_without_recipients_drops_the_copies(world: World) -> None:
    asked = world.customer_writes(content="Hello", contact="Ann Lee", email={"cc": ["boss@x.example"]})

    reply = world.agent_writes(conversation_id=asked.conversation_id, content="Hi")

    assert asked.content_attributes["email"]["cc"] == ["boss@x.example"]
    assert reply.delivered_to == ["ann.lee@customer.example"]


def test_a_message_with_a_source_id_reaches_nobody(world: World) -> None:
    asked = world.customer_writes(content="Hello")

    reply = world.agent_writes(conversation_id=asked.conversation_id, content="Hi", source_id="x")

    assert reply.delivered_to is None


def test_message_ids_leave_holes(world: World) -> None:
    first = world.customer_writes(content="Hello")
    ids = [first.id] + [world.note(conversation_id=first.conversation_id, content="x").id for _ in range(20)]

    assert ids == sorted(set(ids))
    assert ids[-1] - ids[0] > 20


def test_a_history_is_repeatable_and_has_ties() -> None:
    history, _ = generate_history(random.Random(5), steps=40)
    again, _ = generate_history(random.Random(5), steps=40)
    versions = [body["updated_at"] for body in history if body["event"] == "conversation_updated"]

    assert history == again
    assert len(set(versions)) < len(versions)


@pytest.mark.parametrize("by_bot", [False, True])
def test_an_answered_choice_is_an_update_of_the_message_that_asked(world: World, by_bot: bool) -> None:
    number = world.customer_writes(content="Hello").conversation_id
    asked = world.ask(
        number, "What is it about?", "input_select", [{"title": "Refund", "value": "r"}], by_bot=by_bot
    )
    sent(world)

    world.fill_in(asked.id, [{"title": "Refund", "value": "r"}])

    (body,) = sent(world)
    assert (body["event"], body["id"], body["content_type"]) == ("message_updated", asked.id, "input_select")
    assert body["message_type"] == ("outgoing" if by_bot else "template")
    values = [{"title": "Refund", "value": "r"}]
    assert body["content_attributes"] == {"items": values, "submitted_values": values}


def test_an_address_left_on_a_form_has_a_key_of_its_own(world: World) -> None:
    number = world.customer_writes(content="Hello").conversation_id

    world.fill_in(world.ask(number, "Your email?", "input_email").id, email="jo@home.example")

    assert sent(world)[-1]["content_attributes"]["submitted_email"] == "jo@home.example"


def test_a_transcript_comes_later_in_an_update_of_the_voice_message(world: World) -> None:
    message = world.customer_writes(content=None, attachments=[{"file_type": "audio"}])
    (created,) = sent(world, "message_created")

    world.transcribe(message.id, "It broke.")

    assert "transcribed_text" not in created["attachments"][0]
    (updated,) = sent(world)
    assert (updated["event"], updated["attachments"][0]["transcribed_text"]) == (
        "message_updated",
        "It broke.",
    )


@pytest.mark.parametrize(
    ("inbox_id", "told"), [(1, "<p>I &lt;3 it</p>\n"), (2, "<p>I &lt;3 it</p>\n"), (3, "I <3 it")],
    ids=["email", "web", "WhatsApp"],
)  # fmt: skip
def test_versions_that_render_tell_html_at_the_top_and_the_raw_text_below(world, inbox_id, told) -> None:
    world.renders = True

    world.customer_writes(content="I <3 it", inbox_id=inbox_id)

    (body,) = sent(world, "message_created")
    assert (body["content"], body["conversation"]["messages"][0]["content"]) == (told, "I <3 it")


@pytest.mark.parametrize(("captain", "kind"), [(False, "AgentBot"), (True, "Captain::Assistant")])
def test_a_machine_that_has_a_conversation_is_named_by_its_type(
    world: World, captain: bool, kind: str
) -> None:
    number = world.customer_writes(content="Hello").conversation_id

    world.give_to_bot(number, captain=captain)

    meta = sent(world, "conversation_updated")[-1]["meta"]
    assert (meta["assignee_type"], meta["assignee"]["id"]) == (kind, 1)
    world.hand_over(number)
    assert sent(world, "conversation_updated")[-1]["meta"]["assignee"] is None
