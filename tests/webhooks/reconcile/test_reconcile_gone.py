"""What was deleted, what became of messages, surveys: found although the conversation's own state does not tell."""

import pytest

from tests.factories import run_due
from webhooks.display import reconcile_text
from webhooks.models import Alert, Conversation

pytestmark = pytest.mark.django_db


def test_a_conversation_that_chatwoot_no_longer_has_leaves_the_queue_and_stays_readable(wire):
    number = wire.write()
    wire.webhooks()
    wire.world.delete_conversation(number)
    wire.tick(600)

    run = wire.search()

    row = Conversation.objects.get(display_id=number)
    assert (run.gone, row.waiting_since, row.messages.count()) == (1, None, 1)
    assert row.deleted_at is not None
    assert reconcile_text.found(run) == "Nothing was missed. 1 conversation was deleted in Chatwoot."


def test_a_conversation_deleted_there_is_no_trouble_of_ours(wire):
    number = wire.write()
    wire.webhooks()
    wire.world.delete_conversation(number)
    wire.tick(600)

    wire.search()

    assert not Alert.objects.filter(kind="missed").exists()


def test_a_conversation_is_deleted_once(wire):
    number = wire.write()
    wire.webhooks()
    wire.world.delete_conversation(number)
    wire.tick(600)
    wire.search()

    assert wire.search().gone == 0


@pytest.mark.parametrize("what", ["deleted", "failed", "retried", "rated"])
def test_what_became_of_a_message_is_found_though_its_conversation_did_not_change(wire, what):
    number = wire.write()
    answer = wire.world.agent_writes(conversation_id=number, content="Here you are.")
    survey = wire.world.csat_request(number)
    if what == "retried":
        wire.world.fail_message(answer.id)
    wire.webhooks()
    run_due("slow", now=wire.now)
    wire.tick(300)
    acts = {
        "deleted": lambda: wire.world.delete_message(answer.id),
        "failed": lambda: wire.world.fail_message(answer.id),
        "retried": lambda: wire.world.retry_message(answer.id),
        "rated": lambda: wire.world.csat_answer(survey.id, 4, "Fine."),
    }
    acts[what]()
    wire.lose()
    wire.tick(300)

    run = wire.search()

    assert (run.changes, wire.ours()) == (1, wire.chatwoots())


def test_a_survey_answered_long_after_is_found(wire):
    survey = wire.world.csat_request(wire.write())
    wire.webhooks()
    wire.tick(3 * 86_400)
    wire.search()
    wire.tick(900)
    wire.world.csat_answer(survey.id, 5)
    wire.lose()
    wire.tick(900)

    assert wire.search().changes == 1
    assert wire.ours() == wire.chatwoots()


def test_a_failure_the_customer_waits_again_for_is_found(wire):
    number = wire.write()
    answer = wire.world.agent_writes(conversation_id=number, content="Here you are.")
    wire.webhooks()
    wire.tick(60)
    wire.world.fail_message(answer.id)
    wire.lose()
    wire.tick(300)

    wire.search()

    assert Conversation.objects.get(display_id=number).waiting_since is not None
