"""An escalation's way between two people: told, commented, reassigned, returned with a decision."""

import pytest
from django.core import mail
from django.urls import reverse

from knowledge.models import Escalation
from knowledge.replies import decisions, escalation_steps, escalations
from knowledge.replies.states import Refused
from tests.factories import NOW, later, make_draft, make_inbox, make_lead, make_user, make_waiting, run_due
from tests.knowledge.admin.pressing import seen, signed_in
from webhooks.models import Conversation, Notice
from webhooks.notices import digest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


@pytest.fixture
def ann():
    return make_lead("ann", email="ann@example.com")


@pytest.fixture
def mark():
    return make_user("mark", "Manager", email="mark@example.com")


def conversation() -> Conversation:
    return Conversation.objects.filter(display_id=7).first() or make_waiting().conversation


def raised(by, owner) -> Escalation:
    facts = {"kind": "refund", "reason": "Wants 900 back.", "level": 2}
    return escalations.of_conversation(conversation(), by=by, owner=owner, now=NOW, **facts)


def notices_of(user) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


def test_the_owner_is_told(ann, mark):
    raised(ann, mark)

    assert notices_of(mark) == ["Escalated to you: Refund, Chat #7"]
    assert notices_of(ann) == []


def test_it_is_mailed_without_the_customer_s_name_or_words(ann, mark):
    raised(ann, mark)

    digest.send_due(now=later(61))
    run_due("slow", now=later(61))

    (message,) = [one for one in mail.outbox if one.to == ["mark@example.com"]]
    assert "Ada" not in message.body
    assert "900" not in message.body
    assert reverse("admin:knowledge_escalation_change", args=[Escalation.objects.get().pk]) in message.body


def test_returning_it_gives_it_to_the_person_who_raised_it(ann, mark):
    row = raised(ann, mark)

    escalation_steps.give_back(row, by=mark, text="Yes, this once.", now=later(60))

    row.refresh_from_db()
    assert (row.owner, row.closed_at) == (ann, None)
    assert notices_of(ann) == ["Escalation returned to you: Refund, Chat #7"]
    assert [step.text for step in row.steps.all()] == ["Yes, this once."]


def test_a_decision_is_needed(ann, mark):
    with pytest.raises(Refused, match="decision"):
        escalation_steps.give_back(raised(ann, mark), by=mark, text=" ", now=NOW)


def test_what_a_rule_raised_cannot_be_returned(ann, mark):
    row = raised(ann, mark)
    Escalation.objects.update(raised_by=None)
    row.refresh_from_db()

    with pytest.raises(Refused, match="Nobody"):
        escalation_steps.give_back(row, by=mark, text="Yes.", now=NOW)


def test_it_is_not_returned_to_somebody_without_access(ann, mark):
    row = raised(ann, mark)
    ann.membership.all_inboxes = False
    ann.membership.save()

    with pytest.raises(Refused, match="Nobody"):
        escalation_steps.give_back(row, by=mark, text="Yes.", now=NOW)


def test_a_new_owner_is_told(ann, mark):
    row, tom = raised(ann, mark), make_lead("tom")

    escalation_steps.reassign(row, owner=tom, by=mark, text="You know them.", now=later(60))

    row.refresh_from_db()
    assert row.owner == tom
    assert notices_of(tom) == ["Escalation reassigned to you: Refund, Chat #7"]


def test_two_people_do_not_give_it_to_two_others(ann, mark):
    row, tom, eva = raised(ann, mark), make_lead("tom"), make_lead("eva")
    stale = Escalation.objects.get(pk=row.pk)
    escalation_steps.reassign(row, owner=tom, by=mark, now=NOW)

    with pytest.raises(Refused, match="closed or reassigned"):
        escalation_steps.reassign(stale, owner=eva, by=ann, now=NOW)


def test_a_comment_is_told_to_the_other_side(ann, mark):
    row = raised(ann, mark)

    escalation_steps.comment(row, by=ann, text="She called again.", now=later(60))

    assert notices_of(mark)[-1].startswith("New comment")
    assert notices_of(ann) == []


def test_a_closed_one_is_not_given_to_anyone(ann, mark):
    row = raised(ann, mark)
    escalations.close(row, by=mark, resolution="Paid.", now=NOW)

    with pytest.raises(Refused):
        escalation_steps.reassign(row, owner=make_lead("tom"), by=mark, now=NOW)


def test_for_a_second_level_the_owner_is_somebody_else_by_default(ann, mark):
    row = escalations.escalate(make_draft(), by=ann, reason="May I?", owner=None, now=NOW)

    assert row.owner == mark


def test_a_first_level_is_one_s_own_by_default(ann, mark):
    row = escalations.escalate(make_draft(), by=ann, reason="Mine.", owner=None, level=1, now=NOW)

    assert row.owner == ann


FIELDS = ("reason", "kind", "level", "owner")


def labels(page: str) -> list[str]:
    """The form's labels and what is chosen by default, in order."""
    found = [page.split(f'<label for="{name}">')[1].split("<")[0] for name in FIELDS]
    chosen = [page.split(f'id="{name}"')[1].split(" selected>")[1].split("<")[0] for name in FIELDS[1:]]
    return found + chosen


def test_the_form_is_the_same_on_the_draft_s_and_the_conversation_s_page(ann, mark):
    draft, client = make_draft(), signed_in(ann)
    where = reverse("admin:knowledge_escalation_raise", args=[draft.conversation_id])

    on_conversation = labels(client.get(where).content.decode())

    assert labels(seen(client, draft)) == on_conversation
    assert on_conversation[-1] == "mark"


def test_the_page_shows_the_conversation_and_what_was_said(ann, mark):
    row = raised(ann, mark)
    escalation_steps.comment(row, by=ann, text="She called again.", now=NOW)

    page = signed_in(mark).get(reverse("admin:knowledge_escalation_change", args=[row.pk])).content.decode()

    for words in ("How do I reset my password?", "Wants 900 back.", "She called again.", "Return to ann"):
        assert words in page


def press(user, row: Escalation, verb: str, **fields):
    return signed_in(user).post(reverse(f"admin:knowledge_escalation_{verb}", args=[row.pk]), fields)


def test_the_page_returns_it(ann, mark):
    row = raised(ann, mark)

    press(mark, row, "give-back", text="Yes, this once.")

    row.refresh_from_db()
    assert row.owner == ann


def test_a_refused_form_keeps_what_was_typed(ann, mark):
    row = raised(ann, mark)

    answer = press(mark, row, "reassign", owner="", text="You know them.")

    assert (answer.status_code, "You know them." in answer.content.decode()) == (400, True)


def test_stopped_replies_are_told_to_their_approver(ann):
    draft = make_draft()
    decisions.approve(draft, by=ann, revision=1, grades={"tone": 5, "accuracy": 5, "policy": 5}, now=NOW)

    decisions.transition(draft, "STALE", now=NOW, action="stale", why="The customer wrote again.")

    assert notices_of(ann) == ["Your reply was not sent: Chat #7"]
