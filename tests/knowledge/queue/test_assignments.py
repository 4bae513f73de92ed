"""Assigning, dismissing, putting back, stopped sends, typing: what changes a customer's place, and whose it is."""

import pytest

from knowledge.models import Dismissal
from knowledge.queue import assignments, queue
from knowledge.replies import decisions, incoming
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_approved,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.replies.deciding import refusal
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make_lead("maria")


def first(user, *, now=NOW):
    return queue.waiting(user, now=now)[0]


def dismissed(lead, *, reason="Only says thanks.") -> Conversation:
    conversation = make_waiting().conversation
    conversation.refresh_from_db()
    assignments.dismiss(conversation, reason=reason, by=lead, now=NOW)
    return conversation


def test_who_was_given_a_customer_has_it(lead):
    conversation = Conversation.objects.get(pk=make_waiting().conversation_id)
    assignments.assign(conversation, owner=lead, by=lead, now=NOW)

    assert first(make_lead()).holders == (lead,)


def test_the_newest_assignment_counts(lead):
    conversation = Conversation.objects.get(pk=make_waiting().conversation_id)
    bob = make_user("bob", "Agent")
    for owner in (lead, bob):
        assignments.assign(conversation, owner=owner, by=lead, now=NOW)

    assert first(lead).owner == bob


def test_given_back_nobody_has_it(lead):
    conversation = Conversation.objects.get(pk=make_waiting().conversation_id)
    for owner in (lead, None):
        assignments.assign(conversation, owner=owner, by=lead, now=NOW)

    assert first(lead).owner is None


def test_an_assignment_ends_with_the_answer(lead):
    assignments.assign(
        Conversation.objects.get(pk=make_waiting().conversation_id), owner=lead, by=lead, now=NOW
    )
    deliver(message_event(101, kind="outgoing", at=later(60)), now=later(60))
    deliver(message_event(102, at=later(120)), now=later(120))

    assert first(lead, now=later(120)).owner is None


def test_nobody_is_given_a_customer_of_an_inbox_they_do_not_see(lead):
    conversation = Conversation.objects.get(pk=make_waiting().conversation_id)
    charlie = make_user("charlie", "Agent", inboxes=[make_inbox(inbox_id=3)])

    assert refusal(assignments.assign, conversation, owner=charlie, by=lead) == "forbidden"


def test_who_shares_no_inbox_with_a_person_is_neither_listed_nor_named_to_them(client):
    about = make_waiting().conversation
    bob = make_user("bob", "Agent", inboxes=[about.inbox])
    stranger = make_user("zoe-elsewhere", "Agent", inboxes=[make_inbox(inbox_id=9)])
    client.force_login(bob)

    page = client.get("/admin/knowledge/draft/queue/").content.decode()
    sent = {"verb": "assign", "id": str(about.pk), "owner": str(stranger.pk)}
    answer = client.post("/admin/knowledge/draft/queue/selected/", sent, follow=True).content.decode()

    assert "zoe-elsewhere" not in page + answer
    assert "Choose a person." in answer


def test_a_person_of_one_of_their_inboxes_is_listed():
    shared, other = make_inbox(), make_inbox(inbox_id=9)
    bob, eva = make_user("bob", "Agent", inboxes=[shared]), make_user("eva", "Agent", inboxes=[shared, other])

    assert {bob, eva} <= set(assignments.colleagues(bob))


def test_nobody_assigns_a_customer_to_a_program():
    robot = make_user("robot", "Agent")
    robot.set_unusable_password()
    robot.save()
    make_client(robot, service=True)

    assert robot not in assignments.people()


def test_whoever_is_dismissed_waits_no_more(lead):
    dismissed(lead)

    assert queue.waiting(lead, now=NOW) == []


def test_whoever_is_dismissed_and_writes_again_is_back(lead):
    dismissed(lead)
    deliver(message_event(101, at=later(60)), now=later(60))

    assert first(lead, now=later(60)).conversation.display_id == 7


def test_whoever_is_put_back_waits_since_the_same_moment(lead):
    dismissed(lead)

    assignments.put_back(queue.dismissed(lead)[0], by=lead, now=later(60))

    assert first(lead, now=later(60)).waiting_since == NOW


