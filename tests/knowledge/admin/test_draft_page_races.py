"""Two people on one draft: who was first, who has it, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.admin import draft_presence
from knowledge.models import Draft
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    deliver,
    later,
    make_draft,
    make_lead,
    message_event,
)
from tests.knowledge.admin.pressing import page_of, press, reread, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_lost_race_says_who_was_first_and_loses_nothing(seeded):
    draft = make_draft()
    decisions.approve(
        Draft.objects.get(pk=draft.pk), by=make_lead("maria"), revision=1, grades={"tone": 5, "accuracy": 5, "policy": 5},
        now=timezone.now(),
    )  # fmt: skip

    answer = press(signed_in(make_lead()), draft, "approve", text="What I typed meanwhile.", **GRADES)

    assert answer.status_code == 409
    assert "approved by maria" in answer.content.decode()
    assert "What I typed meanwhile." in answer.content.decode()


def test_a_text_changed_meanwhile_is_shown_beside_mine(seeded):
    draft = make_draft()
    decisions.edit(
        Draft.objects.get(pk=draft.pk), text="Her words.", by=make_lead(), revision=1, now=timezone.now()
    )

    answer = press(signed_in(make_lead()), draft, "approve", text="My words.", **GRADES)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Her words." in page
    assert "My words." in page
    assert page.count(" checked") == 3


def test_a_newer_message_refuses_the_approval_and_offers_to_carry_over(seeded):
    draft = make_draft()
    deliver(message_event(101, content="And quickly!", at=later(60)))

    answer = press(signed_in(make_lead()), draft, "approve", text="My words.", **GRADES)

    page = answer.content.decode()
    assert (answer.status_code, reread(draft).status) == (409, "STALE")
    assert "And quickly!" in page
    assert "My words." in page
    assert "Carry over" in page


def test_carrying_over_opens_the_new_draft(seeded):
    draft = make_draft()
    deliver(message_event(101, content="And quickly!", at=later(60)))

    answer = press(signed_in(make_lead()), reread(draft), "carry-over")

    fresh = Draft.objects.get(in_reply_to__message_id=101)
    assert answer.headers["Location"] == page_of(fresh)
    assert fresh.body == draft.body


def test_opening_the_page_claims_nothing(seeded):
    """A link opens it: somebody else could send one."""
    draft, before = make_draft(), Draft.objects.values().get()

    signed_in(make_lead()).get(page_of(draft))

    assert Draft.objects.values().get() == before


def test_opening_the_page_shows_who_else_has_it_open(seeded):
    draft = make_draft()
    signed_in(make_lead("maria")).get(page_of(draft))

    page = signed_in(make_lead("paul")).get(page_of(draft)).content.decode()

    assert "maria is viewing this draft." in page


def test_a_page_that_was_left_shows_nobody(seeded):
    draft, maria = make_draft(), make_lead("maria")
    draft_presence.note(draft, by=maria, now=timezone.now() - timedelta(minutes=1))

    assert "page open, too" not in signed_in(make_lead()).get(page_of(draft)).content.decode()


@pytest.mark.parametrize("typed", [{"text": "Half a sent"}, {"tone": "4"}])
def test_the_first_edit_or_grade_claims_it(seeded, typed):
    draft, maria = make_draft(), make_lead("maria")

    form = {"text": draft.body, "revision": 1} | typed
    signed_in(maria).post(reverse("admin:knowledge_draft_autosave", args=[draft.pk]), form)

    assert reread(draft).claimed_by == maria


def test_a_draft_of_another_opens_and_says_who_has_it(seeded):
    draft, maria = make_draft(), make_lead("maria")
    decisions.claim(draft, by=maria, now=timezone.now())

    answer = signed_in(make_lead()).get(page_of(draft))

    assert answer.status_code == 200
    assert "Claimed by maria until" in answer.content.decode()
    assert reread(draft).claimed_by == maria


def test_a_claim_can_be_taken_over(seeded):
    draft, paul = make_draft(), make_lead("paul")
    decisions.claim(draft, by=make_lead("maria"), now=timezone.now())

    press(signed_in(paul), draft, "take-over", reason="Maria is at lunch.")

    assert reread(draft).claimed_by == paul


def test_an_open_page_hears_of_a_change_without_losing_what_is_typed(seeded):
    draft = make_draft()
    url = reverse("admin:knowledge_draft_state", args=[draft.pk])
    deliver(message_event(101, content="And quickly!", at=later(60)))

    answer = signed_in(make_lead()).get(url, {"status": "PROPOSED", "revision": 1})

    assert "The customer wrote again" in answer.content.decode()
    assert "HX-Refresh" not in answer.headers


def test_an_unchanged_draft_is_no_news(seeded):
    draft = make_draft()

    url = reverse("admin:knowledge_draft_state", args=[draft.pk])

    assert signed_in(make_lead()).get(url, {"status": "PROPOSED", "revision": 1}).status_code == 204


def test_the_claim_of_yesterday_holds_nobody_up(seeded):
    draft, maria = make_draft(), make_lead("maria")
    decisions.claim(draft, by=maria, now=timezone.now() - timedelta(days=1))
    paul = make_lead("paul")

    signed_in(paul).post(
        reverse("admin:knowledge_draft_autosave", args=[draft.pk]), {"text": "Half a sent", "revision": 1}
    )

    assert reread(draft).claimed_by == paul
