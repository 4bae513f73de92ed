"""A proposal that nobody decides expires after 48 business hours (design, section 5)."""

from datetime import timedelta

import pytest

from knowledge.models import Draft
from knowledge.queue import queue
from knowledge.replies import decisions, expiry
from tests.factories import NOW, make_approved, make_draft, make_lead

pytestmark = pytest.mark.django_db
# Written Monday at 09:00 with 8 hours a day: used up when the next Monday's hours end.
DUE = NOW + timedelta(days=7, hours=8)


def status_of(draft: Draft) -> str:
    draft.refresh_from_db()
    return draft.status


def test_a_proposal_expires_after_48_business_hours(seeded):
    draft = make_draft()

    expired = expiry.expire_drafts(now=DUE)

    assert (expired, status_of(draft)) == (1, "EXPIRED")


def test_a_second_earlier_it_stands(seeded):
    draft = make_draft()

    expiry.expire_drafts(now=DUE - timedelta(seconds=1))

    assert status_of(draft) == "PROPOSED"


def test_expiring_is_written_down(seeded):
    draft = make_draft()

    expiry.expire_drafts(now=DUE)

    event = draft.events.latest("pk")
    assert (event.action, event.before, event.after, event.by) == ("expired", "PROPOSED", "EXPIRED", None)


def test_a_draft_that_was_decided_does_not_expire(seeded):
    draft = make_approved()

    assert expiry.expire_drafts(now=DUE + timedelta(days=30)) == 0
    assert status_of(draft) == "APPROVED"


def test_one_that_is_decided_meanwhile_is_left_and_the_others_go_on(seeded, monkeypatch):
    first, second = make_draft(), make_draft(author="Other agent", text="Another text.")
    transition = expiry.states.transition

    def raced(draft: Draft, *args, **facts) -> None:
        if draft == first:
            decisions.reject(
                Draft.objects.get(pk=first.pk), by=make_lead(), revision=1, now=DUE, reason="Wrong.",
                grades={"tone": 1, "accuracy": 1, "policy": 1},
            )  # fmt: skip
        monkeypatch.setattr(expiry.states, "transition", transition)
        transition(draft, *args, **facts)

    monkeypatch.setattr(expiry.states, "transition", raced)

    assert expiry.expire_drafts(now=DUE) == 1
    assert (status_of(first), status_of(second)) == ("REJECTED", "EXPIRED")


def test_its_customer_stays_in_the_queue(seeded):
    make_draft()

    expiry.expire_drafts(now=DUE)

    (row,) = queue.waiting(make_lead(), now=DUE)
    assert row.draft is None


def test_the_drafter_may_propose_again(seeded):
    draft = make_draft()
    expiry.expire_drafts(now=DUE)

    again = make_draft(draft.in_reply_to, now=DUE)

    assert (again.pk != draft.pk, again.status) == (True, "PROPOSED")
