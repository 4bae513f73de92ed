"""After an erasure nothing brings the person back but themselves: not a late webhook, not a search, not a new draft."""

from datetime import timedelta

import pytest

from knowledge.models import Draft
from knowledge.replies import proposals
from knowledge.replies.states import Refused
from tests.factories import NOW, deliver, make_inbox, make_source, message_event
from tests.webhooks.privacy.erasing import NAMES, SENDER, about, ada, conversation, erase, fill, where
from webhooks.models import Contact, Conversation, Delivery, Message
from webhooks.reconcile import differences

pytestmark = pytest.mark.django_db
ERASED = NOW + timedelta(days=1)
AFTER = ERASED + timedelta(hours=1)


@pytest.fixture
def erased(seeded) -> None:
    fill()
    erase(at=ERASED)


def test_a_late_webhook_of_what_was_said_before_brings_no_word_back(erased):
    deliver(message_event(104, content="the red sofa", conversation=about(), at=NOW), now=AFTER)

    message = Message.objects.get(message_id=104)
    assert (message.content, message.is_customer_message) == ("(erased)", True)
    assert where(*NAMES) == []


def test_what_was_no_customers_message_is_none_after_an_erasure(erased):
    mail = {"email": {"headers": {"Auto-Submitted": "auto-replied"}}}

    deliver(
        message_event(104, content="Out", conversation=about(), at=NOW, content_attributes=mail), now=AFTER
    )

    assert not Message.objects.get(message_id=104).is_customer_message


def test_a_change_of_the_conversation_brings_no_name_back(erased):
    newer = about(updated_at=AFTER.timestamp(), status="resolved", labels=["vip"])

    deliver({"event": "conversation_updated", "account": {"id": 1}, **newer}, now=AFTER)

    assert (conversation().status, conversation().labels) == ("resolved", ["vip"])
    assert where(*NAMES) == []


def test_a_conversation_we_had_not_heard_of_brings_no_name_back(erased):
    deliver(message_event(50, content="the red sofa", conversation=about(2), at=NOW), now=AFTER)

    assert where(*NAMES) == []
    assert conversation(2).erased_at == ERASED


def test_a_change_of_the_contact_leaves_no_body(erased):
    row = deliver({"event": "contact_updated", **SENDER, "account": {"id": 1}}, now=AFTER)

    assert (row.status, bytes(row.body), row.redacted_for) == ("DONE", b"", "erasure")


BOB = {"id": 6, "name": "Bob Ray", "type": "contact"}
GUEST = {
    "id": 5,
    "name": "Ada Park",
    "email": "ada@example.com",
}  # as a contact is in an event: without a type


def bobs(**facts) -> dict:
    return about(4, contact=BOB, **{"custom_attributes": {"plan": "gold"}} | facts)


def test_what_the_person_wrote_in_anothers_conversation_comes_back_without_words(erased):
    deliver(message_event(140, content="Hello", sender=BOB, conversation=bobs(), at=NOW), now=AFTER)

    row = deliver(
        message_event(141, content="the red sofa", sender=GUEST, conversation=bobs(), at=NOW), now=AFTER
    )

    assert where(*NAMES) == []
    assert (Message.objects.get(message_id=141).content, bytes(row.body)) == ("(erased)", b"")
    assert conversation(4).custom_attributes == {"plan": "gold"}
    assert Message.objects.get(message_id=140).sender_name == "Bob Ray"


def test_what_the_person_writes_there_afterwards_is_kept(erased):
    deliver(message_event(141, content="A new sofa", sender=GUEST, conversation=bobs(), at=AFTER), now=AFTER)

    assert Message.objects.get(message_id=141).content == "A new sofa"


@pytest.mark.parametrize("written", ["by its sender", "by its sender's number"])
def test_an_event_of_anothers_conversation_that_shows_their_words_leaves_no_body(erased, written):
    who = {"sender": GUEST} if written == "by its sender" else {"sender_type": "Contact", "sender_id": 5}
    shown = [{"id": 141, "content": "the red sofa", "created_at": int(NOW.timestamp()), **who}]
    hello = message_event(140, content="Hello", sender=BOB, conversation=bobs(), at=NOW)
    hello["conversation"]["messages"] = shown
    deliver(hello, now=AFTER)

    newer = bobs(updated_at=AFTER.timestamp(), status="resolved", messages=shown)
    deliver({"event": "conversation_updated", "account": {"id": 1}, **newer}, now=AFTER)

    assert where(*NAMES) == []
    assert conversation(4).status == "resolved"
    assert Message.objects.get(message_id=140).content == "Hello"


