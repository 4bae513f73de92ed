"""Approving: who may, what it freezes, and what it refuses."""

import threading

import pytest
from django.db import connection

from knowledge.models import Draft
from knowledge.replies import decisions
from tests.factories import (  # fmt: skip
    GRADES,
    NOW,
    conversation_object,
    deliver,
    later,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.replies.deciding import approve, flagged, refusal, sends
from webhooks.models import Conversation, Delivery

pytestmark = pytest.mark.django_db


def refused_approval(draft: Draft, *, by=None, revision: int | None = None, grades=GRADES, **more) -> str:
    revision = revision or draft.revision
    return refusal(decisions.approve, draft, by=by or make_lead(), revision=revision, grades=grades, **more)


def test_approving_freezes_text_recipients_who_when_and_revision():
    lead = make_lead()

    draft = approve(make_draft(), by=lead)

    assert (draft.status, draft.approved_text, draft.approved_recipients) == (
        "APPROVED",
        draft.body,
        {"contact_id": 5},
    )
    assert (draft.decided_by, draft.decided_at, draft.approved_revision) == (lead, NOW, 1)
    assert (draft.tone, draft.accuracy, draft.policy) == (5, 4, 5)


def test_approving_puts_the_send_in_once_after_the_undo_window(settings):
    settings.UNDO_SECONDS = 10

    draft = approve(make_draft())

    row = Delivery.objects.get(event="reply.send")
    assert (row.delivery_key, row.next_attempt_at) == (f"reply.send:{draft.pk}:1", later(10))


def test_approving_an_edited_text_freezes_the_edited_one():
    lead = make_lead()

    draft = approve(make_draft(), by=lead, text="As the lead wrote it.")

    assert (draft.approved_text, draft.revision, draft.approved_revision) == ("As the lead wrote it.", 2, 2)
    assert (draft.proposed_text, draft.changed_by) == ("Choose Forgot password.", [lead.pk])


def test_approving_withdraws_the_other_drafts_for_the_message():
    message = make_waiting()
    chosen, other = make_draft(message), make_draft(message, author="Agent two", text="Something else.")

    approve(chosen)

    other.refresh_from_db()
    assert (other.status, other.why) == ("WITHDRAWN", f"Draft {chosen.pk} was approved.")


MISSING = {
    "none": {},
    "one missing": {"tone": 5, "accuracy": 5},
    "one null": GRADES | {"policy": None},
    "zero": GRADES | {"tone": 0},
    "six": GRADES | {"tone": 6},
    "in words": GRADES | {"tone": "5"},
}


@pytest.mark.parametrize("grades", MISSING.values(), ids=MISSING)
def test_approving_and_rejecting_need_three_grades_from_1_to_5(grades):
    draft = make_draft()

    assert refused_approval(draft, grades=grades) == "grades_required"
    assert (
        refusal(decisions.reject, draft, by=make_lead(), revision=1, grades=grades, reason="no")
        == "grades_required"
    )


def own_words(by: str = "carla") -> Draft:
    return make_draft(author=by, kind=Draft.AuthorKind.PERSON, by=make_lead(by))


def test_a_persons_words_are_approved_without_grades():
    assert approve(own_words(), grades={}).status == "APPROVED"


def test_a_persons_words_are_rejected_without_grades():
    draft = own_words()

    decisions.reject(draft, by=make_lead(), revision=1, grades={}, reason="no", now=NOW)

    assert draft.status == "REJECTED"


def test_grades_that_a_person_s_words_have_are_whole():
    assert refused_approval(own_words(), grades={"tone": 5, "accuracy": 5}) == "grades_required"


def test_approving_another_revision_than_the_newest_is_refused():
    draft = make_draft()
    decisions.edit(draft, text="Another text.", by=make_lead(), revision=1, now=NOW)

    assert refused_approval(draft, revision=1) == "revision_changed"


def test_a_decided_draft_is_not_decided_again():
    draft = approve(make_draft())

    assert refused_approval(draft) == "already_decided"
    assert (
        refusal(decisions.reject, draft, by=make_lead(), revision=1, grades=GRADES, reason="no")
        == "already_decided"
    )
    assert len(sends()) == 1


@pytest.mark.parametrize("text", ["", " \n "], ids=["empty", "blank"])
def test_an_empty_reply_is_neither_approved_nor_written(text):
    draft = make_draft()

    assert refused_approval(draft, text=text) == "empty"
    assert refusal(decisions.edit, draft, text=text, by=make_lead(), revision=1) == "empty"


@pytest.mark.parametrize("group", ["Agent", "Operator", ""])
def test_only_leads_and_managers_decide(group):
    draft, user = make_draft(), make_user("bob", *filter(None, [group]))

    assert refused_approval(draft, by=user) == "forbidden"
    assert refusal(decisions.reject, draft, by=user, revision=1, grades=GRADES, reason="no") == "forbidden"
    assert refusal(decisions.escalate, draft, by=user, reason="look", owner=None) == "forbidden"


def agents_may(draft: Draft) -> Draft:
    type(draft.conversation.inbox).objects.update(agents_may_approve=True)
    return Draft.objects.get(pk=draft.pk)


def test_where_the_manager_allows_it_an_agent_approves_a_machines_draft():
    assert approve(agents_may(make_draft()), by=make_user("bob", "Agent")).status == "APPROVED"


def test_an_agent_who_approved_may_take_it_back():
    bob = make_user("bob", "Agent")
    draft = approve(agents_may(make_draft()), by=bob)

    decisions.undo(draft, by=bob, now=NOW)

    assert draft.status == "PROPOSED"


AGENTS_NOT = {
    "a flagged one": lambda: flagged(make_draft()),
    "a person's": lambda: make_draft(author="carla", kind=Draft.AuthorKind.PERSON),
    "an edited one": lambda: edited(make_draft()),
}


def edited(draft: Draft) -> Draft:
    decisions.edit(draft, text="Another text.", by=make_lead(), revision=draft.revision, now=NOW)
    return draft


@pytest.mark.parametrize("case", AGENTS_NOT)
def test_even_there_an_agent_does_not_approve(case):
    draft = agents_may(AGENTS_NOT[case]())

    assert refused_approval(draft, by=make_user("bob", "Agent")) == "forbidden"


def test_even_there_an_agent_does_not_approve_words_of_the_agents_own():
    draft = agents_may(make_draft())

    assert refused_approval(draft, by=make_user("bob", "Agent"), text="My own words.") == "forbidden"
    assert Draft.objects.get().body == "Choose Forgot password."


def test_a_person_may_approve_what_that_person_wrote():
    lead = make_lead("carla")

    assert (
        approve(make_draft(author="carla", kind=Draft.AuthorKind.PERSON, by=lead), by=lead).status
        == "APPROVED"
    )


def test_a_risk_asks_for_a_second_person_and_sends_nothing_yet():
    draft = approve(flagged(make_draft()))

    assert draft.status == "SECOND_LOOK"
    assert sends() == []


def test_the_second_person_sends_it():
    draft = approve(flagged(make_draft()))

    approve(draft)

    assert draft.status == "APPROVED"
    assert len(sends()) == 1


def test_the_second_person_is_not_the_first():
    lead = make_lead()
    draft = approve(flagged(make_draft()), by=lead)

    assert refused_approval(draft, by=lead) == "second_person_required"


def test_the_second_person_is_nobody_who_changed_the_text():
    writer = make_lead()
    draft = flagged(make_draft())
    decisions.edit(draft, text="Another text.", by=writer, revision=1, now=NOW)
    approve(draft)

    assert refused_approval(draft, by=writer) == "second_person_required"


def test_the_second_person_changes_no_word():
    draft = approve(flagged(make_draft()))

    assert refused_approval(draft, text="Other words.") == "second_person_required"
    assert Draft.objects.get().revision == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_leads_at_once_one_decides():
    make_inbox()
    message = make_waiting()
    draft, other = make_draft(message), make_draft(message, author="Agent two", text="Something else.")
    leads, barrier, codes = [make_lead(), make_lead()], threading.Barrier(4), []

    def decide(pk: int, lead) -> None:
        mine = Draft.objects.get(pk=pk)
        barrier.wait(10)
        try:
            decisions.approve(mine, by=lead, revision=1, grades=GRADES, now=NOW)
            codes.append("approved")
        except decisions.Refused as error:
            codes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(d.pk, lead)) for d in (draft, other) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(codes) == ["already_decided"] * 3 + ["approved"]
    assert Draft.objects.filter(status="APPROVED").count() == len(sends()) == 1


def test_a_conversation_that_moved_on_refuses_an_approval():
    draft = make_draft()
    deliver(message_event(101, conversation=conversation_object(), at=later(60)), now=later(60))

    assert refused_approval(Draft.objects.get(pk=draft.pk)) == "stale"


def test_a_closed_window_refuses_an_approval():
    draft = make_draft()
    Conversation.objects.update(can_reply=False)

    assert refused_approval(draft) == "stale"
