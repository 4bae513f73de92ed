"""Recipients: one parser wherever they come from, shown before an approval, named by it, and strangers flagged."""

import pytest

from knowledge.models import Draft, RiskRule
from knowledge.replies import decisions
from knowledge.text import addresses
from tests.factories import (  # fmt: skip
    GRADES,
    NOW,
    conversation_object,
    deliver,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    message_event,
)
from tests.knowledge.replies.deciding import approve, refusal, sends
from webhooks.models import Message

pytestmark = pytest.mark.django_db
ADA, BEN, OURS = "ada@example.com", "ben@example.com", "help@acme.example"


def mail_draft(**mail: object) -> Draft:
    make_inbox(channel="Channel::Email", email=OURS)
    about = conversation_object(channel="Channel::Email")
    mail = {"from": [ADA], "to": [OURS]} | mail
    deliver(message_event(100, conversation=about, content_attributes={"email": mail}))
    return make_draft(Message.objects.get(message_id=100))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([ADA], [ADA]), (f"Ada <{ADA}>", [ADA]), (f"{ADA}, {BEN}", [ADA, BEN]), ([f"{ADA}; {BEN}"], [ADA, BEN]),
        (f"{ADA}\r\nBcc: {BEN}", []), (f"{ADA}\nBcc: {BEN}", []), (f"{ADA}\u2028{BEN}", []), (f"{ADA}\0", []),
        ("a\u200bda@example.com", []),
        (["nobody", None, 5, {}], []), (f'"Park, Ada" <{ADA}>', [ADA]), ("@example.com", []),
        (f"=?utf-8?q?bob@evil.example,_Ltd?= <{ADA}>", [ADA]), ("x" * 250 + "@example.com", []),
    ],
)  # fmt: skip
def test_a_header_is_taken_apart_and_what_is_no_address_left_out(value, found):
    assert addresses.of_header(value) == found


def test_a_customers_mail_with_a_line_break_in_an_address_adds_nobody():
    draft = mail_draft(cc=[BEN, "eve@example.com\r\nBcc: mallory@evil.example"])

    assert (draft.recipients["to"], draft.recipients["cc"]) == ([ADA], [BEN])


def test_more_addresses_than_a_reply_may_have_put_nobody_in_copy():
    draft = mail_draft(cc=[f"user{number}@example.com" for number in range(303)])

    assert (draft.recipients["to"], draft.recipients["cc"]) == ([ADA], [])


def test_the_api_shows_the_recipients_that_an_approval_would_freeze():
    draft = mail_draft(cc=[BEN])

    row = make_client(make_lead()).get(f"/api/v1/drafts/{draft.pk}/").json()

    assert (row["recipients"], row["approved_recipients"]) == (
        {"contact_id": 5, "to": [ADA], "cc": [BEN]},
        None,
    )


def approval(draft: Draft, **named: object):
    body = {"revision": draft.revision, **GRADES, "recipients": named}
    return make_client(make_lead()).post(f"/api/v1/drafts/{draft.pk}/approve/", body, format="json")


@pytest.mark.parametrize(
    "named", [{"to": [ADA.upper()], "cc": [BEN]}, {"contact_id": 5, "to": [ADA], "cc": [BEN]}]
)
def test_an_approval_may_name_its_recipients(named):
    assert approval(mail_draft(cc=[BEN]), **named).status_code == 200


@pytest.mark.parametrize("named", [{"to": [ADA]}, {"to": [ADA], "cc": [BEN, "eve@example.com"]},
    {"contact_id": 6, "to": [ADA], "cc": [BEN]}])  # fmt: skip
def test_an_approval_that_names_other_recipients_is_refused(named):
    answer = approval(mail_draft(cc=[BEN]), **named)

    assert (answer.status_code, answer.json()["code"], sends()) == (409, "recipients_changed", [])


@pytest.mark.parametrize("listed", [["x\r\nBcc: y@evil.example"], [f"u{n}@example.com" for n in range(51)],
    ["a@b.example,c@d.example"]])  # fmt: skip
def test_recipients_that_no_reply_may_have_are_not_frozen_wherever_they_came_from(listed):
    draft = mail_draft()
    Draft.objects.update(recipients={"contact_id": 5, "to": listed, "cc": []})

    assert refusal(
        decisions.approve, Draft.objects.get(pk=draft.pk), by=make_lead(), revision=1, grades=GRADES
    ) == ("recipients")
    assert sends() == []


@pytest.fixture
def strangers() -> RiskRule:
    return RiskRule.objects.create(name="Strangers", kind="recipients")


def names(draft: Draft) -> list[str]:
    return [flag["rule"] for flag in Draft.objects.get(pk=draft.pk).risk]


@pytest.mark.parametrize(
    ("mail", "found"),
    [
        ({}, False), ({"cc": [BEN]}, False), ({"cc": ["eve@evil.example"]}, True), ({"reply_to": ["ada@evil.example"]}, True),
        ({"cc": [f"u{number}@example.com" for number in range(99)]}, True), ({"cc": ["team@acme.example"]}, False),
    ],
)  # fmt: skip
def test_strangers_in_reply_all_are_flagged(strangers, mail, found):
    assert bool(names(mail_draft(**mail))) == found


def test_a_mailbox_of_the_same_public_provider_is_a_strangers(strangers):
    make_inbox(channel="Channel::Email", email=OURS)
    sender = {"id": 5, "name": "Ada", "email": "ada@gmail.com", "type": "contact"}
    about = conversation_object(channel="Channel::Email", meta={"sender": sender, "assignee": None})
    mail = {"from": ["ada@gmail.com"], "to": [OURS], "cc": ["eve@gmail.com"]}
    deliver(message_event(100, conversation=about, content_attributes={"email": mail}))

    assert names(make_draft(Message.objects.get(message_id=100))) == ["Strangers"]


def test_a_stranger_whom_a_person_puts_in_is_flagged_too(strangers):
    draft = mail_draft()

    decisions.set_recipients(draft, to=["eve@evil.example"], cc=[], by=make_lead(), revision=1, now=NOW)

    assert names(draft) == ["Strangers"]


def test_somebody_an_earlier_reply_went_to_is_no_stranger(strangers):
    draft = approve(mail_draft(cc=["eve@evil.example"]))
    Draft.objects.filter(pk=draft.pk).update(status="SENT")
    mail = {"from": [ADA], "to": [OURS], "cc": ["eve@evil.example"]}
    about = conversation_object(channel="Channel::Email")
    deliver(message_event(101, conversation=about, content_attributes={"email": mail}))

    assert names(make_draft(Message.objects.get(message_id=101))) == []
