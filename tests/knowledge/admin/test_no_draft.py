"""A customer without a draft: why there is none, and what a person can do about it."""

import html

import pytest
import responses
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Dismissal
from knowledge.queue import assignments, queue
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    deliver,
    later,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
    message_event,
    run_due,
)
from tests.knowledge.admin.pressing import signed_in
from webhooks.models import Conversation, Delivery, Inbox, Profile

pytestmark = pytest.mark.django_db
NOTHING_FITS = "Wie lang ist der Rhein bei Basel im Winter?"


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def page(user=None) -> str:
    about = Conversation.objects.get()
    where = reverse("admin:webhooks_conversation_change", args=[about.pk])
    return signed_in(user or make_lead()).get(where).content.decode()


def press(user, verb: str):
    about = Conversation.objects.get()
    return signed_in(user).post(reverse(f"admin:webhooks_conversation_{verb}", args=[about.pk]))


def nothing_fits():
    make_waiting(text=NOTHING_FITS)
    run_due("slow", now=later(60))


def is_being_written():
    make_waiting()


def is_switched_off():
    make_waiting()
    Inbox.objects.update(drafting=False)


def was_rejected():
    nothing_fits()
    draft = make_draft(Conversation.objects.get().waiting_message)
    decisions.reject(draft, by=make_lead("tom"), revision=1, grades=GRADES, reason="Wrong.", now=NOW)


def failed():
    make_waiting()
    Delivery.objects.filter(event="draft.request").update(status="DEAD", next_attempt_at=None)


def was_never_asked_for():
    make_waiting()
    Delivery.objects.filter(event="draft.request").delete()


WHY = {
    nothing_fits: "No approved article fits what the customer wrote.",
    is_being_written: "A draft is being written.",
    is_switched_off: "Drafting is switched off for this inbox.",
    was_rejected: "tom rejected the last draft: Wrong.",
    failed: "The drafter failed, so there is no draft.",
    was_never_asked_for: "No draft was requested for this message.",
}


@pytest.mark.parametrize("happens", WHY)
@pytest.mark.every_row
def test_the_page_says_why_there_is_none(happens):
    happens()

    assert WHY[happens] in page()


FILE = {"data_url": "https://chat.example/rails/a"}
SENT = {
    "a voice message": ([FILE | {"file_type": "audio"}], {}, "only this: Voice message."),
    "a picture": ([FILE | {"file_type": "image"}], {}, "only this: Picture."),
    "a file": ([FILE | {"file_type": "file"}], {}, "only this: File."),
    "a sticker and a file": (
        [FILE | {"file_type": "sticker"}, FILE | {"file_type": "file"}], {}, "only this: Sticker, File.",
    ),
    "a video and two pictures": (
        [FILE | {"file_type": "video"}, FILE | {"file_type": "image"}, {"file_type": "image"}], {},
        "only this: Video, Picture.",
    ),
    "a place": (
        [{"file_type": "location", "coordinates_lat": 52.5, "coordinates_long": 13.4, "fallback_title": "Home"}], {},
        "only this: Location.",
    ),
    "a contact": ([{"file_type": "contact", "meta": {"first_name": "Bo"}}], {}, "only this: Contact card."),
    "what Chatwoot cannot show": ([], {"is_unsupported": True}, "Chatwoot cannot show this message."),
    "nothing at all": ([], {}, "The customer’s message has no text."),
}  # fmt: skip


@pytest.mark.parametrize("case", SENT)
@pytest.mark.every_row
def test_the_page_says_what_was_sent_in_place_of_text(case):
    attachments, attributes, said = SENT[case]
    deliver(message_event(content=None, attachments=attachments, content_attributes=attributes))
    run_due("slow", now=later(60))

    text = html.unescape(page()).replace("'", "’")
    assert said in text
    assert "No approved article" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "nur das hier: Sprachnachricht."),
        ("es", "solo esto: Mensaje de voz."),
        ("pt-br", "apenas isto: Mensagem de voz."),
    ],
)
def test_it_says_so_in_its_readers_language(language, said):
    deliver(message_event(content=None, attachments=[FILE | {"file_type": "audio"}]))
    run_due("slow", now=later(60))
    lead = make_lead()
    Profile.objects.update_or_create(user=lead, defaults={"language": language})

    assert said in html.unescape(page(lead))


def test_draft_now_requests_one_however_old_the_message_is():
    nothing_fits()
    before = Delivery.objects.filter(event="draft.request").count()

    press(make_lead(), "draft-now")
    press(make_lead(), "draft-now")  # a second click asks for nothing

    assert Delivery.objects.filter(event="draft.request").count() == before + 1


def test_no_reply_needed_takes_the_customer_out_of_the_queue():
    nothing_fits()
    lead = make_lead()

    press(lead, "no-reply")

    assert queue.waiting(lead, now=NOW) == []
    assert Dismissal.objects.get().reason == "No reply needed."
    assert not Delivery.objects.filter(event="conversation.status").exists()


def test_an_agent_cannot_say_that_no_reply_is_needed():
    nothing_fits()

    press(make_user("sam", "Agent"), "no-reply")

    assert not Dismissal.objects.exists()


def status_calls(of: str = "open") -> list[str]:
    """Chatwoot has the conversation in this status; which status it was given."""
    base = "http://chatwoot.test/api/v1/accounts/1/conversations/7"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as chatwoot:
        chatwoot.get(f"{base}/messages", json={"payload": []})
        chatwoot.get(base, json={"id": 7, "status": of})
        chatwoot.post(f"{base}/toggle_status", json={"success": True})
        run_due("send", now=timezone.now() + timezone.timedelta(minutes=5))
        return [call.request.body.decode() for call in chatwoot.calls if call.request.method == "POST"]


def test_resolving_without_a_reply_resolves_in_chatwoot():
    nothing_fits()

    press(make_lead(), "resolve")

    (body,) = status_calls()
    assert "resolved" in body


def test_what_is_put_back_in_time_is_not_resolved():
    nothing_fits()
    lead = make_lead()
    press(lead, "resolve")

    assignments.put_back(Dismissal.objects.get(), by=lead, now=timezone.now())

    assert status_calls() == []


def test_what_a_person_has_resolved_already_is_left_alone():
    nothing_fits()
    press(make_lead(), "resolve")

    assert status_calls("resolved") == []


def test_an_open_page_shows_the_draft_once_it_is_there():
    nothing_fits()
    about = Conversation.objects.get()
    where = reverse("admin:webhooks_conversation_absence", args=[about.pk])
    make_draft(about.waiting_message)

    answer = signed_in(make_lead()).get(where)

    assert (answer.status_code, "A draft is ready." in answer.content.decode()) == (286, True)
