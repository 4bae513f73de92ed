"""The text of a mail of which Chatwoot kept none, and whose words a subject is."""

import time
from typing import Any

import pytest

from tests.factories import deliver, make_inbox, message_event
from webhooks.mirror import mail_parts, message_parts
from webhooks.models import Message

ASKED = "Where is my refund?"


def mail(content: str | None = None, **about: Any) -> dict[str, Any]:
    return {"content": content, "content_type": "incoming_email", "content_attributes": {"email": about}}


@pytest.mark.parametrize(
    "about",
    [
        {"text_content": {"reply": "", "full": ASKED}},
        {"text_content": {"reply": None, "full": f"\n{ASKED}\n"}},
        {"text_content": ASKED},
        {"text_content": {"full": " "}, "html_content": {"reply": "", "full": f"<div><p>{ASKED}</p></div>"}},
        {"html_content": "<style>p {}</style><b>Where</b> is my&#32;refund?<script>x()</script>"},
        {"text_content": 7, "html_content": {"reply": [ASKED], "full": ASKED}},
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_mail_of_which_chatwoot_kept_no_text_is_read_from_the_mail(about):
    make_inbox()

    deliver(message_event(100, **mail(**about)))

    assert Message.objects.get().content == ASKED


@pytest.mark.parametrize(
    "odd", [None, 7, "x", [], {}, {"text_content": {"reply": 7, "full": [1]}}, {"html_content": {}}]
)
def test_a_mail_that_holds_no_text_has_none(odd):
    assert mail_parts.content({"content": " ", "content_attributes": {"email": odd}}) == ""


def test_what_chatwoot_kept_is_the_text():
    assert mail_parts.content(mail("Thanks", text_content={"full": ASKED})) == "Thanks"


def test_lines_of_html_stay_lines():
    assert mail_parts.content(mail(html_content="<p>One</p><p>Two<br/>Three</p>")) == "One\nTwo\nThree"


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Please cancel order 4711", "Please cancel order 4711"),
        ("Re: Your order has shipped", ""), ("AW: Ihre Bestellung", ""), ("RE[2]: x", ""), ("Fwd: x", ""), ("回复：x", ""),
        (None, ""), (["x"], ""),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_where_a_mail_has_no_text_its_own_subject_is_what_the_customer_says(subject, words):
    make_inbox()
    deliver(message_event(100, **mail(subject=subject)))
    kept = Message.objects.get()

    assert message_parts.words(kept) == words
    assert message_parts.says_something(kept) is bool(words)
    assert message_parts.line(kept) == (subject if isinstance(subject, str) else "")


@pytest.mark.django_db
def test_the_subject_of_a_mail_with_a_text_is_not_said_twice():
    make_inbox()
    deliver(message_event(100, **mail(ASKED, subject="Refund")))

    assert message_parts.words(Message.objects.get()) == ASKED


@pytest.mark.parametrize(
    "beginning", ["<", "<p", "<br ", "&#", "<div>", "</p>", "<style>", "</style>", "<!--"]
)
def test_time_for_a_mails_html_grows_with_its_length_alone(beginning):
    began = time.process_time()

    mail_parts.content(mail(html_content=beginning * (1_000_000 // len(beginning))))

    assert time.process_time() - began < 1
