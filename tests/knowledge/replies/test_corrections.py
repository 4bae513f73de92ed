"""The customer is corrected or merged in Chatwoot while a draft is open: whom the page shows is whom the reply goes to."""

import itertools

import pytest

from knowledge.replies import decisions
from tests.factories import (
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
from tests.knowledge.replies.deciding import approve, flagged, refusal
from webhooks.models import Contact, Conversation, Inbox, Message

pytestmark = pytest.mark.django_db
MERGED = {"id": 69, "name": "Merged", "email": "ada@example.com", "type": "contact"}


def contact_updated(name: str = "Zoe Real", **facts) -> dict:
    changed = [{"name": {"previous_value": "Ada Park", "current_value": name}}]
    return {"event": "contact_updated", "id": 5, "name": name, "email": "ada@example.com", "account": {"id": 1},
            "changed_attributes": changed} | facts  # fmt: skip


def merged(after: float = 60, **facts) -> dict:
    changed = [{"contact_id": {"previous_value": 5, "current_value": 69}}]
    about = conversation_object(updated_at=later(after).timestamp(), meta={"sender": MERGED}, **facts)
    return {"event": "conversation_updated", "changed_attributes": changed} | about


def mail_draft(**facts):
    make_inbox(channel="Channel::Email", email="support@acme.example")
    about = conversation_object(channel="Channel::Email")
    deliver(message_event(conversation=about, content_type="incoming_email", **facts))
    return make_draft(Message.objects.get(message_id=100))


def test_a_corrected_name_is_known_at_once():
    make_waiting()

    row = deliver(contact_updated(), now=later(60))

    assert (row.status, Contact.objects.get().name) == ("DONE", "Zoe Real")


def test_a_correction_stays_whatever_older_events_come_after_it():
    make_waiting()
    deliver(contact_updated(), now=later(60))

    deliver(
        message_event(101, at=later(30), conversation=conversation_object(updated_at=later(30).timestamp()))
    )
    assert Contact.objects.get().name == "Zoe Real"

    newer = {"sender": {"id": 5, "name": "Zoe Again", "type": "contact"}}
    about = conversation_object(updated_at=later(90).timestamp(), meta=newer)
    deliver(message_event(102, at=later(90), conversation=about), now=later(90))
    assert Contact.objects.get().name == "Zoe Again"


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"name": "Zoe Real"}, ("Zoe Real", "ada@example.com", "+49151")),
        ({"email": "zoe@example.com"}, ("Ada Park", "zoe@example.com", "+49151")),
        ({"phone_number": None}, ("Ada Park", "ada@example.com", "")),
        ({"email": None, "name": None}, ("", "", "+49151")),
        ({}, ("Ada Park", "ada@example.com", "+49151")),
    ],
)
def test_what_a_correction_leaves_out_is_unchanged_and_what_it_empties_is_empty(told, known):
    card = {
        "id": 5,
        "name": "Ada Park",
        "email": "ada@example.com",
        "phone_number": "+49151",
        "type": "contact",
    }
    make_waiting(meta={"sender": card})

    deliver({"event": "contact_updated", "id": 5, "account": {"id": 1}} | told, now=later(60))

    row = Contact.objects.get()
    assert (row.name, row.email, row.phone_number) == known


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_corrections_of_one_fact_each_say_the_same_in_any_order(order):
    make_waiting()
    told = [{"name": "Zoe"}, {"email": "zoe@example.com"}, {"email": "old@example.com", "name": "Old"}]
    events = [
        {"event": "contact_updated", "id": 5, "account": {"id": 1}, "updated_at": later(at).isoformat()}
        | facts
        for at, facts in zip((60, 50, 40), told, strict=True)
    ]

    for place in (*order, *order):
        deliver(events[place], now=later(90))

    row = Contact.objects.get()
    assert (row.name, row.email) == ("Zoe", "zoe@example.com")


def test_who_never_wrote_is_not_kept():
    make_waiting()

    deliver(contact_updated(id=77), now=later(60))

    assert Contact.objects.count() == 1


def test_an_erased_contact_is_not_known_again():
    make_waiting()
    Contact.objects.update(name="", email="", erased_at=NOW)

    deliver(contact_updated(), now=later(60))

    assert Contact.objects.get().name == ""


