"""POST /api/v1/drafts/: what programs and people propose."""

import pytest

from knowledge.models import Draft
from tests.factories import deliver, later, make_source, make_waiting, message_event
from tests.knowledge.api.asking import DRAFTS, propose, refused

pytestmark = pytest.mark.django_db


def test_a_proposal_is_201_and_its_author_is_the_token(robot):
    make_waiting()

    answer = propose(robot, author="somebody else", evidence=[{"article": "reset-password"}], confidence=0.5)

    assert answer.status_code == 201
    assert (answer.json()["author"], answer.json()["confidence"]) == ("robot", 0.5)
    assert Draft.objects.get().author_kind == "service"


def test_the_same_proposal_again_is_200_and_the_same(robot):
    make_waiting()

    first, again = propose(robot), propose(robot)

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


def test_another_text_replaces_the_first(robot):
    make_waiting()
    first = propose(robot)

    second = propose(robot, body="A better text.")

    assert second.status_code == 201
    assert Draft.objects.get(pk=first.json()["id"]).status == "WITHDRAWN"


def test_a_proposal_for_a_message_that_waits_no_more_is_409(robot):
    make_waiting()
    deliver(message_event(101, at=later(60)))

    assert refused(propose(robot, in_reply_to_message_id=100)) == (409, "stale")


def test_a_proposal_where_nobody_waits_is_409(robot):
    make_waiting(status="resolved")

    assert refused(propose(robot)) == (409, "stale")


@pytest.mark.parametrize(
    "changed", [{"conversation_id": 8}, {"in_reply_to_message_id": 999}, {"source": "other"}]
)
def test_a_proposal_for_what_is_not_known_is_404(robot, changed):
    make_waiting()

    assert refused(propose(robot, **changed)) == (404, "not_found")


def test_where_two_sources_have_the_conversation_one_must_be_named(robot):
    make_waiting()
    deliver(message_event(), source=make_source("other"))

    assert refused(propose(robot)) == (400, "invalid")
    assert propose(robot, source="other").status_code == 201


WRONG = {
    "no text": {"body": ""},
    "a text of NUL": {"body": "a\0"},
    "a text too long": {"body": "x" * 150_001},
    "no number": {"conversation_id": "seven"},
    "a huge number": {"conversation_id": 10**30},
    "a negative number": {"conversation_id": -1},
    "surer than sure": {"confidence": 1.5},
    "evidence not a list": {"evidence": "reset-password"},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_a_wrong_proposal_is_400(robot, changed):
    make_waiting()

    answer = propose(robot, **changed)

    assert (answer.status_code, Draft.objects.count()) == (400, 0)


@pytest.mark.parametrize("body", [[1], "x", None], ids=["a list", "a text", "nothing"])
def test_what_is_no_object_is_400(robot, body):
    assert robot.post(DRAFTS, body, format="json").status_code == 400


def test_evidence_with_a_NUL_is_kept_without_it(robot):
    make_waiting()

    assert propose(robot, evidence=[{"why\0": ["a\0b"]}]).json()["evidence"] == [{"why": ["ab"]}]
