"""Who a reply goes to: the contact of a chat; for mail, everybody but ourselves, since Chatwoot drops every CC it is not told."""

import pytest

from knowledge.replies import recipients
from tests.factories import conversation_object, deliver, make_inbox, message_event
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
OURS = "support@acme.example"


def reply_to(mail: object, *, ours: str = OURS, channel: str = "Channel::Email") -> dict:
    make_inbox(channel=channel, email=ours)
    about = conversation_object(channel=channel)
    deliver(message_event(conversation=about, content_attributes={"email": mail} if mail is not None else {}))
    conversation = Conversation.objects.select_related("inbox", "contact", "waiting_message").get()
    return recipients.for_reply(conversation, conversation.waiting_message)


def test_a_chat_goes_to_its_contact_alone():
    assert reply_to({"from": ["ada@example.com"]}, channel="Channel::WebWidget") == {"contact_id": 5}


ADA, BOB = "ada@example.com", "bob@example.com"
MAILS = {
    "to its sender": ({"from": [ADA], "to": [OURS]}, [ADA], []),
    "to where it asks for answers": ({"from": [ADA], "reply_to": BOB, "to": [OURS]}, [BOB], []),
    "and everybody in copy": ({"from": [ADA], "to": [OURS], "cc": [BOB]}, [ADA], [BOB]),
    "and everybody it was addressed to": ({"from": [ADA], "to": [OURS, BOB]}, [ADA], [BOB]),
    "never to ourselves, in whatever case": ({"from": [ADA], "to": [OURS.upper()], "cc": [OURS]}, [ADA], []),
    "to the contact where a form of our own wrote it": ({"from": [OURS], "to": [OURS]}, [ADA], []),
    "to nobody twice": ({"from": [ADA], "to": [OURS, BOB], "cc": [BOB, ADA]}, [ADA], [BOB]),
    "to the contact where the mail names no sender": ({"to": [OURS]}, [ADA], []),
    "to the contact where there is no mail": (None, [ADA], []),
    "to the contact where the mail is no mail": ("x", [ADA], []),
    "past names around addresses": (
        {"from": [f"Ada Park <{ADA}>"], "to": [f"Support <{OURS}>"], "cc": f"Bob <{BOB}>"},
        [ADA],
        [BOB],
    ),
    "never to a shop's tag of our address": (
        {"from": [ADA], "to": ["support+shop@acme.example", BOB]},
        [ADA],
        [BOB],
    ),
    "never to the address that brought it here": (
        {"from": [ADA], "to": ["help@acme.example", BOB], "headers": {"Delivered-To": "help@acme.example"}},
        [ADA],
        [BOB],
    ),
    "past what is no address": (
        {"from": [ADA, 3, None], "to": {"a": 1}, "cc": ["nobody", BOB]},
        [ADA],
        [BOB],
    ),
}


@pytest.mark.parametrize("case", MAILS)
def test_a_mail_goes(case):
    mail, to, cc = MAILS[case]

    assert reply_to(mail) == {"contact_id": 5, "to": to, "cc": cc}


def test_a_mail_to_two_inboxes_of_ours_has_none_of_them_in_copy():
    make_inbox(inbox_id=3, channel="Channel::Email", email="sales@acme.example, shop@acme.example")

    sent = reply_to({"from": [ADA], "to": [OURS, "Sales@acme.example"], "cc": ["shop@acme.example", BOB]})

    assert (sent["to"], sent["cc"]) == ([ADA], [BOB])


def test_without_knowing_our_address_the_only_one_written_to_is_taken_for_it():
    assert reply_to({"from": [ADA], "to": [OURS], "cc": [BOB]}, ours="") == {
        "contact_id": 5,
        "to": [ADA],
        "cc": [BOB],
    }


def test_chatwoot_is_told_in_commas_and_not_of_nobody():
    assert recipients.for_chatwoot({"contact_id": 5, "to": [ADA, BOB], "cc": []}) == {
        "to_emails": f"{ADA},{BOB}"
    }
    assert recipients.for_chatwoot({"contact_id": 5}) == {}
