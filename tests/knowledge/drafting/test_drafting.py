"""When a customer's message becomes a draft, when it does not, and in which language."""

from datetime import timedelta

import pytest

from knowledge.drafting import draft_request
from knowledge.models import Article, Draft
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_inbox,
    make_waiting,
    message_event,
    run_due,
)
from webhooks.models import Delivery, Inbox

pytestmark = pytest.mark.django_db
SETTLED = later(600)


@pytest.fixture(autouse=True)
def _desk(seeded, settings):
    settings.DRAFT_SETTLE_SECONDS = 20
    make_inbox()


def drafts() -> list[Draft]:
    run_due("slow", now=SETTLED)
    return list(Draft.objects.order_by("pk"))


def test_a_question_that_an_article_answers_gets_a_draft_with_its_evidence():
    deliver(message_event(content="How do I reset my password?"))

    (draft,) = drafts()
    assert (draft.status, draft.author_kind, draft.evidence[0]["article"]) == (
        "PROPOSED",
        "drafter",
        "reset-password",
    )
    assert draft.body.startswith("Hi Ada,")
    assert 0 < draft.confidence <= 1


def test_nothing_is_drafted_before_the_settle_time():
    deliver(message_event())

    assert run_due("slow", now=later(19)) == []
    assert len(run_due("slow", now=later(20))) == 1


def test_three_quick_messages_get_one_draft_for_the_newest_that_reads_all_three():
    for number, text in enumerate(("Hello", "I forgot my password", "Anybody there?")):
        deliver(message_event(100 + number, content=text, at=later(number * 5)), now=later(number * 5))

    (draft,) = drafts()
    assert draft.in_reply_to.message_id == 102
    assert draft.evidence[0]["article"] == "reset-password"


def test_the_same_three_in_another_order_get_the_same_draft():
    for number in (2, 0, 1):
        deliver(message_event(100 + number, at=later(number * 5)), now=later(15))

    (draft,) = drafts()
    assert draft.in_reply_to.message_id == 102


GONE = {
    "answered": lambda: message_event(101, kind="outgoing", at=later(5)),
    "resolved": lambda: {"event": "conversation_updated"} | conversation_object(
        status="resolved", updated_at=later(5).timestamp()
    ),
    "deleted": lambda: message_event(event="message_updated", at=later(5), content_attributes={"deleted": True}),
}  # fmt: skip


@pytest.mark.parametrize("case", GONE)
def test_nothing_is_drafted_for_a_message_that_was(case):
    deliver(message_event())
    deliver(GONE[case](), now=later(6))

    assert drafts() == []


def test_what_is_switched_off_while_a_message_settles_gets_no_draft():
    deliver(message_event())
    Inbox.objects.update(drafting=False)

    assert drafts() == []


QUIET = {
    "a note": {"kind": "outgoing", "private": True},
    "an answer": {"kind": "outgoing"},
    "a survey's answer": {"content_type": "input_csat"},
    "an auto-reply": {"content_attributes": {"auto_reply": True}},
    "a message of the day before yesterday": {"at": NOW - timedelta(hours=48)},
    "a pending conversation": {"conversation": conversation_object(status="pending")},
}


@pytest.mark.parametrize("facts", QUIET.values(), ids=QUIET)
def test_no_draft_is_asked_for(facts):
    deliver(message_event(**facts))

    assert not Delivery.objects.filter(event="draft.request").exists()


def test_an_inbox_without_drafting_gets_none():
    Inbox.objects.update(drafting=False)
    deliver(message_event())

    assert drafts() == []


@pytest.mark.parametrize(
    "text", ["", "Xyzzy plugh frobnicate?", "👍", "…"], ids=["nothing", "nonsense", "a thumb", "dots"]
)
def test_where_no_article_is_relevant_there_is_no_draft(text):
    deliver(message_event(content=text))

    assert drafts() == []
    assert not Delivery.objects.filter(status="DEAD").exists()


def test_an_attachment_alone_breaks_nothing():
    deliver(message_event(content=None, attachments=[{"id": 1, "file_type": "image"}]))

    assert drafts() == []


