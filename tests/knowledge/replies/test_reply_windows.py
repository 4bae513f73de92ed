"""How long a channel takes replies: by its table, unless Chatwoot itself has said something newer."""

from datetime import timedelta

import pytest

from knowledge.queue import queue
from knowledge.replies import reply_windows
from tests.factories import NOW, conversation_object, deliver, later, make_inbox, make_lead, message_event
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
HOUR = 3600
WEEKEND = 30 * HOUR  # the customer wrote so long ago


def wrote(channel: str, *, ago: float, said: float, can_reply: bool = True, **facts) -> Conversation:
    """A customer's message, and how long ago Chatwoot last spoke of its conversation (both in seconds)."""
    make_inbox(channel=channel)
    about = conversation_object(
        channel=channel, can_reply=can_reply, updated_at=later(-said).timestamp(), **facts
    )
    deliver(message_event(at=later(-ago), conversation=about))
    return Conversation.objects.select_related("inbox", "waiting_message").get()


@pytest.mark.parametrize("channel", ["Channel::Instagram", "Channel::FacebookPage"])
def test_with_metas_permission_a_person_has_seven_days(channel):
    conversation = wrote(channel, ago=WEEKEND, said=30)

    assert reply_windows.trouble(conversation, now=NOW) == ""
    assert reply_windows.closes_at(conversation) == later(-WEEKEND) + timedelta(days=7)


def test_what_one_conversation_shows_of_the_permission_holds_for_its_inbox():
    wrote("Channel::Instagram", ago=WEEKEND, said=30)
    about = conversation_object(8, channel="Channel::Instagram", updated_at=later(-WEEKEND).timestamp())
    deliver(message_event(800, at=later(-WEEKEND), conversation=about))

    other = Conversation.objects.select_related("inbox", "waiting_message").get(display_id=8)

    assert reply_windows.trouble(other, now=NOW) == ""


def test_without_the_permission_it_closes_after_a_day_and_speaks_of_no_template():
    conversation = wrote("Channel::Instagram", ago=WEEKEND, said=WEEKEND)

    words = reply_windows.trouble(conversation, now=NOW)

    assert "Instagram accepts no reply until the customer writes again" in words
    assert "emplate" not in words


def test_what_chatwoot_called_closed_is_closed_whatever_the_table_says():
    conversation = wrote("Channel::WebWidget", ago=60, said=30, can_reply=False)

    assert "closed" in reply_windows.trouble(conversation, now=NOW)


@pytest.mark.parametrize(
    ("facts", "hours"),
    [
        ({"contact_inbox": {"source_id": "whatsapp:+4900000000"}}, 24),
        ({"contact_inbox": {"source_id": "+4900000000"}}, None),
        ({}, None),
    ],
    ids=["WhatsApp", "SMS", "unknown"],
)
def test_twilio_has_a_window_where_it_is_whatsapp(facts, hours):
    wrote("Channel::TwilioSms", ago=HOUR, said=HOUR, **facts)

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.window_closes_at == (later(-HOUR) + timedelta(hours=hours) if hours else None)


def test_twilios_whatsapp_has_templates():
    conversation = wrote(
        "Channel::TwilioSms", ago=WEEKEND, said=WEEKEND, contact_inbox={"source_id": "whatsapp:+49"}
    )

    assert "WhatsApp template" in reply_windows.trouble(conversation, now=NOW)