def test_a_corrected_address_is_another_revision_of_an_undecided_draft():
    draft = mail_draft()

    deliver(contact_updated(email="zoe@example.com"), now=later(60))

    draft.refresh_from_db()
    assert (draft.recipients["to"], draft.revision) == (["zoe@example.com"], 2)
    with pytest.raises(decisions.Refused, match="revision"):
        decisions.approve(
            draft, by=make_lead(), revision=1, grades={"tone": 5, "accuracy": 5, "policy": 5}, now=NOW
        )


def test_a_corrected_address_voids_a_first_look_at_the_old_one():
    draft = approve(flagged(mail_draft()))
    assert draft.status == "SECOND_LOOK"

    deliver(contact_updated(email="zoe@example.com"), now=later(60))

    draft.refresh_from_db()
    assert (draft.status, draft.first_look_by, draft.first_look_of) == ("PROPOSED", None, "")


def test_addresses_that_a_person_chose_stay():
    draft = mail_draft()
    decisions.set_recipients(draft, to=["boss@example.com"], cc=[], by=make_lead(), revision=1, now=NOW)

    deliver(contact_updated(email="zoe@example.com"), now=later(60))

    draft.refresh_from_db()
    assert (draft.recipients["to"], draft.revision) == (["boss@example.com"], 2)


def test_after_a_merge_the_reply_is_approved_for_whom_the_page_shows():
    draft = make_draft()
    deliver(merged(), now=later(60))
    draft.refresh_from_db()
    assert (draft.conversation.contact.name, draft.revision) == ("Merged", 1)

    make_approved(draft)

    assert draft.approved_recipients == {"contact_id": 69}


def test_a_merge_of_which_the_draft_was_not_told_counts_at_approval():
    draft = make_draft()
    other = Contact.objects.create(source=draft.conversation.source, contact_id=69, name="Merged")
    Conversation.objects.update(contact=other)

    make_approved(draft)

    assert draft.approved_recipients == {"contact_id": 69}


def test_a_parked_reply_is_sent_again_to_whoever_the_customer_is_by_now():
    draft = make_approved()
    decisions.transition(draft, "PARKED", now=NOW, action="parked")
    deliver(merged(), now=later(60))
    draft.refresh_from_db()

    decisions.resend(draft, by=make_lead(), now=later(90))

    assert draft.approved_recipients == {"contact_id": 69}


def test_what_two_people_approved_for_one_contact_one_person_does_not_send_to_another():
    draft = approve(approve(flagged(make_draft())))
    decisions.transition(draft, "PARKED", now=NOW, action="parked")
    deliver(merged(), now=later(60))
    draft.refresh_from_db()

    assert refusal(decisions.resend, draft, by=make_lead()) == "second_person_required"
    assert draft.status == "PARKED"


@pytest.mark.parametrize("order", [1, -1], ids=["as told", "the other way round"])
def test_an_inbox_that_was_renamed_has_its_new_name(order):
    make_waiting()
    renamed = {"event": "inbox_updated", "id": 2, "name": "Chat EU", "account": {"id": 1},
               "changed_attributes": [{"name": {"previous_value": "Chat", "current_value": "Chat EU"}},
                                      {"updated_at": {"current_value": later(60).timestamp()}}]}  # fmt: skip
    older = message_event(101, at=later(30))

    for event in [renamed, older][::order]:
        deliver(event, now=later(100))

    assert Inbox.objects.get().name == "Chat EU"


def test_an_inbox_that_is_renamed_after_that_has_the_newest_name():
    make_waiting()
    deliver({"event": "inbox_updated", "id": 2, "name": "Chat EU", "account": {"id": 1}}, now=later(60))

    deliver(message_event(102, at=later(600), inbox={"id": 2, "name": "Chat World"}), now=later(600))

    assert Inbox.objects.get().name == "Chat World"


def test_an_inboxs_addresses_are_ours():
    make_waiting()

    deliver(
        {
            "event": "inbox_updated",
            "id": 2,
            "name": "Mail",
            "email": "Help@acme.example",
            "account": {"id": 1},
        }
    )

    assert Inbox.objects.get().addresses == ["help@acme.example"]