def test_a_german_question_gets_a_german_answer():
    deliver(message_event(content="Hallo, wie kann ich mein Passwort zurücksetzen?"))

    (draft,) = drafts()
    assert draft.evidence[0]["article"] == "passwort"
    assert draft.body.startswith("Guten Tag Ada,")


def test_an_article_that_is_not_approved_is_never_said():
    Article.objects.filter(slug="reset-password").update(status="WITHDRAWN")
    deliver(message_event(content="How do I reset my password?"))

    assert "reset-password" not in [piece["article"] for draft in drafts() for piece in draft.evidence]


def test_the_same_request_twice_makes_one_draft():
    deliver(message_event())
    drafts()
    Delivery.objects.filter(event="draft.request").update(
        status="PENDING", finished_at=None, next_attempt_at=NOW
    )

    assert len(drafts()) == 1


def test_a_customer_handed_over_by_a_bot_gets_a_draft_once():
    deliver(message_event(conversation=conversation_object(status="pending")))
    assert drafts() == []

    for seconds in (5, 9):
        opened = conversation_object(status="open", updated_at=NOW.timestamp() + seconds)
        deliver({"event": "conversation_updated", "account": {"id": 1}, **opened}, now=later(seconds))

    assert len(drafts()) == 1


def test_who_writes_in_another_language_gets_no_draft_from_our_articles():
    deliver(message_event(content="¿Cómo puedo cambiar mi contraseña? password reset"))

    assert drafts() == []


def mail_from(name: str, number: int = 99) -> dict:
    """A mail that somebody else than the conversation's contact wrote."""
    return message_event(sender={"id": number, "name": name}, content_type="incoming_email")


@pytest.mark.parametrize(
    ("event", "greeting"),
    [
        (mail_from("Bernd Brot"), "Hi Bernd,"),
        (mail_from("+55 11 99999-0000"), "Hi there,"),
        (mail_from("Ada Park", 5), "Hi Ada,"),
    ],
    ids=["another person", "another person's number", "the contact"],
)
def test_the_greeting_is_for_whoever_wrote(event, greeting):
    deliver(event)

    assert drafts()[0].body.startswith(greeting)


def test_a_merged_customer_is_greeted_by_the_name_that_the_page_shows():
    deliver(message_event())
    merged = {"sender": {"id": 69, "name": "Merged Person", "type": "contact"}}
    deliver(
        {"event": "conversation_updated"} | conversation_object(updated_at=later(5).timestamp(), meta=merged)
    )

    assert drafts()[0].body.startswith("Hi Merged,")


def test_who_filled_in_our_form_is_greeted_and_not_a_contact_of_our_senders_number():
    """Maria is user 3; contact 3 is somebody else."""
    deliver(message_event(90, content="Hi", sender={"id": 3, "name": "Paul Lehmann"},
                          conversation=conversation_object(8, meta={"sender": {"id": 3, "name": "Paul Lehmann"}})))  # fmt: skip
    asked = {"kind": "outgoing", "content_type": "form", "content": "What is it about?"}
    deliver(message_event(content="Hello"))
    deliver(message_event(101, at=later(5), **asked))
    given = {"submitted_values": [{"name": "topic", "value": "How do I reset my password?"}]}
    deliver(
        message_event(101, at=later(10), event="message_updated", content_attributes=given, **asked),
        now=later(10),
    )

    assert [draft.body.split(",")[0] for draft in drafts() if draft.in_reply_to.message_id == 101] == [
        "Hi Ada"
    ]


def test_a_corrected_name_is_the_one_in_the_greeting():
    deliver(message_event())
    deliver({"event": "contact_updated", "id": 5, "name": "Zoe Real", "account": {"id": 1}}, now=later(5))

    assert drafts()[0].body.startswith("Hi Zoe,")


def test_a_contact_without_a_name_is_greeted_all_the_same():
    message = make_waiting(meta={"sender": {"id": 5, "name": None}})

    (text, _, _), _ = draft_request.draft_for(message, now=NOW)

    assert text.startswith("Hi there,")


def test_a_request_without_a_fitting_article_says_so_in_its_log():
    deliver(message_event(content="Xylophone zebra quartz"))

    assert drafts() == []

    request = Delivery.objects.get(event="draft.request")
    assert request.attempt_log.get().message.startswith("No draft: no approved article fits")