def test_a_dismissal_keeps_who_when_why_and_who_put_back(lead):
    dismissed(lead)
    assignments.put_back(queue.dismissed(lead)[0], by=lead, now=later(60))

    row = Dismissal.objects.get()

    assert (row.by, row.at, row.reason, row.put_back_by, row.put_back_at) == (
        lead, NOW, "Only says thanks.", lead, later(60),
    )  # fmt: skip


def test_dismissing_needs_a_reason(lead):
    assert refusal(assignments.dismiss, make_waiting().conversation, reason=" ", by=lead) == "reason_required"


def test_an_agent_does_not_dismiss():
    conversation = make_waiting().conversation

    assert (
        refusal(assignments.dismiss, conversation, reason="no", by=make_user("bob", "Agent")) == "forbidden"
    )


def test_nobody_is_dismissed_while_a_reply_is_on_its_way(lead):
    draft = make_approved()
    conversation = Conversation.objects.get(pk=draft.conversation_id)

    assert refusal(assignments.dismiss, conversation, reason="no", by=lead) == "already_decided"


def test_nobody_is_dismissed_by_a_page_that_has_not_seen_the_newest_message(lead):
    old = Conversation.objects.get(pk=make_waiting().conversation_id)
    deliver(message_event(101, at=later(60)), now=later(60))

    assert refusal(assignments.dismiss, old, reason="no", by=lead) == "stale"


def stopped_send(lead):
    """The customer of an approved reply writes again before it goes out."""
    draft = make_approved(make_draft(), by=lead)
    deliver(message_event(101, at=later(5)), now=later(5))
    draft.refresh_from_db()
    return draft


def urgent_other() -> None:
    """A customer who waits much longer."""
    deliver(
        message_event(
            900, conversation=conversation_object(9), at=later(-7200), sender={"id": 6, "name": "Bo"}
        )
    )


def test_a_stopped_send_is_at_the_top_of_its_approvers_queue_with_the_reason(lead):
    draft = stopped_send(lead)
    urgent_other()

    row = first(lead, now=later(6))

    assert (row.stopped, row.is_own_stop, row.stopped.why) == (draft, True, "The customer wrote again.")


def test_for_others_it_stands_where_it_is_due(lead):
    stopped_send(lead)
    urgent_other()

    assert first(make_lead("bob"), now=later(6)).conversation.display_id == 9


def test_it_comes_back_claimed(lead):
    stopped_send(lead)

    assert first(make_lead("bob"), now=later(6)).claimed_by == lead


def test_carried_over_it_is_stopped_no_more(lead):
    draft = stopped_send(lead)
    decisions.carry_over(draft, by=lead, now=later(7))

    assert first(lead, now=later(8)).stopped is None


def typing(name="conversation_typing_on", *, at=NOW, **facts) -> None:
    who = {"id": 3, "name": "Maria", "type": "user"}
    event = {"event": name, "user": who, "conversation": conversation_object(), "is_private": False} | facts
    deliver(event, now=at)


def test_who_types_in_chatwoot_is_said(lead):
    make_waiting()
    typing()

    assert first(lead).typing == "Maria"


@pytest.mark.parametrize(
    "then",
    [
        {"name": "conversation_typing_off"},
        {"name": "conversation_typing_on", "is_private": True, "at": later(90)},
    ],
)
def test_who_stopped_or_was_not_heard_for_a_minute_types_no_more(lead, then):
    make_waiting()
    typing()
    typing(**then)

    assert first(lead, now=then.get("at", NOW)).typing is None


def test_a_customer_who_types_is_no_agent(lead):
    make_waiting()
    typing(user={"id": 5, "name": "Ada Park", "type": "contact"})

    assert first(lead).typing is None


def test_an_older_word_about_typing_does_not_outrank_a_newer_one(lead):
    make_waiting()
    typing("conversation_typing_off", at=later(10))
    typing(at=NOW)

    assert first(lead, now=later(11)).typing is None


def test_a_draft_asked_for_at_a_look_is_made_however_old_the_message():
    message = make_waiting()
    old = later(3 * 86_400)

    assert not incoming.wants_draft(message.conversation, message, now=old)
    assert incoming.wants_draft(Conversation.objects.get(), message, now=old, however_old=True)
