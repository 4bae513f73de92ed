"""Deciding over /api/v1/drafts/<id>/: each answer, each verb against each group and every service token (design, section 7)."""

import pytest
from django.utils import timezone

from knowledge.models import Escalation
from knowledge.replies import decisions
from tests.factories import (  # fmt: skip
    GRADES,
    deliver,
    later,
    make_approved,
    make_client,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    message_event,
)
from tests.knowledge.api.asking import act, approve, refused
from tests.knowledge.replies.deciding import flagged

pytestmark = pytest.mark.django_db


def test_approving_answers_the_frozen_reply(lead):
    answer = approve(lead, make_draft(), note="fine")

    told = answer.json()
    assert (answer.status_code, told["status"], told["decided_by"]) == (200, "APPROVED", "alice")
    assert (told["approved_text"], told["approved_recipients"], told["grades"]) == (
        told["body"],
        {"contact_id": 5},
        GRADES,
    )


def test_approving_without_grades_is_400(lead):
    assert refused(approve(lead, make_draft(), tone=None)) == (400, "grades_required")


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_the_api_asks_for_grades_of_a_persons_draft_too(lead, verb):
    draft = make_draft(author="carla", kind="person", by=make_lead("carla"))

    assert refused(act(lead, draft, verb, {"revision": 1, "reason": "no"})) == (400, "grades_required")


@pytest.mark.parametrize("revision", [None, "x", 0, -1, 1.5])
def test_approving_without_a_revision_is_400(lead, revision):
    assert approve(lead, make_draft(), revision=revision).status_code == 400


def test_approving_an_older_revision_is_409(lead):
    draft = make_draft()
    decisions.edit(draft, text="Another.", by=make_lead(), revision=1, now=timezone.now())

    assert refused(approve(lead, draft)) == (409, "revision_changed")


def test_approving_what_was_overtaken_is_409(lead):
    draft = make_draft()
    deliver(message_event(101, at=later(60)))

    assert refused(approve(lead, draft)) == (409, "stale")


def test_approving_twice_is_409(lead):
    draft = make_draft()
    approve(lead, draft)

    assert refused(approve(lead, draft)) == (409, "already_decided")


def test_the_second_look_of_the_same_person_is_409(lead):
    draft = flagged(make_draft())

    assert approve(lead, draft).json()["status"] == "SECOND_LOOK"
    assert refused(approve(lead, draft)) == (409, "second_person_required")


def test_rejecting_needs_a_reason(lead):
    draft = make_draft()

    assert refused(act(lead, draft, "reject", {"revision": 1} | GRADES)) == (400, "reason_required")
    assert act(lead, draft, "reject", {"revision": 1, "reason": "no"} | GRADES).json()["status"] == "REJECTED"


def test_undo_answers_the_proposed_draft(lead):
    assert act(lead, make_approved(now=timezone.now()), "undo").json()["status"] == "PROPOSED"


def test_a_claim_by_another_is_409_and_can_be_taken_over(lead):
    draft = make_draft()
    act(make_client(make_lead("bob")), draft, "claim")

    assert refused(act(lead, draft, "claim")) == (409, "claimed")
    assert act(lead, draft, "claim", {"take_over": True}).status_code == 200


def test_an_escalation_goes_to_a_person_who_decides_in_this_inbox(lead):
    make_lead("bob")

    answer = act(lead, make_draft(), "escalate", {"reason": "look", "owner": "bob"})

    assert (answer.status_code, Escalation.objects.get().owner.username) == (200, "bob")


@pytest.mark.parametrize("who", ["nobody", "agent", "elsewhere", "gone", "robot"])
def test_whom_the_page_does_not_offer_an_escalation_does_not_reach_and_why_stays_unsaid(lead, who):
    make_user("agent", "Agent")
    make_user("elsewhere", "Lead", inboxes=[make_inbox(inbox_id=99)])
    make_user("gone", "Lead", is_active=False)
    robot = make_user("robot", "Manager")
    make_client(robot, service=True)
    robot.set_unusable_password()
    robot.save()

    answer = act(lead, make_draft(), "escalate", {"reason": "look", "owner": who})

    said = f"{who} cannot own this escalation: it goes to people who decide in this inbox."
    assert (answer.status_code, answer.json()) == (400, {"code": "owner", "detail": said, "fields": {}})
    assert not Escalation.objects.exists()


VERBS = {
    "approve": {"revision": 1} | GRADES,
    "reject": {"revision": 1, "reason": "no"} | GRADES,
    "escalate": {"reason": "look"},
    "undo": {},
    "claim": {},
    "carry-over": {},
    "resend": {},
    "arrived": {},
    "close": {},
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["nobody's", "a Manager's", "a superuser's"])
def test_a_service_token_decides_nothing_whatever_its_user_may(verb, who):
    groups = ["Manager"] if who == "a Manager's" else []
    client = make_client(make_user("robot", *groups, is_superuser=who == "a superuser's"), service=True)
    draft = make_draft()

    answer = act(client, draft, verb, VERBS[verb])

    draft.refresh_from_db()
    assert (*refused(answer), draft.status, draft.claimed_by) == (403, "service_token", "PROPOSED", None)


# Who may: 200 or 409 where the verb was reached, 403 where the group lacks the right.
MAY = {
    "approve": {"Lead", "Manager"},
    "reject": {"Lead", "Manager"},
    "escalate": {"Lead", "Manager"},
    "undo": {"Lead", "Manager"},
    "claim": {"Agent", "Lead", "Manager"},
    "carry-over": {"Agent", "Lead", "Manager"},
    "resend": {"Lead", "Manager"},
    "arrived": {"Lead", "Manager"},
    "close": {"Lead", "Manager"},
}


@pytest.mark.parametrize("verb", MAY)
@pytest.mark.parametrize("group", ["Agent", "Lead", "Manager", "Operator", ""])
def test_who_may_do_what_with_a_draft(verb, group):
    client = make_client(make_user("bob", *filter(None, [group])))

    status = act(client, make_draft(), verb, VERBS[verb]).status_code

    assert status in ((200, 409) if group in MAY[verb] else (403,))


@pytest.mark.parametrize("verb", VERBS)
def test_another_inboxs_draft_is_not_there_to_decide(verb):
    charlie = make_client(make_user("charlie", "Lead", inboxes=[make_inbox(inbox_id=3)]))

    assert act(charlie, make_draft(), verb, VERBS[verb]).status_code == 404
