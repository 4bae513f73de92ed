"""A message whose event does not say all is read from Chatwoot once."""

from typing import Any

import pytest

from tests.factories import NOW, deliver, later, make_inbox, message_event, run_due
from webhooks.models import Delivery, Message
from webhooks.outbound import chatwoot

pytestmark = pytest.mark.django_db
RENDERED, RAW = (
    "<p>I want to <strong>cancel</strong> &amp; get a refund</p>\n",
    "I want to **cancel** & get a refund",
)


def told_late(content: str | None, **facts: Any) -> dict[str, Any]:
    """As built after a newer message: the payload nests that one."""
    make_inbox()
    event = message_event(100, content=content, **facts)
    event["conversation"]["messages"] = [{"id": 101, "content": "And?", "updated_at": later(1).timestamp()}]
    return event


@pytest.fixture
def listed(monkeypatch) -> None:
    row = {"id": 100, "content": RAW, "message_type": 0, "private": False, "created_at": int(NOW.timestamp())}
    monkeypatch.setattr(chatwoot.Client, "message", lambda *_: row)


@pytest.mark.parametrize("event", ["message_created", "message_updated"])
def test_a_text_that_may_be_rendered_is_replaced_by_the_raw_one(event, listed):
    deliver(told_late(RENDERED, event=event))

    run_due("slow", now=later(1))

    assert Message.objects.get(message_id=100).content == RAW


@pytest.mark.parametrize("content", ["Where is my order?", "a < b", "<3 you"])
def test_a_new_message_whose_text_is_as_typed_is_not_read_again(content):
    deliver(told_late(content))

    assert not Delivery.objects.filter(event="message.refresh").exists()


@pytest.mark.parametrize("content", ["", None])
def test_a_message_that_seems_to_hold_nothing_is_read_again(content, listed):
    deliver(told_late(content))

    run_due("slow", now=later(1))

    assert Message.objects.get(message_id=100).content == RAW


@pytest.mark.parametrize(
    "facts",
    [{"attachments": [{"file_type": "image"}]}, {"content_type": "voice_call"}],
    ids=["picture", "call"],
)
def test_what_holds_something_else_than_words_is_not_read_again(facts):
    deliver(told_late(None, **facts))

    assert not Delivery.objects.filter(event="message.refresh").exists()


def test_neither_is_one_that_tells_its_raw_text():
    make_inbox()
    event = message_event(100, content=RENDERED)
    event["conversation"]["messages"][0]["content"] = RAW

    deliver(event)

    assert Message.objects.get().content == RAW
    assert not Delivery.objects.filter(event="message.refresh").exists()
