"""What a draft may become (design, section 5), as one table; and what the database refuses whoever asks."""

import itertools

import pytest
from django.db import IntegrityError, transaction

from knowledge.models import Draft
from knowledge.replies import decisions, states
from tests.factories import NOW, make_approved, make_draft, make_lead, make_waiting

pytestmark = pytest.mark.django_db
S = Draft.Status

# The design's table, and two more that follow from an echo or a give-up before the call: APPROVED → SENT, PARKED.
ALLOWED = {
    "PROPOSED": "APPROVED SECOND_LOOK REJECTED STALE WITHDRAWN EXPIRED",
    "SECOND_LOOK": "APPROVED PROPOSED REJECTED STALE",  # PROPOSED: what the first person approved was changed
    "STALE": "WITHDRAWN",
    "APPROVED": "PROPOSED SENDING STALE PARKED SENT",
    "SENDING": "SENT APPROVED PARKED",
    "PARKED": "SENT APPROVED CLOSED",
}
ALL = list(itertools.product(S.values, S.values))
MAY = [(before, after) for before, after in ALL if after in ALLOWED.get(before, "").split()]
MAY_NOT = [pair for pair in ALL if pair not in MAY]


def in_state(status: str) -> Draft:
    draft = make_draft()
    decided = {
        "decided_by": make_lead(),
        "decided_at": NOW,
        "approved_text": "Yes.",
        "call_started_at": NOW,
        "approval": 1,
    }
    Draft.objects.filter(pk=draft.pk).update(status=status, **decided)
    draft.refresh_from_db()
    return draft


@pytest.mark.parametrize(("before", "after"), MAY, ids=[" to ".join(pair) for pair in MAY])
def test_a_move_of_the_table_is_made_and_written_down(before, after):
    draft = in_state(before)

    decisions.transition(draft, after, now=NOW, action="moved")

    event = draft.events.latest("pk")
    assert (draft.status, event.before, event.after) == (after, before, after)


@pytest.mark.parametrize(("before", "after"), MAY_NOT, ids=[" to ".join(pair) for pair in MAY_NOT])
def test_no_other_move_is_made(before, after):
    draft = in_state(before)

    with pytest.raises(decisions.Refused) as caught:
        decisions.transition(draft, after, now=NOW, action="moved")

    draft.refresh_from_db()
    assert (caught.value.code, draft.status) == ("already_decided", before)
    assert not draft.events.filter(action="moved").exists()


def test_of_two_moves_from_one_state_the_second_is_told():
    draft = make_draft()
    other = Draft.objects.get(pk=draft.pk)
    decisions.transition(draft, S.REJECTED, now=NOW, action="moved")

    with pytest.raises(decisions.Refused) as caught:
        decisions.transition(other, S.WITHDRAWN, now=NOW, action="moved")

    assert "rejected" in caught.value.detail
    assert other.status == S.REJECTED


def test_a_move_of_an_older_revision_is_refused():
    draft = make_draft()
    older = Draft.objects.get(pk=draft.pk)
    decisions.edit(draft, text="Another text.", by=make_lead(), revision=1, now=NOW)

    with pytest.raises(decisions.Refused):
        decisions.transition(older, S.REJECTED, now=NOW, action="moved")


@pytest.mark.parametrize("status", ["APPROVED", "SENDING", "SENT", "PARKED"])
@pytest.mark.parametrize(
    "lacking",
    [{"decided_by": None}, {"decided_at": None}, {"approved_text": ""}],
    ids=["nobody", "no time", "no text"],
)
@pytest.mark.every_row
def test_the_database_refuses_a_reply_that_no_person_approved(status, lacking):
    draft = make_approved()

    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(status=status, call_started_at=NOW, **lacking)


def test_the_database_refuses_a_sending_without_a_start():
    draft = make_approved()

    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(status="SENDING", call_started_at=None)


@pytest.mark.parametrize("status", ["APPROVED", "SENDING", "PARKED"])
@pytest.mark.every_row
def test_the_database_refuses_a_second_reply_on_its_way(status):
    message = make_waiting()
    first, second = make_draft(message), make_draft(message, author="Other agent", text="Another text.")
    decided = {"decided_by": make_lead(), "decided_at": NOW, "approved_text": "Yes.", "call_started_at": NOW}
    Draft.objects.filter(pk=first.pk).update(status=status, **decided)

    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=second.pk).update(status="APPROVED", **decided)


def test_who_approved_a_draft_is_not_named_as_who_made_it_stale():
    draft = in_state("STALE")
    draft.why = "The customer wrote again."

    assert states.outcome_of(draft) == "This draft is now stale: The customer wrote again."


def test_a_lost_race_names_who_decided_and_when():
    draft = in_state("APPROVED")
    draft.decided_at = NOW

    said = f"This draft is now approved by {draft.decided_by}, since 23 Nov, 09:00:00 UTC."
    assert states.outcome_of(draft) == said
