"""The verbs on drafts beside approving: reject, escalate, undo, claim, carry over, propose, and what settles a parked one."""

import pytest

from knowledge.models import Draft, Escalation
from knowledge.replies import decisions
from tests.factories import (  # fmt: skip
    GRADES,
    NOW,
    deliver,
    later,
    make_approved,
    make_draft,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.replies.deciding import approve, flagged, refusal, sends

pytestmark = pytest.mark.django_db


def test_rejecting_keeps_the_customer_waiting():
    draft = make_draft()

    decisions.reject(draft, by=make_lead(), revision=1, grades=GRADES, reason="wrong article", now=NOW)

    assert (draft.status, draft.note) == ("REJECTED", "wrong article")
    assert draft.conversation.waiting_since is not None


@pytest.mark.parametrize("verb", [decisions.reject, decisions.escalate])
def test_saying_no_or_passing_on_needs_a_reason(verb):
    more = {"revision": 1, "grades": GRADES} if verb is decisions.reject else {"owner": None}

    assert refusal(verb, make_draft(), by=make_lead(), reason=" ", **more) == "reason_required"


def test_escalating_leaves_the_draft_proposed_with_an_owner():
    draft, lead, boss = make_draft(), make_lead(), make_user("boss", "Manager")

    decisions.escalate(draft, by=lead, reason="legal?", owner=boss, now=NOW)

    row = Escalation.objects.get()
    assert (draft.status, row.owner, row.raised_by, row.closed_at) == ("PROPOSED", boss, lead, None)


def test_undo_takes_the_approval_back_and_cancels_its_send():
    draft = make_approved()

    decisions.undo(draft, by=make_lead(), now=NOW)

    assert (draft.status, draft.decided_by) == ("PROPOSED", None)
    assert sends() == [(f"reply.send:{draft.pk}:1", "CANCELLED")]


def test_an_approval_after_an_undo_is_another_send():
    draft = make_approved()
    decisions.undo(draft, by=make_lead(), now=NOW)

    approve(draft)

    assert sends() == [(f"reply.send:{draft.pk}:1", "CANCELLED"), (f"reply.send:{draft.pk}:2", "PENDING")]


def test_what_is_not_approved_is_not_undone():
    assert refusal(decisions.undo, make_draft(), by=make_lead()) == "already_decided"


def test_a_claim_keeps_others_off_for_ten_minutes():
    draft, mine, other = make_draft(), make_lead(), make_lead()
    decisions.claim(draft, by=mine, now=NOW)

    assert refusal(decisions.claim, draft, by=other) == "claimed"
    decisions.claim(draft, by=other, now=later(600))
    assert draft.claimed_by == other


def test_a_claim_can_be_taken_over():
    draft, other = make_draft(), make_lead()
    decisions.claim(draft, by=make_lead(), now=NOW)

    decisions.claim(draft, by=other, now=NOW, take_over=True)

    assert draft.claimed_by == other


def carried() -> tuple[Draft, Draft]:
    """A flagged draft that a newer message made stale, and what carla made of it."""
    old = flagged(make_draft())
    deliver(message_event(101, content="And quickly, please", at=later(60)), now=later(60))
    old.refresh_from_db()
    return old, decisions.carry_over(old, by=make_lead("carla"), now=later(90))


def test_carrying_over_binds_the_same_text_to_the_newest_message():
    old, fresh = carried()

    old.refresh_from_db()
    assert (old.status, fresh.status, fresh.in_reply_to.message_id) == ("WITHDRAWN", "PROPOSED", 101)
    assert (fresh.body, fresh.author, fresh.author_kind) == (old.body, "carla", "person")
    assert fresh.claimed_by.username == "carla"


def test_carrying_over_does_not_shake_off_a_second_look():
    _, fresh = carried()

    assert fresh.needs_second_person


def test_a_draft_for_the_newest_message_is_not_carried_over():
    assert refusal(decisions.carry_over, make_draft(), by=make_lead()) == "already_decided"


def test_where_nobody_waits_nothing_is_carried_over():
    draft = make_draft()
    deliver(message_event(101, kind="outgoing", at=later(60)), now=later(60))
    draft.refresh_from_db()

    assert refusal(decisions.carry_over, draft, by=make_lead()) == "stale"


def test_the_same_proposal_again_is_the_same_draft():
    message = make_waiting()

    first, again = make_draft(message), make_draft(message)

    assert (first.pk, Draft.objects.count()) == (again.pk, 1)


def test_a_new_text_by_its_author_replaces_the_old():
    message = make_waiting()

    old, new = make_draft(message), make_draft(message, text="A better text.")

    old.refresh_from_db()
    assert (old.status, new.status) == ("WITHDRAWN", "PROPOSED")


def test_nothing_is_proposed_for_a_message_that_waits_no_more():
    message = make_waiting()
    deliver(message_event(101, at=later(60)), now=later(60))

    assert refusal(decisions.propose, message, text="Hi", author="a", kind="service") == "stale"


def parked() -> Draft:
    draft = make_approved()
    decisions.transition(draft, "PARKED", now=NOW, action="parked")
    return draft


PARKED = {
    "arrived": (decisions.arrived, "SENT", 1),
    "close": (decisions.close, "CLOSED", 1),
    "resend": (decisions.resend, "APPROVED", 2),
}


@pytest.mark.parametrize("case", PARKED)
def test_a_person_settles_what_is_parked(case):
    verb, status, count = PARKED[case]
    draft = parked()

    verb(draft, by=make_lead(), now=NOW)

    assert (draft.status, len(sends())) == (status, count)


@pytest.mark.parametrize("case", PARKED)
def test_what_is_not_parked_has_nothing_to_settle(case):
    assert refusal(PARKED[case][0], make_approved(), by=make_lead()) == "already_decided"
