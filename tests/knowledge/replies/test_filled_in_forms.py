"""What the customer fills in on a form of ours is theirs: it is shown, drafted from, overtakes replies and is answered once."""

from types import SimpleNamespace

import pytest

from knowledge.drafting import customer_question
from knowledge.queue import queue
from tests.factories import run_due
from webhooks.mirror import message_parts
from webhooks.models import Conversation

FIELDS = [{"name": "order", "label": "Order number", "type": "text"}]
GIVEN = [{"name": "order", "value": "4711"}]


@pytest.fixture
def scene(desk):
    """A customer asked; an agent sent a form, and a reminder."""
    conversation = desk.customer_writes("Where is my parcel?")
    desk.tick(60)
    form = desk.world.ask(conversation.display_id, "Which order?", "form", FIELDS, user_id=2)
    desk.tick(60)
    agent_writes(desk, conversation)
    desk.tick(60)
    desk.webhooks()
    return SimpleNamespace(desk=desk, conversation=conversation, form=form)


def agent_writes(desk, conversation):
    desk.world.agent_writes(conversation_id=conversation.display_id, content="One moment.")


def fill_in(scene, *, told: bool = True, values=None) -> None:
    scene.desk.world.fill_in(scene.form.id, values or GIVEN)
    if told:
        hear(scene)


def hear(scene) -> None:
    """The event of a message that is not the newest carries no version: it is read."""
    scene.desk.webhooks()
    run_due("slow", now=scene.desk.now)
    run_due("in", now=scene.desk.now)


def waits(scene) -> bool:
    scene.conversation.refresh_from_db()
    return scene.conversation.waiting_since is not None


def test_the_queue_shows_what_the_customer_filled_in(scene):
    assert not waits(scene)

    fill_in(scene)

    [row] = queue.waiting(scene.desk.lead, now=scene.desk.now)
    assert message_parts.line(row.conversation.waiting_message) == "4711"
    assert row.waiting_since == scene.desk.now


def test_a_draft_is_asked_for_from_what_was_filled_in(scene):
    fill_in(scene)

    asked = customer_question.asked(Conversation.objects.get().waiting_message)
    requested = scene.desk.source.deliveries.filter(event="draft.request", message_id=scene.form.id)
    assert (asked.texts, requested.count()) == (("4711",), 1)


def test_where_the_form_is_all_that_we_said_the_question_is_still_open(desk):
    conversation = desk.customer_writes("Where is my parcel?")
    desk.tick(60)
    form = desk.world.ask(conversation.display_id, "Which order?", "form", FIELDS, user_id=2)
    desk.webhooks()
    desk.tick(60)
    fill_in(SimpleNamespace(desk=desk, form=form))

    asked = customer_question.asked(Conversation.objects.get().waiting_message)

    assert asked.texts == ("Where is my parcel?", "4711")


def test_what_is_written_after_filling_it_in_is_read_with_it(scene):
    fill_in(scene)
    scene.desk.tick(60)
    scene.desk.world.customer_writes(
        content="And the second one?", inbox_id=2, conversation_id=scene.conversation.display_id
    )
    scene.desk.webhooks()

    asked = customer_question.asked(Conversation.objects.get().waiting_message)

    assert asked.texts == ("4711", "And the second one?")


def test_a_reply_to_what_was_filled_in_is_sent_once_though_we_had_written_after_the_form(scene):
    fill_in(scene)

    draft = scene.desk.approved(scene.conversation, text="It arrives tomorrow.")
    scene.desk.work()
    scene.desk.webhooks()

    draft.refresh_from_db()
    assert (draft.status, waits(scene)) == ("SENT", False)
    assert scene.desk.replies_in_chatwoot(scene.conversation) == ["It arrives tomorrow."]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("then", ["answers", "chooses again"])
def test_a_reply_to_what_was_filled_in_is_overtaken_as_any_other(scene, then, told):
    fill_in(scene)
    draft = scene.desk.approved(scene.conversation)
    scene.desk.tick(5)
    if then == "answers":
        agent_writes(scene.desk, scene.conversation)
    else:
        fill_in(scene, told=False, values=[{"name": "order", "value": "4712"}])
    if told:
        hear(scene)

    scene.desk.work()

    draft.refresh_from_db()
    assert (draft.status, scene.desk.replies_in_chatwoot(scene.conversation)) == ("STALE", [])


@pytest.mark.parametrize("told", [True, False])
def test_filling_in_an_older_form_overtakes_an_approved_reply(scene, told):
    scene.desk.world.customer_writes(
        content="Hello?", inbox_id=2, conversation_id=scene.conversation.display_id
    )
    scene.desk.webhooks()
    draft = scene.desk.approved(scene.conversation)
    scene.desk.tick(5)

    fill_in(scene, told=told)
    scene.desk.work()

    draft.refresh_from_db()
    assert (draft.status, draft.why) == ("STALE", "The customer chose or filled in something since.")
    assert scene.desk.replies_in_chatwoot(scene.conversation) == []
