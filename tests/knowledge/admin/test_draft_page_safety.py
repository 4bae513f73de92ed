"""One decision a draft, made on what the customer wrote last: clicks, tabs, forms and messages that cross each other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Draft, DraftEvent
from knowledge.replies import decisions, reply_windows, states
from tests.factories import (
    GRADES,
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_draft,
    make_inbox,
    make_lead,
    make_waiting,
    message_event,
)
from tests.knowledge.admin.pressing import at, page_of, press, reread, seen, signed_in
from tests.knowledge.replies.deciding import approve, refusal, sends
from webhooks.models import Conversation, Message

pytestmark = [pytest.mark.django_db, pytest.mark.once]
FIVES = {"tone": "5", "accuracy": "5", "policy": "5"}


def on_whatsapp(*, ago: timedelta) -> Draft:
    """A draft for a customer who wrote by WhatsApp that long before NOW."""
    make_inbox(channel="Channel::Whatsapp")
    about = conversation_object(channel="Channel::Whatsapp", updated_at=(NOW - ago).timestamp())
    deliver(message_event(100, at=NOW - ago, conversation=about))
    return make_draft(Message.objects.get(message_id=100))


def test_a_double_click_is_one_decision_and_no_error(seeded):
    draft, client = make_draft(), signed_in(make_lead())

    answers = [press(client, draft, "approve", **GRADES) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(sends()) == 1


def test_a_rejection_sent_again_is_one_decision_and_no_error(seeded):
    draft, client = make_draft(), signed_in(make_lead())

    answers = [press(client, draft, "reject", note="Wrong article.", **GRADES) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert DraftEvent.objects.filter(action="rejected").count() == 1


def test_carrying_over_twice_makes_one_draft(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    deliver(message_event(101, content="And quickly!", at=later(60)))

    answers = [press(client, reread(draft), "carry-over") for _ in range(2)]

    assert {answer.headers["Location"] for answer in answers} == {page_of(Draft.objects.latest("pk"))}
    assert Draft.objects.count() == 2


def test_another_text_in_a_second_tab_is_told_that_it_was_not_sent(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    press(client, draft, "approve", **GRADES)

    answer = press(client, draft, "approve", text="Other words.", **GRADES)

    assert answer.status_code == 409
    assert "Other words." in answer.content.decode()
    assert reread(draft).approved_text == draft.body


def test_a_form_from_before_an_undo_does_not_approve_again(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    form = {"approval": draft.approval, **GRADES}
    press(client, draft, "approve", **form)
    press(client, reread(draft), "undo")

    answer = press(client, draft, "approve", **form)

    assert (answer.status_code, reread(draft).status) == (409, "PROPOSED")


def test_two_people_one_decision_and_the_loser_sees_who_and_when(seeded):
    draft = make_draft()
    press(signed_in(make_lead("maria")), draft, "approve", **GRADES)

    answer = press(signed_in(make_lead()), draft, "approve", **GRADES)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Approved by maria" in page
    assert len(sends()) == 1


def test_the_loser_of_a_rejection_sees_when_it_was(seeded):
    draft = make_draft()
    press(signed_in(make_lead("maria")), draft, "reject", note="No.", **GRADES)

    page = press(signed_in(make_lead()), draft, "approve", **GRADES).content.decode()

    assert "by maria <time" in page


def test_the_form_names_the_newest_message_that_was_seen(seeded):
    draft = make_draft()

    assert 'name="newest_message_id" value="100"' in seen(signed_in(make_lead()), draft)


def test_an_approval_that_has_not_seen_the_newest_message_is_refused(seeded):
    draft = make_draft()

    assert refusal(approve_seeing, draft, 99) == "stale"


def approve_seeing(draft: Draft, newest: int, *, now: object) -> None:
    approve(draft, seen=newest)


def test_an_approval_that_has_seen_the_newest_message_is_kept(seeded):
    draft = make_draft()

    approve(draft, seen=100)

    assert draft.status == "APPROVED"


NO_NEWS = {
    "a reaction": {"content_attributes": {"is_reaction": True}},
    "an auto-reply": {"content_attributes": {"auto_reply": True}},
    "a survey's answer": {"content_type": "input_csat"},
    "a private note": {"kind": "outgoing", "private": True},
    "a bot's message": {"kind": "outgoing", "sender": {"id": 9, "name": "Bot", "type": "agent_bot"}},
    "an automation's message": {"kind": "outgoing", "content_attributes": {"automation_rule_id": 4}},
    "a campaign's message": {"kind": "outgoing", "additional_attributes": {"campaign_id": 4}},
    "a template message": {"kind": "template"},
    "an activity": {"kind": "activity"},
}


@pytest.mark.parametrize("facts", NO_NEWS.values(), ids=NO_NEWS)
def test_what_no_person_wrote_makes_no_draft_stale_and_refuses_no_approval(seeded, facts):
    draft = make_draft()
    deliver(message_event(101, content="Something.", at=later(60), **facts))

    approve(reread(draft), seen=100)

    assert reread(draft).status == "APPROVED"


def test_an_edit_of_the_question_reaches_an_open_page_with_the_words_as_they_are_now(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    state = at(draft, "state")
    seen_state = {"status": "PROPOSED", "revision": 1, "seen": 100}
    assert client.get(state, seen_state).status_code == 204
    deliver(message_event(100, content="Do NOT reset my passphrase!", event="message_updated", at=later(60)))

    news = client.get(state, seen_state).content.decode()

    assert "The customer edited what this answers." in news
    assert "Do NOT reset my passphrase!" in news
    assert "Carry over" in news


def test_what_is_left_of_the_window_must_cover_the_undo_and_two_minutes(seeded, settings):
    settings.UNDO_SECONDS = 10
    draft = on_whatsapp(ago=timedelta(hours=24) - timedelta(seconds=129))

    assert refusal(_approve_at, draft) == "stale"


def test_just_enough_of_the_window_is_enough(seeded, settings):
    settings.UNDO_SECONDS = 10
    draft = on_whatsapp(ago=timedelta(hours=24) - timedelta(seconds=131))

    approve(draft)

    assert draft.status == "APPROVED"


def _approve_at(draft: Draft, *, now: object) -> None:
    approve(draft)


def test_after_the_window_only_a_template_can_be_sent_and_the_page_says_where(seeded):
    draft = on_whatsapp(ago=timedelta(days=30))

    page = seen(signed_in(make_lead()), draft)

    assert reply_windows.CLOSED in page.replace("&#x27;", "'")
    assert draft.conversation.url in page


def test_a_chat_without_a_window_has_no_trouble(seeded):
    conversation = make_waiting().conversation

    assert reply_windows.trouble(conversation, now=NOW + timedelta(days=90)) == ""


def test_a_send_that_was_stopped_comes_back_to_its_approver_claimed_with_text_and_reason(seeded):
    maria = make_lead("maria")
    draft = make_approved(by=maria, text="Better words.")

    deliver(message_event(101, content="Wait!", at=later(5)), now=later(5))

    back = reread(draft)
    assert (back.status, back.claimed_by, back.claimed_until) == ("STALE", maria, later(5) + states.CLAIM_FOR)
    assert (back.body, back.why) == ("Better words.", "The customer wrote again.")


def test_a_parked_send_is_its_approvers(seeded):
    maria = make_lead("maria")
    draft = make_approved(by=maria)

    states.transition(draft, "PARKED", now=later(60), action="parked", why="It cannot be known.")

    assert reread(draft).claimed_by == maria


def test_a_draft_that_was_never_approved_is_nobodys_when_it_becomes_stale(seeded):
    draft = make_draft()
    deliver(message_event(101, content="Wait!", at=later(5)))

    assert reread(draft).claimed_by is None


def test_a_rewrite_with_all_fives_is_asked_about_once(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    rewritten = {"text": "Please write to our office instead, they know.", **FIVES}

    asked = press(client, draft, "approve", **rewritten)
    meant = press(client, draft, "approve", meant="1", **rewritten)

    assert (asked.status_code, 'name="meant" value="1"' in asked.content.decode()) == (400, True)
    assert (meant.status_code, reread(draft).status) == (302, "APPROVED")


def test_a_rewrite_with_honest_grades_is_not_asked_about(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "approve", text="Please write to our office.", **GRADES)

    assert reread(draft).status == "APPROVED"


def test_approve_and_resolve_is_approved_too(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "approve", then="resolved", **GRADES)

    assert (reread(draft).status, reread(draft).after_send) == ("APPROVED", "resolved")


def test_taking_over_says_why_and_is_in_the_audit(seeded):
    draft = make_draft()
    decisions.claim(draft, by=make_lead("maria"), now=timezone.now())

    press(signed_in(make_lead("paul")), draft, "take-over", reason="She is at lunch.")

    event = draft.events.latest("pk")
    assert (event.action, event.by.username, event.detail) == (
        "taken over",
        "paul",
        "From maria: She is at lunch.",
    )


def test_taking_over_without_a_reason_is_refused(seeded):
    draft, maria = make_draft(), make_lead("maria")
    decisions.claim(draft, by=maria, now=timezone.now())

    answer = press(signed_in(make_lead()), draft, "take-over")

    assert (answer.status_code, reread(draft).claimed_by) == (400, maria)


def test_carrying_over_takes_what_stands_in_the_editor(seeded):
    draft = make_draft()
    deliver(message_event(101, content="And quickly!", at=later(60)))

    press(signed_in(make_lead()), reread(draft), "carry-over", text="My better words.")

    assert Draft.objects.get(in_reply_to__message_id=101).body == "My better words."


def test_an_open_page_shows_the_newer_message_with_carry_over_first(seeded):
    draft = make_draft()
    deliver(message_event(101, content="And quickly!", at=later(60)))

    answer = signed_in(make_lead()).get(
        at(draft, "state"), {"status": "PROPOSED", "revision": 1, "seen": 100}
    )

    page = answer.content.decode()
    assert "And quickly!" in page
    assert page.index("Carry over") < page.index("Regenerate")


def test_an_open_page_hears_who_took_it_over(seeded):
    draft, maria, paul = make_draft(), make_lead("maria"), make_lead("paul")
    decisions.claim(draft, by=maria, now=timezone.now())
    decisions.claim(draft, by=paul, now=timezone.now(), take_over=True, reason="She is at lunch.")

    answer = signed_in(maria).get(at(draft, "state"), {"status": "PROPOSED", "revision": 1, "mine": "1"})

    assert "paul took over this draft" in answer.content.decode()


def test_an_open_page_hears_who_decided_and_when(seeded):
    draft = make_draft()
    press(signed_in(make_lead("maria")), draft, "reject", note="No.", **GRADES)

    answer = signed_in(make_lead()).get(at(draft, "state"), {"status": "PROPOSED", "revision": 1})

    assert "Rejected by maria <time" in answer.content.decode()


def by_mail() -> Draft:
    make_inbox(channel="Channel::Email", email="help@acme.example")
    mail = {"email": {"from": ["ada@example.com"], "to": ["help@acme.example"], "cc": ["bob@example.com"]}}
    deliver(
        message_event(
            100, content_attributes=mail, conversation=conversation_object(channel="Channel::Email")
        )
    )
    return make_draft(Message.objects.get(message_id=100))


def test_a_mails_recipients_stand_above_the_editor(seeded):
    page = seen(signed_in(make_lead()), by_mail())

    assert 'name="to" value="ada@example.com"' in page
    assert 'name="cc" value="bob@example.com"' in page


def test_recipients_changed_on_the_page_are_the_approved_ones(seeded):
    draft = by_mail()

    press(signed_in(make_lead()), draft, "approve", to="ada@example.com, eve@example.com", cc="", **GRADES)

    approved = reread(draft).approved_recipients
    assert (approved["to"], approved["cc"]) == (["ada@example.com", "eve@example.com"], [])


def test_a_wrong_address_is_said_beside_its_field_and_approves_nothing(seeded):
    draft = by_mail()

    answer = press(
        signed_in(make_lead()), draft, "approve", to="ada@example", cc="", text="My words.", **GRADES
    )

    page = answer.content.decode()
    assert (answer.status_code, reread(draft).status) == (400, "PROPOSED")
    assert 'id="recipients-error"' in page
    assert "My words." in page
    assert 'value="ada@example"' in page


def test_a_refused_approval_changes_no_recipients(seeded):
    draft = by_mail()

    press(signed_in(make_lead()), draft, "approve", to="eve@example.com", cc="")

    assert (reread(draft).recipients["to"], reread(draft).revision) == (["ada@example.com"], 1)


def test_a_chat_has_no_recipients_to_change(seeded):
    draft = make_draft()

    assert 'name="to"' not in seen(signed_in(make_lead()), draft)
    assert Conversation.objects.count() == 1
