"""Four eyes see the same: a second approval counts only for what the first person approved, word for word."""

import pytest

from knowledge.models import Draft
from knowledge.replies import decisions
from tests.factories import (  # fmt: skip
    NOW,
    conversation_object,
    deliver,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
)
from tests.knowledge.replies.deciding import approve, flagged, refusal, sends
from webhooks.models import Contact, Conversation, Message

pytestmark = pytest.mark.django_db
MAIL = {"from": ["ada@example.com"], "to": ["help@acme.example"], "cc": ["ben@example.com"]}


def make_mail_draft() -> Draft:
    make_inbox(channel="Channel::Email", email="help@acme.example")
    about = conversation_object(channel="Channel::Email")
    deliver(message_event(100, conversation=about, content_attributes={"email": MAIL}))
    return make_draft(Message.objects.get(message_id=100))


def looked_at(draft: Draft, *, by=None, **more) -> Draft:
    return approve(flagged(draft), by=by, **more)


def change_text(draft: Draft, by) -> None:
    decisions.edit(draft, text="We refund you 9,500 EUR.", by=by, revision=draft.revision, now=NOW)


def change_recipients(draft: Draft, by) -> None:
    decisions.set_recipients(
        draft, to=["mallory@evil.example"], cc=[], by=by, revision=draft.revision, now=NOW
    )


@pytest.mark.parametrize("change", [change_text, change_recipients])
def test_a_change_after_the_first_look_voids_it(change):
    draft = looked_at(make_mail_draft())

    change(draft, make_lead())

    assert (draft.status, draft.first_look_by) == ("PROPOSED", None)


@pytest.mark.parametrize("change", [change_text, change_recipients])
def test_what_an_agent_changed_after_the_first_look_needs_two_more_people(change):
    draft = looked_at(make_mail_draft())
    change(draft, make_user("bob", "Agent"))

    approve(draft)
    assert (draft.status, sends()) == ("SECOND_LOOK", [])

    approve(draft)
    assert draft.status == "APPROVED"


@pytest.mark.parametrize("said", [{"then": "resolved"}, {"then": ""}, {"note": "Agreed with finance."}])
def test_another_note_or_another_end_is_a_first_look_again(said):
    draft = looked_at(make_draft(), note="Goodwill.", then="pending")
    second = make_lead()

    approve(draft, by=second, **said)

    assert (draft.status, draft.first_look_by, sends()) == ("SECOND_LOOK", second, [])


def test_a_second_person_who_says_nothing_else_approves_the_first_ones_note_and_end():
    draft = looked_at(make_draft(), note="Goodwill.", then="resolved")

    approve(draft)

    assert (draft.status, draft.note, draft.after_send) == ("APPROVED", "Goodwill.", "resolved")


def test_whatever_changes_the_recipients_the_first_look_does_not_stand_for_them():
    """Also what does not pass through a verb: the rule stands where the value is frozen."""
    draft = looked_at(make_mail_draft())
    Draft.objects.update(recipients={"contact_id": 5, "to": ["mallory@evil.example"], "cc": []})

    approve(Draft.objects.get())

    assert (Draft.objects.get(pk=draft.pk).status, sends()) == ("SECOND_LOOK", [])


def test_a_customer_who_is_somebody_else_by_now_needs_two_looks_again():
    """An approval freezes who the contact is then: both people must have seen that one."""
    draft = looked_at(make_draft())
    other = Contact.objects.create(source=draft.conversation.source, contact_id=69, name="Merged")
    Conversation.objects.update(contact=other)

    approve(Draft.objects.get(pk=draft.pk))

    assert (Draft.objects.get(pk=draft.pk).status, sends()) == ("SECOND_LOOK", [])


def test_the_first_person_may_look_again_and_is_still_not_the_second():
    first = make_lead()
    draft = looked_at(make_draft(), by=first)

    approve(draft, by=first, then="resolved")

    assert draft.status == "SECOND_LOOK"
    code = refusal(
        decisions.approve, draft, by=first, revision=draft.revision, grades={"tone": 5, "accuracy": 4, "policy": 5}
    )  # fmt: skip
    assert code == "second_person_required"


def test_an_approval_taken_back_takes_both_looks_back():
    draft = looked_at(make_draft())
    second = make_lead()
    approve(draft, by=second)

    decisions.undo(draft, by=second, now=NOW)

    assert (draft.status, draft.first_look_by, draft.first_look_of) == ("PROPOSED", None, "")


def test_the_audit_says_that_a_first_look_was_voided():
    draft = looked_at(make_draft())

    change_text(draft, make_lead())

    event = draft.events.get(action="edited")
    assert (event.before, event.after) == ("SECOND_LOOK", "PROPOSED")


def test_the_second_persons_page_offers_what_the_first_approved(client):
    draft = looked_at(make_draft(), note="Goodwill.", then="resolved")
    client.force_login(make_lead())

    page = client.get(f"/admin/knowledge/draft/{draft.pk}/change/").content.decode()

    assert 'name="then" value="resolved" data-key="a"' in page
    assert "Goodwill.</textarea>" in page
