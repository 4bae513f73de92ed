"""A form that was filled in while nobody listened: the customer waits since then, unless somebody answered since."""

from types import SimpleNamespace

import pytest

from tests.factories import deliver, later, run_due
from tests.webhooks.reconcile.reconciling import build
from webhooks.models import Conversation, Message

pytestmark = pytest.mark.django_db
FIELDS = [{"name": "order", "label": "Order number", "type": "text"}]
GIVEN = [{"name": "order", "value": "4711"}]
FILLED_IN = later(120)


@pytest.fixture(params=[True, False], ids=["known before", "never heard of"])
def form(wire, request):
    """Sent after a minute and filled in after another; no webhook told of that, or of anything."""
    number = wire.write()
    wire.tick(60)
    asked = wire.world.ask(number, "Which order?", "form", FIELDS, user_id=2)
    if request.param:
        wire.webhooks()
    wire.tick(60)
    wire.world.fill_in(asked.id, GIVEN)
    told = [event for event in build(wire) if event["event"] == "message_updated"]
    return SimpleNamespace(number=number, id=asked.id, told=told)


def waits(form):
    row = Conversation.objects.get(display_id=form.number)
    return row.waiting_since, row.waiting_message.message_id if row.waiting_message else None


def search(wire) -> None:
    wire.lose()
    wire.tick(600)
    wire.search(since=later(-60))


@pytest.mark.parametrize("then", ["nothing", "an activity"])
def test_the_newest_message_is_dated_by_when_it_was_filled_in(wire, form, then):
    wire.tick(60)
    if then == "an activity":
        wire.world.set_status(form.number, "snoozed", user_id=2)

    search(wire)

    assert waits(form) == (FILLED_IN, form.id)


@pytest.mark.parametrize("heard", [True, False])
def test_an_answer_since_is_an_answer_to_it(wire, form, heard):
    wire.tick(60)
    wire.world.agent_writes(conversation_id=form.number, content="Done.")
    if heard:
        wire.webhooks()

    search(wire)

    assert Message.objects.get(message_id=form.id).submitted_at is not None
    assert waits(form) == (None, None)


@pytest.mark.parametrize("then", ["note", "automation_writes"])
def test_what_answers_nobody_leaves_the_customer_waiting_since_the_form_at_the_earliest(wire, form, then):
    wire.tick(60)
    getattr(wire.world, then)(conversation_id=form.number, content="Order 4711 left on Tuesday.")

    search(wire)

    assert waits(form) == (later(60), form.id)


def test_a_webhook_that_comes_after_all_says_when_it_was(wire, form):
    wire.tick(60)
    wire.world.note(conversation_id=form.number, content="Order 4711 left on Tuesday.")
    search(wire)

    for event in form.told:
        deliver(event, source=wire.source, now=wire.now)

    assert waits(form) == (FILLED_IN, form.id)


def test_an_event_without_a_version_dates_it_by_when_it_came_not_by_when_it_was_read(wire):
    number = wire.write()
    asked = wire.world.ask(number, "Which order?", "form", FIELDS, user_id=2)
    wire.world.agent_writes(conversation_id=number, content="One moment.")
    wire.webhooks()
    wire.tick(60)
    wire.world.fill_in(asked.id, GIVEN)
    wire.webhooks()
    came = wire.now
    wire.tick(3600)

    run_due("slow", now=wire.now)

    assert waits(SimpleNamespace(number=number)) == (came, asked.id)
