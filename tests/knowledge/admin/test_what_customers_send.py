"""What the conversation's page shows of a message beside its text, what drafters read of it, and how long it may take."""

import time
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from knowledge.drafting import draft_request
from knowledge.learning import customer_turn
from tests.factories import NOW, conversation_object, deliver, later, make_inbox, make_lead, message_event
from tests.knowledge.admin.pressing import signed_in
from webhooks.models import Conversation, Message

pytestmark = [pytest.mark.django_db, pytest.mark.once]
QUOTE = "On Mon, Nov 23, 2026 at 9:00 AM Support <support@example.com> wrote:\n> Which colour?"


def say(number: int, content: str | None = None, *, seconds: float = 0, **facts: Any) -> None:
    deliver(message_event(number, content=content, at=later(seconds), **facts), now=later(seconds))


def page() -> str:
    url = reverse("admin:webhooks_conversation_change", args=[Conversation.objects.get().pk])
    return unescape(signed_in(make_lead()).get(url).content.decode())


def asked() -> list[str]:
    message = Conversation.objects.get().waiting_message
    assert message
    return customer_turn.texts(message, and_since=True)


@pytest.fixture(autouse=True)
def _inbox(seeded) -> None:
    make_inbox()


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"attachments": [{"file_type": "audio", "data_url": "https://c.example/a", "transcribed_text": "It broke"}]},
         "It broke"),
        ({"attachments": [{"file_type": "location", "coordinates_lat": 52.5163, "coordinates_long": 13.3777}]},
         "52.51630, 13.37770"),
        ({"attachments": [{"file_type": "contact", "fallback_title": "+49 151", "meta": {"first_name": "Kim"}}]},
         "Kim · +49 151"),
        ({"content_attributes": {"is_unsupported": True}}, "Chatwoot cannot show this message"),
        ({"content": "how much?", "content_attributes": {"story_url": "https://cdn.example/s.jpg"}}, "https://cdn.example/s.jpg"),
        ({"content_attributes": {"email": {"html_content": {"full": '<img src="https://c.example/abc/i.png">'}}}},
         '<img src="https://c.example/abc/i.png"'),
    ],
)  # fmt: skip
def test_the_page_shows_what_the_customer_sent_beside_words(facts, shown):
    say(100, **facts)

    assert shown in page()
    assert "Empty message" not in page()


@pytest.mark.parametrize("odd", [{"a": "b"}, ["Hello"], 7, "  ", None])
def test_a_subject_that_is_no_text_is_none(odd):
    say(100, "", content_attributes={"email": {"subject": odd}})

    assert "Empty message" in page()


@pytest.mark.parametrize(
    ("mark", "named"),
    [("external_echo", "A colleague, outside Chatwoot"), ("automation_rule_id", "<b>Chatwoot</b>")],
)
def test_an_answer_from_the_phone_is_not_called_chatwoots(mark, named):
    say(100, "hello")
    say(101, "It is on its way.", kind="outgoing", sender=None, content_attributes={mark: 1}, seconds=5)

    assert named in page()


def test_an_answer_through_a_bridge_names_who_wrote_it():
    say(100, "hello")
    say(
        101,
        "On its way.",
        kind="outgoing",
        sender=None,
        content_attributes={"external_sender_name": "Tom"},
        seconds=5,
    )

    assert "<b>Tom</b>" in page()


@pytest.mark.parametrize("odd", [{"first": "Tom"}, 7, [], " "])
def test_a_bridge_that_names_nobody_readable_is_a_colleague_outside(odd):
    say(100, "hello")
    oddly = {"external_echo": 1, "external_sender_name": odd}
    say(101, "On its way.", kind="outgoing", sender=None, content_attributes=oddly, seconds=5)

    assert "<b>A colleague, outside Chatwoot</b>" in page()


