"""What follows a sent reply in Chatwoot: its status, once, and only while it is still wanted."""

import pytest

from knowledge.models import Draft
from knowledge.replies import decisions
from tests.factories import GRADES, make_approved, make_client, make_draft, make_lead
from tests.knowledge.replies.deciding import approve, flagged, refusal
from tests.knowledge.replies.following import POST, drafted, ran
from webhooks import deliveries
from webhooks.models import Conversation, Delivery, Source


def approved(desk, conversation: Conversation, *, then: str) -> Draft:
    return make_approved(drafted(desk, conversation), by=desk.lead, now=desk.now, then=then)


def status_of(desk, conversation: Conversation) -> str:
    return desk.world.conversation(conversation.display_id).status


# Approve, and then


@pytest.mark.parametrize("then", ["resolved", "pending"])
def test_the_status_follows_the_reply(desk, then):
    conversation = desk.customer_writes()
    draft = approved(desk, conversation, then=then)

    delivery = ran(desk, "conversation.status")

    assert (delivery.status, status_of(desk, conversation)) == ("DONE", then)
    assert delivery.delivery_key == f"conversation.status:{draft.pk}:1"


def test_without_a_wish_nothing_follows(desk):
    desk.approved(desk.customer_writes())
    desk.work()

    assert not Delivery.objects.filter(event="conversation.status").exists()


def test_nothing_follows_before_the_reply_is_sent(desk):
    conversation = desk.customer_writes()
    approved(desk, conversation, then="resolved")
    desk.world.faults.add("status", **POST, path=r"/messages$", code=404)

    desk.work()

    assert Draft.objects.get().status == "PARKED"
    assert (status_of(desk, conversation), Delivery.objects.filter(event="conversation.status").count()) == (
        "open",
        0,
    )


def test_the_status_is_put_in_with_the_move_to_sent(desk):
    approved(desk, desk.customer_writes(), then="resolved")
    desk.tick(10)
    [row] = deliveries.claim("send", now=desk.now)

    deliveries.process(row, now=desk.now)

    assert (Draft.objects.get().status, Delivery.objects.get(event="conversation.status").status) == (
        "SENT",
        "PENDING",
    )


def test_an_echo_that_settles_the_reply_brings_the_status_too(desk):
    conversation = desk.customer_writes()
    approved(desk, conversation, then="resolved")
    desk.world.faults.add("drop_after", **POST, path=r"/messages$")
    desk.send(12)
    desk.webhooks()

    desk.work()

    assert status_of(desk, conversation) == "resolved"
    assert Delivery.objects.filter(event="conversation.status").count() == 1


def test_a_person_who_found_the_reply_there_brings_the_status_too(desk):
    conversation = desk.customer_writes()
    draft = approved(desk, conversation, then="resolved")
    desk.world.faults.add("status", **POST, path=r"/messages$", code=404)
    desk.work()
    draft.refresh_from_db()

    decisions.arrived(draft, by=desk.lead, now=desk.now)
    desk.work()

    assert status_of(desk, conversation) == "resolved"


def test_a_conversation_with_a_newer_message_is_not_resolved(desk):
    conversation = desk.customer_writes()
    approved(desk, conversation, then="resolved")
    desk.tick(10)
    [row] = deliveries.claim("send", now=desk.now)
    deliveries.process(row, now=desk.now)
    desk.world.customer_writes(content="One more thing", inbox_id=2, conversation_id=conversation.display_id)

    delivery = ran(desk, "conversation.status")

    assert (delivery.status, status_of(desk, conversation)) == ("CANCELLED", "open")
    assert "wrote again" in delivery.last_error


def test_a_conversation_whose_reply_the_channel_refused_is_not_resolved(desk):
    conversation = desk.customer_writes()
    draft = approved(desk, conversation, then="resolved")
    desk.tick(10)
    [row] = deliveries.claim("send", now=desk.now)
    deliveries.process(row, now=desk.now)
    draft.refresh_from_db()
    desk.world.fail_message(draft.sent_message_id, "The mailbox is full")

    delivery = ran(desk, "conversation.status")

    assert (delivery.status, status_of(desk, conversation)) == ("CANCELLED", "open")


def test_what_a_person_set_meanwhile_stays(desk):
    conversation = desk.customer_writes()
    approved(desk, conversation, then="pending")
    desk.tick(10)
    [row] = deliveries.claim("send", now=desk.now)
    deliveries.process(row, now=desk.now)
    desk.world.set_status(conversation.display_id, "resolved")

    assert (ran(desk, "conversation.status").status, status_of(desk, conversation)) == (
        "CANCELLED",
        "resolved",
    )


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "save_then_422", "rate_limit"])
def test_a_lost_answer_does_not_keep_the_status_from_being_set(desk, fault):
    conversation = desk.customer_writes()
    approved(desk, conversation, then="resolved")
    desk.world.faults.add(fault, **POST, path=r"/toggle_status$")

    delivery = ran(desk, "conversation.status")

    assert (delivery.status, status_of(desk, conversation)) == ("DONE", "resolved")


def test_a_refused_token_holds_it_until_a_token_check(desk):
    conversation = desk.customer_writes()
    approved(desk, conversation, then="resolved")
    desk.tick(10)
    [row] = deliveries.claim("send", now=desk.now)
    deliveries.process(row, now=desk.now)
    Source.objects.update(api_token="revoked")

    assert (ran(desk, "conversation.status").held_for, status_of(desk, conversation)) == (
        "credentials",
        "open",
    )


def test_the_last_approval_decides_what_follows(desk):
    conversation = desk.customer_writes()
    draft = approved(desk, conversation, then="resolved")
    decisions.undo(draft, by=desk.lead, now=desk.now)
    decisions.approve(draft, by=desk.lead, revision=draft.revision, grades=GRADES, now=desk.now)

    desk.work()

    assert (Draft.objects.get().status, status_of(desk, conversation)) == ("SENT", "open")


@pytest.mark.django_db
def test_of_two_approvers_both_say_what_follows():
    draft = approve(flagged(make_draft()), then="resolved")
    assert draft.after_send == "resolved"

    approve(draft, then="pending")
    assert (draft.status, draft.after_send) == ("SECOND_LOOK", "pending")

    approve(draft, then="pending")
    assert (draft.status, draft.after_send) == ("APPROVED", "pending")


@pytest.mark.django_db
def test_what_cannot_follow_is_refused():
    assert (
        refusal(decisions.approve, make_draft(), by=make_lead(), revision=1, grades=GRADES, then="snoozed")
        == "then"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("then", "status"), [("resolved", 200), ("pending", 200), ("", 200), ("open", 400)])
def test_the_api_takes_what_is_to_follow(then, status):
    draft = make_draft()
    client = make_client(make_lead("lena"))

    answer = client.post(
        f"/api/v1/drafts/{draft.pk}/approve/", {"revision": 1, "then": then} | GRADES, format="json"
    )

    assert answer.status_code == status
    if status == 200:
        assert answer.json()["after_send"] == then
