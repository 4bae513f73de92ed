"""Where nothing is drafted, the reason and the articles that may fit are kept for the person who answers."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from knowledge import inbox_settings
from knowledge.admin import draft_evidence
from knowledge.drafting import draft_request, redrafting
from knowledge.learning import gap_turns
from knowledge.models import Draft, ModelCall, NoDraft
from knowledge.replies import message_digests
from tests.factories import (
    NOW,
    deliver,
    later,
    make_article,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    message_event,
    run_due,
)
from webhooks.models import Delivery, Inbox, Message

pytestmark = pytest.mark.django_db
SETTLED = later(600)


@pytest.fixture(autouse=True)
def _desk(seeded, settings):
    settings.DRAFT_SETTLE_SECONDS = 20
    make_inbox()


def written(*texts: str) -> NoDraft | None:
    for number, text in enumerate(texts):
        deliver(message_event(100 + number, content=text, at=later(number)), now=later(number))
    run_due("slow", now=SETTLED)
    return NoDraft.objects.first()


@pytest.mark.parametrize("text", ["Vielen Dank, das hat geholfen!", "👍", "Merci beaucoup", "Thanks Anna!"])
def test_thanks_get_no_draft_and_the_proposal_is_that_no_reply_is_needed(text):
    kept = written(text)

    assert kept.reason == "no_reply_needed"
    assert not Draft.objects.exists()
    (row,) = make_client(make_lead()).get("/api/v1/queue/").json()["results"]
    assert (row["no_draft"], row["may_fit"]) == ("no_reply_needed", [])


def test_thanks_after_a_question_leave_the_question():
    assert written("Can I get a refund?", "Thanks!") is None
    assert Draft.objects.get().evidence[0]["article"] == "refund"


@pytest.mark.parametrize("follow_up", ["Any news?", "???", "Gibt es schon etwas Neues?"])
def test_a_bare_follow_up_is_drafted_for_the_question_before_it(follow_up):
    deliver(message_event(90, content="Can I get a refund?"))
    deliver(message_event(91, content="We will look.", kind="outgoing", at=later(1)), now=later(1))
    deliver(message_event(92, content=follow_up, at=later(2)), now=later(2))
    run_due("slow", now=SETTLED)

    draft = Draft.objects.get()
    assert (draft.in_reply_to.message_id, draft.evidence[0]["article"]) == (92, "refund")


def test_a_bare_follow_up_without_a_question_gets_no_article():
    assert written("Any news?").reason == "no_article"


VOICE = {"file_type": "audio", "data_url": "https://chat.example/a.ogg"}
SPOKEN = VOICE | {"transcribed_text": "Can I get a refund?"}
LATE_WORDS = {
    "a transcript": (
        message_event(100, content=None, attachments=[VOICE]),
        message_event(100, content=None, attachments=[SPOKEN], event="message_updated", at=later(60)),
    ),
    "an edit": (
        message_event(100, content="xyzzy"),
        message_event(100, content="Can I get a refund?", event="message_updated", at=later(60)),
    ),
    "an edit of thanks": (
        message_event(100, content="Thanks!"),
        message_event(100, content="Thanks, but can I get a refund?", event="message_updated", at=later(60)),
    ),
}


@pytest.mark.parametrize("case", LATE_WORDS)
def test_words_that_come_after_nothing_could_be_drafted_are_drafted_from(case):
    first, later_words = LATE_WORDS[case]
    deliver(first)
    run_due("slow", now=later(30))
    assert NoDraft.objects.exists()

    deliver(later_words, now=later(60))
    run_due("slow", now=SETTLED)

    assert (Draft.objects.get().evidence[0]["article"], NoDraft.objects.exists()) == ("refund", False)


def test_a_choice_made_after_nothing_could_be_drafted_is_drafted_from():
    asked = {
        "kind": "template", "content_type": "input_select", "sender": None, "content": "What is it about?",
        "created_at": later(5).isoformat(),
    }  # fmt: skip
    deliver(message_event(100, content="hello there"))
    deliver(message_event(101, at=later(5), **asked), now=later(5))
    run_due("slow", now=later(40))
    chosen = {"submitted_values": [{"title": "Can I get a refund?", "value": "refund"}]}

    answered = message_event(101, at=later(60), event="message_updated", content_attributes=chosen, **asked)
    deliver(answered, now=later(60))
    run_due("slow", now=SETTLED)

    assert Draft.objects.get().evidence[0]["article"] == "refund"


def test_a_choice_made_after_the_draft_makes_it_stale_and_is_drafted_from():
    asked = {
        "kind": "template", "content_type": "input_select", "sender": None, "content": "What is it about?",
        "created_at": later(40).isoformat(),
    }  # fmt: skip
    deliver(message_event(100, content="How do I reset my password?"))
    run_due("slow", now=later(30))
    deliver(message_event(101, at=later(40), **asked), now=later(40))
    chosen = {"submitted_values": [{"title": "Can I get a refund?", "value": "refund"}]}

    answered = message_event(101, at=later(60), event="message_updated", content_attributes=chosen, **asked)
    deliver(answered, now=later(60))
    run_due("slow", now=SETTLED)

    first, second = Draft.objects.order_by("pk")
    listed = {"id": 101, "message_type": 3, "content_type": "input_select", "content_attributes": chosen}
    assert message_digests.change_in(first, [listed]) == "The customer chose or filled in something since."
    assert message_digests.change_in(first, [listed | {"content_attributes": {}}]) == ""
    assert (first.status, first.why) == ("STALE", "The customer chose or filled in something since.")
    assert second.status == "PROPOSED"


def test_an_update_with_the_same_words_asks_no_drafter_again():
    deliver(message_event(100, content="xyzzy"))
    run_due("slow", now=later(30))

    deliver(message_event(100, content="xyzzy", event="message_updated", at=later(60)), now=later(60))

    assert not Delivery.objects.filter(event="draft.request", status="PENDING").exists()


def test_words_that_change_while_nothing_can_be_drafted_from_the_old_ones_are_drafted_from(monkeypatch):
    def while_it_looks(message, *args, **options):
        found = draft_for(message, *args, **options)
        if message.content == "xyzzy":
            deliver(LATE_WORDS["an edit"][1], now=later(25))
        return found

    draft_for = draft_request.draft_for
    monkeypatch.setattr(draft_request, "draft_for", while_it_looks)
    deliver(message_event(100, content="xyzzy"))

    run_due("slow", now=SETTLED)
    run_due("slow", now=later(700))

    assert Draft.objects.get().evidence[0]["article"] == "refund"


def test_an_article_in_another_language_is_listed_and_not_drafted_from():
    kept = written("¿Cómo puedo cambiar mi contraseña?")

    assert kept.reason == "may_fit"
    assert {item["article"] for item in kept.articles} <= {"reset-password", "passwort"}
    assert kept.articles[0]["parts"]["other_language"] is True
    (row,) = make_client(make_lead()).get("/api/v1/queue/").json()["results"]
    assert row["language"] == "es"
    assert row["may_fit"][0]["confidence"] >= 0.15


def test_what_fits_nothing_lists_nothing():
    kept = written("Do you sell tickets for the zoo on Sundays?")

    assert (kept.reason, kept.articles) == ("no_article", [])


def test_an_inbox_may_ask_for_more_confidence():
    inbox_settings.keep(Inbox.objects.get(), draft_from=0.99)
    kept = written("I want my money back")

    assert kept.reason == "may_fit"
    assert kept.articles[0]["article"] == "refund"


def test_a_draft_that_comes_later_takes_the_reason_away():
    kept = written("Do you sell tickets for the zoo?")
    make_article("zoo-tickets", title="Tickets for the zoo", question="Do you sell tickets for the zoo?")

    redrafting.ask_first(kept.message.conversation, now=SETTLED)
    run_due("slow", now=SETTLED)

    assert Draft.objects.get().evidence[0]["article"] == "zoo-tickets"
    assert not NoDraft.objects.exists()


def test_the_evidence_is_a_sentence_of_the_article_beside_the_customers_words():
    deliver(message_event(content="Hello. Can I get a refund? My mail is ada@example.com"))
    run_due("slow", now=SETTLED)

    item = draft_evidence.cited(Draft.objects.get())[0]
    assert item.sentence in item.text
    assert item.asked == "Can I get a refund?"
    assert item.confidence > 0.5
    assert "shares" not in item.why


def test_the_page_of_the_conversation_lists_what_may_fit_with_its_sentence(client):
    kept = written("¿Cómo puedo cambiar mi contraseña?")
    client.force_login(make_lead())

    page = client.get(
        reverse("admin:webhooks_conversation_change", args=[kept.message.conversation_id])
    ).content.decode()
    filled = client.get(
        reverse("admin:webhooks_conversation_change", args=[kept.message.conversation_id]),
        {"from": kept.articles[0]["article"]},
    ).content.decode()

    assert "Articles that may fit" in page
    assert f"<mark>{escape(kept.articles[0]['sentence'])}</mark>" in page
    assert kept.articles[0]["sentence"] not in page.partition("<textarea")[2].partition("</textarea>")[0]
    assert (
        escape(kept.articles[0]["sentence"]) in filled.partition('id="text"')[2].partition("</textarea>")[0]
    )


def test_the_queue_says_that_no_reply_is_needed(client):
    written("Thanks!")
    client.force_login(make_lead())

    assert "No reply needed</span>" in client.get(reverse("admin:knowledge_draft_queue")).content.decode()


def test_what_has_no_text_is_not_said_to_fit_no_article():
    deliver(message_event(100, content=None, attachments=[VOICE]))
    run_due("slow", now=SETTLED)

    assert NoDraft.objects.get().reason == "no_text"
    (row,) = make_client(make_lead()).get("/api/v1/queue/").json()["results"]
    assert row["no_draft"] == "no_text"


def test_a_model_is_not_asked_to_answer_what_nobody_said(settings):
    settings.DRAFTER_URL, settings.DRAFTER_MODEL = "https://models.test/v1", "small-1"
    deliver(message_event(100, content=None, attachments=[VOICE]))

    run_due("slow", now=SETTLED)

    assert (NoDraft.objects.get().reason, ModelCall.objects.exists()) == ("no_text", False)


def test_a_person_may_choose_an_article_for_what_has_no_text():
    deliver(message_event(100, content=None, attachments=[VOICE]))
    draft = make_draft(Message.objects.get(message_id=100), text="Please write to us.")

    redrafting.ask(draft, article="refund", by=make_lead(), now=NOW)
    run_due("slow", now=SETTLED)

    assert Draft.objects.latest("pk").evidence[0]["article"] == "refund"


def test_no_gap_is_made_of_what_has_no_text():
    place = {
        "file_type": "location",
        "coordinates_lat": 52.5,
        "coordinates_long": 13.4,
        "fallback_title": "Our office",
    }
    deliver(message_event(100, content=None, attachments=[place]))
    run_due("slow", now=SETTLED)

    assert NoDraft.objects.get().reason == "no_text"
    assert gap_turns.read(now=SETTLED) == []