def test_a_mail_without_a_text_shows_its_subject_in_the_queue_and_is_drafted_from_it():
    mail = {"from": ["ada@example.com"], "subject": "How do I reset my password?"}
    say(100, None, content_type="incoming_email", content_attributes={"email": mail})

    assert "Empty message" not in page()
    assert (
        "How do I reset my password?"
        in signed_in(make_lead()).get(reverse("admin:knowledge_draft_queue")).content.decode()
    )
    assert draft_request.draft_for(Message.objects.get(), now=NOW) is not None


def test_an_attachments_address_that_none_can_open_keeps_nobody_from_the_queue():
    say(100, "Where is it?", attachments=[{"file_type": "file", "data_url": "https://[bad/x.pdf"}])

    assert "Where is it?" in page()
    assert signed_in(make_lead()).get(reverse("admin:knowledge_draft_queue")).status_code == 200


def test_a_choice_stands_in_the_thread_and_is_drafted_from():
    say(100, "hello")
    choices = {
        "items": [{"title": "Broken item", "value": "broken"}],
        "submitted_values": [{"title": "Broken item", "value": "broken"}],
    }
    say(
        101,
        "What is it about?",
        kind="template",
        content_type="input_select",
        content_attributes=choices,
        sender=None,
        seconds=10,
    )

    assert "The customer chose:</span> Broken item" in page()
    assert asked() == ["hello", "Broken item"]


def test_the_line_that_is_answered_stands_above_the_answer():
    say(100, "Blue or red?", kind="outgoing")
    say(101, "Shall I cancel the old order?", kind="outgoing", seconds=10)
    say(102, "no, thanks", content_attributes={"in_reply_to": 100}, seconds=20)

    assert "In reply to: Blue or red?" in page()


def test_a_mail_that_may_be_a_machines_says_so_where_it_is_read():
    mail = {"from": ["eva@example.com"], "subject": "Automatic reply: refund", "auto_reply": False}
    say(100, "I am away, but where is my refund?", content_attributes={"email": mail})

    assert "Looks automatic" in page()


def test_a_custom_attribute_may_have_any_name():
    about = conversation_object(custom_attributes={"items": "2 shirts", "keys": "none"})
    say(100, "Where is my order?", conversation=about)

    assert "2 shirts" in page()


def test_a_voice_message_is_drafted_from_its_transcript():
    say(100, attachments=[{"file_type": "audio", "transcribed_text": "How do I reset my password?"}])

    assert draft_request.draft_for(Message.objects.get(), now=NOW) is not None


def test_our_own_quoted_mail_is_no_question():
    say(100, f"Thanks, that solved it!\n\n{QUOTE}\n> How do I reset my password?")

    assert asked() == ["Thanks, that solved it!"]


def test_an_answer_between_quoted_lines_is_shown_and_drafted_from():
    say(100, f"{QUOTE}\n\nBlue, please.\n\n> How do I reset my password?")

    assert asked() == ["Blue, please."]
    assert "Blue, please." in page().split("Quoted text")[0]


def test_the_queue_says_what_was_sent_where_there_are_no_words():
    say(100, attachments=[{"file_type": "image", "data_url": "https://c.example/x.png"}])

    assert (
        '<span class="s-queue-line">Picture</span>'
        in signed_in(make_lead()).get(reverse("admin:knowledge_draft_queue")).content.decode()
    )


@pytest.mark.parametrize(
    "text",
    ["[" * 149_000, "![" * 74_500, "a\n" * 74_500, "From: a\n" * 18_600, "a\n> a\n" * 24_800],
    ids=["brackets", "pictures", "lines", "headers", "answers between lines"],
)
def test_a_page_of_ten_of_the_longest_messages_takes_less_than_a_second(text):
    for number in range(10):
        say(100 + number, text, seconds=number)
    lead = signed_in(make_lead())
    url = reverse("admin:webhooks_conversation_change", args=[Conversation.objects.get().pk])
    lead.get(url)
    began = time.process_time()

    lead.get(url)

    assert time.process_time() - began < 1