def test_a_search_in_anothers_conversation_finds_what_they_wrote_without_its_words(erased):
    deliver(message_event(140, content="Hello", sender=BOB, conversation=bobs(), at=NOW), now=AFTER)
    row = {
        "id": 141, "message_type": 0, "private": False, "created_at": int(NOW.timestamp()) + 60, "content": "the red sofa",
        "sender": GUEST, "content_attributes": {}, "status": "sent",
    }  # fmt: skip

    differences.record_missing(conversation(4), bobs(), [row], now=AFTER, read_at=AFTER)

    assert where(*NAMES) == []
    assert Delivery.objects.filter(origin="reconciled", message_id=141).exists()


def found_by_a_search(now) -> list:
    """As Chatwoot's API tells of a conversation that nobody erased there."""
    state = about(custom_attributes={"note": "the red sofa"})
    mail = {"email": {"from": ["ada@example.com"]}}
    row = {
        "id": 101, "message_type": 0, "private": False, "created_at": int(NOW.timestamp()) + 60, "content": "the red sofa",
        "sender": SENDER, "content_attributes": mail, "status": "sent",
    }  # fmt: skip
    missing = row | {"id": 105, "content_attributes": {}}
    return differences.record_missing(conversation(), state, [row, missing], now=now, read_at=now)


def test_a_search_finds_what_is_missing_without_its_words(erased):
    found_by_a_search(AFTER)

    assert where(*NAMES) == []
    assert Delivery.objects.filter(origin="reconciled", message_id=105).exists()


def test_a_search_does_not_take_what_was_erased_for_missed_again_and_again(erased):
    missed = found_by_a_search(AFTER)

    assert [(one.at, one.change) for one in missed] == [(NOW + timedelta(minutes=1), False)]


def test_no_draft_is_made_for_what_was_erased(erased):
    message = conversation().waiting_message

    with pytest.raises(Refused, match="were erased"):
        proposals.propose(message, text="Dear Ada", author="x", kind=Draft.AuthorKind.DRAFTER, now=AFTER)


def test_who_writes_again_is_served_and_known_again(erased):
    deliver(message_event(110, content="A new question", conversation=about(), at=AFTER), now=AFTER)

    contact = Contact.objects.get()
    assert (contact.name, contact.returned_at) == ("Ada Park", AFTER)
    assert conversation().waiting_message.content == "A new question"
    assert where("my secret order", "the red sofa") == []


def test_a_new_conversation_of_who_came_back_is_kept_whole(erased):
    fresh = about(9, created_at=int(AFTER.timestamp()), custom_attributes={"plan": "gold"})

    row = deliver(message_event(120, content="A new question", conversation=fresh, at=AFTER), now=AFTER)

    assert bytes(row.body)
    assert conversation(9).custom_attributes == {"plan": "gold"}


def test_an_agents_answer_afterwards_does_not_bring_the_person_back(erased):
    deliver(message_event(130, kind="outgoing", content="Done.", conversation=about(), at=AFTER), now=AFTER)

    assert Contact.objects.get().returned_at is None
    assert where("Ada Park", "ada@example.com") == []


def test_who_came_back_can_be_erased_again(erased):
    deliver(message_event(110, content="A new question", conversation=about(), at=AFTER), now=AFTER)

    erase(ada(), at=AFTER + timedelta(hours=1))

    assert where(*NAMES, "A new question") == []


def test_a_contact_merged_into_one_that_was_erased_stays_unnamed(erased):
    make_inbox()
    other = {"id": 6, "name": "Ada P.", "type": "contact"}
    deliver(
        message_event(140, content="Hello", sender=other, conversation=about(4, contact=other)), now=AFTER
    )

    later = about(4, updated_at=AFTER.timestamp())
    deliver({"event": "conversation_updated", "account": {"id": 1}, **later}, now=AFTER)

    assert where("Ada Park", "ada@example.com") == []
    assert Conversation.objects.get(source=make_source(), display_id=4).contact.contact_id == 5
