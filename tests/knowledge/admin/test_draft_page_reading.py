"""What stands on the draft's page to decide by: who asks, by when, on what the draft rests, what became of it."""

import pytest
from django.urls import reverse

from knowledge.models import Draft, Escalation
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
    conversation_object,
    deliver,
    edit_article,
    later,
    make_approved,
    make_article,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.admin.pressing import at, press, reread, seen, signed_in
from tests.knowledge.replies.deciding import approve
from webhooks.accounts import access
from webhooks.models import Conversation, Message

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_strip_shows_labels_and_custom_attributes(seeded):
    draft = make_draft(make_waiting(labels=["vip"], custom_attributes={"customer_since": "2019"}))

    page = seen(signed_in(make_lead()), draft)

    assert "vip" in page
    assert "Customer since" in page
    assert "2019" in page


def other_conversation(display_id: int, *, inbox_id: int = 2, **facts: object) -> Conversation:
    make_inbox(inbox_id=inbox_id)
    about = conversation_object(display_id, inbox_id=inbox_id)
    event = message_event(
        500 + display_id, conversation=about, inbox={"id": inbox_id, "name": "Chat"}, **facts
    )
    deliver(event)
    return Conversation.objects.get(display_id=display_id)


def test_the_strip_shows_the_last_three_conversations_of_the_customer(seeded):
    draft = make_draft()
    for number in (11, 12, 13, 14):
        other_conversation(number)

    page = seen(signed_in(make_lead()), draft)

    assert sum(f"#{number} in" in page for number in (11, 12, 13, 14)) == 3


def test_the_strip_shows_nothing_of_an_inbox_that_the_person_does_not_see(seeded):
    draft = make_draft()
    other_conversation(11, inbox_id=99)
    lead = make_user("charlie", access.LEAD, inboxes=[draft.conversation.inbox])

    assert "#11 in" not in seen(signed_in(lead), draft)


def test_the_strip_shows_the_newest_rating(seeded):
    draft = make_draft()
    answer = {"submitted_values": {"csat_survey_response": {"rating": 2, "feedback_message": "Took long"}}}
    other_conversation(11, content_type="input_csat", content_attributes=answer, kind="template")

    page = seen(signed_in(make_lead()), draft)

    assert "Rated 2 of 5" in page
    assert "Took long" in page


@pytest.mark.parametrize("odd", [None, "5", {"rating": True}, {"rating": 9}, {"rating": None}, [5]])
def test_a_rating_that_is_none_is_left_out(seeded, odd):
    draft = make_draft()
    answer = {"submitted_values": {"csat_survey_response": odd}}
    other_conversation(11, content_type="input_csat", content_attributes=answer, kind="template")

    assert "of 5</span>" not in seen(signed_in(make_lead()), draft)


def test_an_open_escalation_stands_on_the_page_with_its_level(seeded):
    draft, client = make_draft(), signed_in(make_lead())

    press(client, draft, "escalate", reason="Asks for a discount.", level="3")

    assert Escalation.objects.get().level == 3
    assert "Third level: management: Asks for a discount." in seen(client, draft)


def test_both_deadlines_stand_on_the_page(seeded):
    page = seen(signed_in(make_lead()), make_draft())

    assert "Reply due <time" in page
    assert "Review due <time" in page


def test_a_citation_shows_the_text_of_the_version_that_was_cited(seeded):
    edit_article(make_article("invoices", body="They come by post."), body="They come by e-mail.")
    draft = make_draft(evidence=[{"article": "invoices", "version": 1, "title": "Invoices"}])

    page = seen(signed_in(make_lead()), draft)

    assert "They come by post." in page
    assert "They come by e-mail." not in page
    assert "now version 2" in page


@pytest.mark.parametrize("odd", ["text", 5, None, ["list"], {"article": 7, "version": "x", "score": "y"}, {}])
def test_evidence_of_any_shape_breaks_no_page(seeded, odd):
    assert signed_in(make_lead()).get(at(make_draft(evidence=[odd]), "change")).status_code == 200


def answered_before(text: str = "Choose Forgot password, then your mail.") -> Draft:
    draft = make_approved(make_draft(text=text))
    deliver(message_event(150, kind="outgoing", content=text, at=later(60)))
    return draft


def test_the_reviewer_sees_similar_replies_that_were_approved(seeded):
    answered_before()
    deliver(message_event(201, content="Please, how do I reset my password?", at=later(7200)))
    draft = make_draft(Message.objects.get(message_id=201), text="Another text.")

    page = signed_in(make_lead()).get(at(draft, "similar")).content.decode()

    assert "Choose Forgot password, then your mail." in page


def test_an_undone_approval_is_no_similar_reply(seeded):
    before = make_approved(by=(lead := make_lead()))
    decisions.undo(before, by=lead, now=NOW)
    other_conversation(11, content="How do I reset my password?")
    draft = make_draft(Message.objects.get(message_id=511), text="Another text.")

    page = signed_in(lead).get(at(draft, "similar")).content.decode()

    assert "No similar questions yet" in page


def test_similar_replies_are_for_the_reviewer_alone(seeded):
    draft = make_draft()

    assert signed_in(make_user("agent", access.AGENT)).get(at(draft, "similar")).status_code == 403


def test_the_audit_shows_who_changed_what_before_and_after(seeded):
    draft, client = make_draft(text="Choose Forgot password."), signed_in(make_lead("maria"))
    press(client, draft, "save", text="Choose Forgotten password.")
    press(client, reread(draft), "reject", note="Wrong.", **GRADES)

    page = client.get(at(draft, "audit"), headers={"HX-Request": "true"}).content.decode()

    assert page.count("maria") == 2
    assert '<del class="s-gone">Forgot</del><ins class="s-new">Forgotten</ins>' in page
    assert page.index("Rejected") < page.index("Edited") < page.rindex("Proposed")


def test_a_decided_draft_shows_what_was_changed_from_the_proposal(seeded):
    draft = make_draft(text="Choose Forgot password.")
    approve(draft, text="Choose Forgotten password.")

    page = seen(signed_in(make_lead()), draft)

    assert '<ins class="s-new">Forgotten</ins>' in page


def test_an_approval_of_ones_own_can_be_undone_from_every_page_until_it_is_sent(seeded, settings):
    settings.UNDO_SECONDS = 60
    draft, client = make_draft(), signed_in(make_lead())
    press(client, draft, "approve", **GRADES)

    page = client.get(reverse("admin:knowledge_draft_undoable")).content.decode()

    assert at(draft, "undo") in page


def test_nobody_is_offered_to_undo_what_another_approved(seeded, settings):
    settings.UNDO_SECONDS = 60
    press(signed_in(make_lead()), make_draft(), "approve", **GRADES)

    assert signed_in(make_lead()).get(reverse("admin:knowledge_draft_undoable")).status_code == 204


def test_a_page_of_the_admin_carries_the_toast(seeded):
    assert "support/toast.js" in signed_in(make_lead()).get(reverse("admin:index")).content.decode()


def test_the_newer_draft_is_a_click_away_from_the_old_one(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    deliver(message_event(101, content="And quickly!", at=later(60)))
    press(client, reread(draft), "carry-over")

    page = seen(client, draft)

    assert at(Draft.objects.latest("pk"), "change") in page
