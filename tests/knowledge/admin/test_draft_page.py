"""The desk's pages: deciding on a draft, losing nothing, and seeing only one's own inboxes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.admin import draft_actions, draft_presence
from knowledge.models import Draft, Escalation
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
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
from tests.knowledge.admin.pressing import page_of, press, reread, signed_in
from webhooks.accounts import access
from webhooks.models import Delivery, Message

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def make_parked() -> Draft:
    draft = make_approved()
    Draft.objects.filter(pk=draft.pk).update(status="PARKED", why="It cannot be known whether this was sent.")
    draft.refresh_from_db()
    return draft


def test_the_page_shows_the_question_the_draft_and_its_evidence(seeded):
    draft = make_draft(
        evidence=[
            {"article": "reset-password", "version": 3, "title": "Reset it", "score": 0.8, "why": "fits"}
        ]
    )

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    assert "How do I reset my password?" in page
    assert "Choose Forgot password." in page
    assert "Reset it" in page


def test_grades_are_unset_at_first(seeded):
    page = signed_in(make_lead()).get(page_of(make_draft())).content.decode()

    assert " checked" not in page


def test_approving_freezes_the_text_and_queues_one_send(seeded):
    draft = make_draft()

    press(signed_in(make_lead("maria")), draft, "approve", **GRADES)

    decided = reread(draft)
    assert (decided.status, decided.approved_text, decided.decided_by.username) == (
        "APPROVED",
        draft.body,
        "maria",
    )
    assert Delivery.objects.filter(event="reply.send").count() == 1


def test_the_edited_text_is_what_is_approved(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "approve", text="Better words.", **GRADES)

    assert reread(draft).approved_text == "Better words."


def test_line_breaks_as_browsers_post_them_are_no_edit(seeded):
    draft = make_draft(text="Hi,\n\nso it is.")

    press(signed_in(make_lead()), draft, "approve", text="Hi,\r\n\r\nso it is.", **GRADES)

    assert (reread(draft).approved_text, reread(draft).changed_by) == ("Hi,\n\nso it is.", [])


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("missing", ["tone", "accuracy", "policy"])
def test_a_decision_needs_every_grade_and_loses_nothing_without(seeded, verb, missing):
    draft = make_draft()
    given = {name: value for name, value in GRADES.items() if name != missing}

    answer = press(signed_in(make_lead()), draft, verb, text="My long text.", note="My note.", **given)

    page = answer.content.decode()
    assert (answer.status_code, reread(draft).status) == (400, "PROPOSED")
    assert "My long text." in page
    assert "My note." in page
    assert page.count(" checked") == 2


def test_rejecting_needs_a_reason(seeded):
    draft = make_draft()

    answer = press(signed_in(make_lead()), draft, "reject", **GRADES)

    assert (answer.status_code, reread(draft).status) == (400, "PROPOSED")


def test_rejecting_keeps_the_reason(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "reject", note="Wrong article.", **GRADES)

    assert (reread(draft).status, reread(draft).note) == ("REJECTED", "Wrong article.")


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


def test_an_approval_is_undone_with_its_text_kept(seeded):
    draft, client = make_draft(), signed_in(make_lead())
    press(client, draft, "approve", text="Better words.", **GRADES)

    press(client, reread(draft), "undo")

    assert (reread(draft).status, reread(draft).body) == ("PROPOSED", "Better words.")


def test_a_parked_reply_is_settled_by_a_person(seeded):
    draft = make_parked()

    press(signed_in(make_lead()), draft, "arrived")

    assert reread(draft).status == "SENT"


def test_saving_the_text_is_a_new_revision(seeded):
    draft = make_draft()

    press(signed_in(make_lead()), draft, "save", text="Better words.")

    assert (reread(draft).body, reread(draft).revision) == ("Better words.", 2)


def test_escalating_names_an_owner_and_keeps_the_draft_open(seeded):
    draft, owner = make_draft(), make_lead("maria")

    press(signed_in(make_lead()), draft, "escalate", reason="Asks for a discount.", owner=owner.pk)

    assert (Escalation.objects.get().owner, reread(draft).status) == (owner, "PROPOSED")


def test_an_escalation_goes_to_nobody_outside_the_inbox(seeded):
    draft, me = make_draft(), make_lead()
    outsider = make_user("outsider", access.LEAD, inboxes=[])

    press(signed_in(me), draft, "escalate", reason="Asks for a discount.", owner=outsider.pk)

    assert Escalation.objects.get().owner != outsider


@pytest.mark.parametrize("verb", draft_actions.ACTIONS)
def test_a_decision_is_a_post_and_whoever_had_to_sign_in_first_finds_the_page(seeded, verb):
    draft = make_draft()

    answer = signed_in(make_lead()).get(reverse(f"admin:knowledge_draft_{verb}", args=[draft.pk]))

    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(draft))
    assert (reread(draft).status, reread(draft).revision) == ("PROPOSED", 1)


@pytest.mark.parametrize("verb", draft_actions.ACTIONS)
def test_somebody_elses_inbox_is_as_absent_as_none(seeded, verb):
    draft = make_draft()
    client = signed_in(make_user("charlie", access.LEAD, inboxes=[make_inbox(inbox_id=99)]))

    assert press(client, draft, verb, **GRADES).status_code == 404
    assert client.get(page_of(draft)).status_code == 404


@pytest.mark.parametrize("verb", ["approve", "reject", "escalate"])
def test_an_agent_decides_nothing(seeded, verb):
    draft = make_draft()

    answer = press(
        signed_in(make_user("agent", access.AGENT)), draft, verb, note="No.", reason="No.", **GRADES
    )

    assert (answer.status_code, reread(draft).status) == (403, "PROPOSED")


def test_an_agent_approves_where_the_inbox_allows_it(seeded):
    draft = make_draft()
    type(draft.conversation.inbox).objects.update(agents_may_approve=True)

    press(signed_in(make_user("agent", access.AGENT)), draft, "approve", **GRADES)

    assert reread(draft).status == "APPROVED"


def test_an_operator_sees_no_draft(seeded):
    assert signed_in(make_user("op", access.OPERATOR)).get(page_of(make_draft())).status_code == 403


def test_the_queue_shows_whoever_waits(seeded):
    make_draft()

    page = signed_in(make_lead()).get(reverse("admin:knowledge_draft_queue")).content.decode()

    assert "Ada Park" in page


def test_the_queue_shows_only_ones_own_inboxes(seeded):
    make_draft()
    client = signed_in(make_user("charlie", access.LEAD, inboxes=[make_inbox(inbox_id=99)]))

    assert "Ada Park" not in client.get(reverse("admin:knowledge_draft_queue")).content.decode()


def test_next_skips_what_another_has(seeded):
    draft = make_draft()
    decisions.claim(draft, by=make_lead("maria"), now=timezone.now())

    answer = signed_in(make_lead()).post(reverse("admin:knowledge_draft_next"))

    assert answer.headers["Location"] == reverse("admin:knowledge_draft_queue")


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


def test_what_a_customer_wrote_runs_nothing(seeded):
    make_waiting(text="<script>alert(1)</script> [x](javascript:alert(2)) <img src=x onerror=alert(3)>")
    draft = make_draft(Message.objects.get(message_id=100))

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<img src=x" not in page


def test_quoted_mail_is_folded(seeded):
    make_waiting(text="Still broken.\n\nOn Tue, 3 Nov 2026, Support wrote:\n> Old words")
    draft = make_draft(Message.objects.get(message_id=100))

    page = signed_in(make_lead()).get(page_of(draft)).content.decode()

    assert page.index("Quoted text") < page.index("Old words")


def test_a_person_writes_a_reply_where_there_is_no_draft(seeded):
    message = make_waiting()

    url = reverse("admin:webhooks_conversation_propose", args=[message.conversation_id])
    signed_in(make_user("agent", access.AGENT)).post(url, {"text": "I look into it."})

    assert Draft.objects.get().author == "agent"


def test_a_failed_reply_is_said_on_its_draft(seeded):
    draft = make_approved()
    failed = {
        "content_attributes": {"external_error": "131047: window closed"},
        "conversation": conversation_object(),
    }
    deliver(message_event(150, kind="outgoing", content=draft.body, at=later(60), **failed))
    Draft.objects.filter(pk=draft.pk).update(status="SENT", sent_message_id=150)

    assert "131047" in signed_in(make_lead()).get(page_of(draft)).content.decode()


def test_the_claim_of_yesterday_holds_nobody_up(seeded):
    draft, maria = make_draft(), make_lead("maria")
    decisions.claim(draft, by=maria, now=timezone.now() - timedelta(days=1))
    paul = make_lead("paul")

    signed_in(paul).post(
        reverse("admin:knowledge_draft_autosave", args=[draft.pk]), {"text": "Half a sent", "revision": 1}
    )

    assert reread(draft).claimed_by == paul
