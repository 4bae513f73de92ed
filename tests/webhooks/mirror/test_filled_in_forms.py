"""A customer who fills in our form waits, though Chatwoot writes the answer onto our message and counts it nowhere."""

import itertools
from datetime import datetime
from typing import Any

import pytest

from tests.factories import NOW, conversation_object, deliver, later, make_inbox, message_event
from tests.thorough import some
from webhooks.models import Conversation, Message

pytestmark = pytest.mark.django_db
CHOICES = [{"title": "Refund", "value": "refund"}, {"title": "Repair", "value": "repair"}]
FILLED_IN = {
    "input_select": {"items": CHOICES, "submitted_values": [{"title": "Refund", "value": "refund"}]},
    "form": {"items": [{"name": "no", "label": "Order"}], "submitted_values": [{"name": "no", "value": "4711"}]},
    "form as one object": {"submitted_values": {"no": "4711"}},
    "input_email": {"submitted_email": "ada@home.example"},
}  # fmt: skip
QUESTION = message_event(100)


def form(
    attributes: dict[str, Any] | None = None, *, at: datetime | None = None, content_type: str = "form", **facts: Any
) -> dict[str, Any]:  # fmt: skip
    """Our form, sent a minute after the question. attributes: as of `at`, in an update."""
    more = {"event": "message_updated", "at": at} if at else {"at": later(60)}
    return message_event(
        101, kind="outgoing", content="Which order?", content_type=content_type, content_attributes=attributes or {},
        created_at=later(60).isoformat(), **more, **facts,
    )  # fmt: skip


FORM = form()
SUBMITTED = form(FILLED_IN["form"], at=later(300))
READ = form(FILLED_IN["form"], at=later(400))  # a later state of the same
REMINDER = message_event(102, kind="outgoing", content="Please fill it in.", at=later(120))
ANSWER = message_event(103, kind="outgoing", content="Done.", at=later(600))


def waits(*events: dict[str, Any]) -> tuple[datetime | None, int | None]:
    """Since when, with which message."""
    make_inbox()
    for event in events:
        assert deliver(event, now=later(700)).status == "DONE"
    row = Conversation.objects.get(display_id=7)
    return row.waiting_since, row.waiting_message.message_id if row.waiting_message else None


@pytest.mark.parametrize("kind", FILLED_IN)
def test_a_customer_who_fills_in_a_persons_form_waits_since_then(kind):
    content_type = kind.split(maxsplit=1)[0]

    found = waits(
        QUESTION,
        form(content_type=content_type),
        form(FILLED_IN[kind], at=later(300), content_type=content_type),
    )

    assert found == (later(300), 101)


@pytest.mark.parametrize(
    "events",
    [
        (FORM,),
        (FORM, SUBMITTED, ANSWER),
        (FORM, form({"submitted_values": []}, at=later(300))),
        (FORM, SUBMITTED, form({"deleted": True}, at=later(400))),
        (form(private=True), REMINDER, form(FILLED_IN["form"], at=later(300), private=True)),
        (FORM, SUBMITTED, message_event(103, kind="outgoing", content="Done.", at=later(300))),
        (REMINDER, form({"submitted_values": {"csat_survey_response": {"rating": 1}}}, at=later(300), content_type="input_csat")),
        (FORM, form({"submitted_values": {"csat_survey_response": {"rating": 1}}}, at=later(300))),
    ],
    ids=["not filled in", "answered since", "nothing filled in", "deleted", "a note", "in the same second", "rated", "a rating"],
)  # fmt: skip
def test_nobody_waits_with_a_form(events):
    assert waits(QUESTION, *events) == (None, None)


def test_chatwoots_own_question_for_an_address_makes_nobody_wait_again():
    asked = {
        "content_type": "input_email",
        "kind": "template",
        "sender": None,
        "created_at": later(60).isoformat(),
    }
    given = {"content_attributes": FILLED_IN["input_email"], "event": "message_updated"}

    found = waits(
        QUESTION,
        message_event(101, at=later(60), **asked),
        ANSWER,
        message_event(101, at=later(650), **asked, **given),
    )

    assert found == (None, None)


def test_an_answer_that_came_before_the_customer_filled_it_in_answers_nothing():
    assert waits(QUESTION, FORM, REMINDER, SUBMITTED) == (later(300), 101)


def test_who_writes_after_filling_it_in_waits_since_filling_it_in():
    more = message_event(104, content="Well?", at=later(310))

    assert waits(QUESTION, FORM, REMINDER, SUBMITTED, more) == (later(300), 104)


def test_another_choice_counts_as_of_when_it_was_made():
    again = form({"submitted_values": [{"name": "no", "value": "4712"}]}, at=later(650))

    assert waits(QUESTION, FORM, SUBMITTED, ANSWER, again) == (later(650), 101)


@pytest.mark.parametrize("order", some(range(24), range(1, 24, 4)))
@pytest.mark.parametrize(
    "end", [(), (ANSWER,), (form({"deleted": True}, at=later(500)),)], ids=["open", "answered", "deleted"]
)
def test_any_order_and_any_repetition_say_the_same(order, end):
    events = list(itertools.permutations([FORM, SUBMITTED, READ, REMINDER]))[order]
    mixed = [*events[:2], *end, *events[2:], events[0], events[1]]
    expected = (None, None) if end else (later(300), 101)

    assert waits(QUESTION, *mixed) == expected
    assert Message.objects.filter(message_id=101, submitted_at__isnull=False).exists() == (
        not end or end == (ANSWER,)
    )
    assert "has_submitted" in Conversation.objects.get(display_id=7).registers


def test_a_bots_customer_does_not_wait_with_a_form():
    bot = {"sender": {"id": 3, "name": "Helper", "type": "agent_bot"}}
    about = conversation_object(status="pending")

    assert waits(message_event(100, conversation=about), form(**bot, conversation=about),
                 form(FILLED_IN["form"], at=NOW, **bot, conversation=about)) == (None, None)  # fmt: skip
