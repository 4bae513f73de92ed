"""What proxies, forks and double encoding send as text is read as what it is: same event, same mirror."""

import json

import pytest

from tests.factories import NOW, conversation_object, deliver, later, make_inbox, message_event
from webhooks import parsing
from webhooks.models import Conversation, Message

ECHO = {"external_echo": True}
AS_TEXT = {
    "its number": {"id": "101"},
    "its type": {"message_type": "1"},
    "its privacy": {"private": "false"},
    "its attributes": {"content_attributes": json.dumps(ECHO)},
    "a mark of its author": {"content_attributes": {"external_echo": "true"}},
    "its conversation's numbers": {"conversation": conversation_object() | {"id": "7", "inbox_id": "2"}},
    "its inbox's number": {"inbox": {"id": "2", "name": "Chat"}},
}


def answered(**facts) -> dict:
    return (
        message_event(101, kind="outgoing", sender=None, at=later(10)) | {"content_attributes": ECHO} | facts
    )


@pytest.mark.django_db
@pytest.mark.parametrize("case", AS_TEXT)
def test_an_answer_counts_though_a_part_of_it_came_as_text(case):
    make_inbox()
    deliver(message_event())

    row = deliver(answered(**AS_TEXT[case]), now=later(10))

    assert (row.status, row.conversation_id, row.message_id) == ("DONE", 7, 101)
    assert Message.objects.get(message_id=101).is_person_answer
    assert Conversation.objects.get().waiting_since is None


@pytest.mark.django_db
def test_a_mark_that_says_no_as_text_marks_nothing():
    deliver(message_event())

    deliver(answered(content_attributes={"external_echo": "false"}), now=later(10))

    assert Conversation.objects.get().waiting_since == NOW


def test_customers_own_attributes_stay_as_they_are():
    about = conversation_object(custom_attributes={"id": "0042", "private": "false", "sender": {"id": "7"}})

    assert parsing.parse(json.dumps(about).encode())["custom_attributes"] == about["custom_attributes"]


@pytest.mark.parametrize("odd", ["", "²", "-1", "1.5", "9" * 40, "{", "[1]", "null", '{"a":' * 5000])
def test_what_only_looks_like_a_number_or_an_object_stays_text(odd):
    payload = {"id": odd, "content_attributes": odd}

    assert parsing.typed(payload) == payload
