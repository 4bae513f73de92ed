"""What is one person's own in the queue: the filter “Mine” and the badge in the sidebar agree, and nothing is anybody else's."""

import pytest

from knowledge.admin import queue_filters
from knowledge.models import Draft
from knowledge.queue import assignments, queue
from knowledge.replies import decisions, escalations
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
    make_user,
    make_waiting,
    message_event,
)

pytestmark = [pytest.mark.django_db, pytest.mark.every_row]


@pytest.fixture
def maria(seeded):
    make_inbox()
    return make_lead("maria")


def mine(user, *, at: float = 10) -> int:
    """How many the filter shows; the badge must say the same."""
    rows = queue.waiting(user, now=later(at))
    shown = len(queue_filters.apply(rows, {"who": "mine"}, me=user).rows)
    assert queue.count_mine(user, now=later(at)) == shown
    return shown


def claimed(maria):
    decisions.claim(make_draft(), by=maria, now=NOW)


def assigned(maria):
    assignments.assign(make_waiting().conversation, owner=maria, by=make_lead("bob"), now=NOW)


def escalated(maria):
    escalations.escalate(make_draft(), by=make_lead("bob"), owner=maria, reason="May I?", now=NOW)


def stopped(maria):
    decisions.transition(make_approved(by=maria), "PARKED", now=NOW, action="parked", why="Too old.")


def second_look(maria):
    draft = make_draft()
    Draft.objects.filter(pk=draft.pk).update(status="SECOND_LOOK", first_look_by=make_lead("bob"))


def escalated_before_the_customer_wrote_again(maria):
    escalated(maria)
    deliver(message_event(101, kind="outgoing", at=later(1)), now=later(1))
    about = conversation_object(updated_at=later(2).timestamp())
    deliver(message_event(102, content="Any news?", at=later(2), conversation=about), now=later(2))


OWN = [claimed, assigned, escalated, stopped, second_look, escalated_before_the_customer_wrote_again]


@pytest.mark.parametrize("happens", OWN)
def test_it_is_mine(maria, happens):
    happens(maria)

    assert mine(maria) == 1


@pytest.mark.parametrize("happens", [one for one in OWN if one is not second_look])
def test_it_is_not_anybody_else_s(maria, happens):
    happens(maria)

    assert mine(make_lead("eve")) == 0


def given_first(maria):
    Draft.objects.filter(pk=make_draft().pk).update(status="SECOND_LOOK", first_look_by=maria)


def edited(maria):
    Draft.objects.filter(pk=make_draft().pk).update(status="SECOND_LOOK", changed_by=[maria.pk])


def written(maria):
    draft = make_draft(author="maria", kind=Draft.AuthorKind.PERSON, by=maria)
    Draft.objects.filter(pk=draft.pk).update(status="SECOND_LOOK")


@pytest.mark.parametrize("happens", [given_first, edited, written])
def test_a_second_look_that_one_may_not_give_is_not_mine(maria, happens):
    happens(maria)

    assert mine(maria) == 0


def test_an_agent_gives_no_second_look(seeded):
    make_inbox()
    second_look(None)

    assert mine(make_user("sam", "Agent")) == 0


def test_a_closed_escalation_is_nobody_s(maria):
    escalated(maria)
    row = maria.escalations_owned.get()
    escalations.close(row, by=maria, resolution="Paid.", now=NOW)

    assert mine(maria) == 0


def test_the_people_who_may_look_a_second_time_are_notified(maria):
    bob, eve = make_lead("bob"), make_lead("eve")
    draft = make_draft(text="We refund 900 € today.")
    decisions.approve(draft, by=bob, revision=1, grades=GRADES, now=NOW)

    assert draft.status == "SECOND_LOOK"
    assert set(maria.notices.values_list("kind", flat=True)) == {"second_look"}
    assert eve.notices.exists()
    assert not bob.notices.exists()
