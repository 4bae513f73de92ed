"""Escalations: raised by people, labels and rules; due by the desk's hours; closed with how it ended."""

from datetime import timedelta

import pytest
from django.urls import reverse

from knowledge.models import Escalation, EscalationRule
from knowledge.replies import escalations
from knowledge.replies.states import Refused
from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    later,
    make_draft,
    make_inbox,
    make_lead,
    make_user,
    make_waiting,
)
from tests.knowledge.admin.pressing import press, signed_in
from webhooks.models import Conversation, Delivery

pytestmark = pytest.mark.django_db
LIST = reverse("admin:knowledge_escalation_changelist")


@pytest.fixture(autouse=True)
def _desk(seeded) -> None:
    make_inbox()


def conversation() -> Conversation:
    return Conversation.objects.filter(display_id=7).first() or make_waiting().conversation


def raised(by=None, kind: str = "refund", now=NOW, **facts) -> Escalation:
    by = by or make_lead()
    facts = {"reason": "Wants 900 back.", "level": 2, "owner": by} | facts
    return escalations.of_conversation(conversation(), by=by, kind=kind, now=now, **facts)


def labelled(labels: list[str], before: list[str] = (), at: float = 60) -> None:  # type: ignore[assignment]
    changes = [{"label_list": {"previous_value": list(before), "current_value": labels}}]
    about = conversation_object(labels=labels, updated_at=later(at).timestamp())
    deliver(
        about | {"event": "conversation_updated", "changed_attributes": changes, "account": {"id": 1}},
        now=later(at),
    )


TARGETS = [("refund", 120), ("vip", 120), ("angry_customer", 30), ("legal", 240), ("other", 120)]


@pytest.mark.parametrize(("kind", "minutes"), TARGETS)
def test_each_reason_has_its_time(kind, minutes):
    assert raised(kind=kind).due_at == NOW + timedelta(minutes=minutes)


def test_it_is_due_by_the_desk_s_hours():
    """Monday 16:00, the desk closes at 17:00."""
    row = raised(now=NOW + timedelta(hours=7))

    assert row.due_at == NOW + timedelta(days=1, hours=1)


def test_raising_one_posts_a_note():
    raised()

    assert Delivery.objects.filter(event="note.create").count() == 1


def test_raising_it_twice_in_the_same_words_is_one():
    ann = make_lead("ann")

    assert raised(by=ann) == raised(by=ann)
    assert Delivery.objects.filter(event="note.create").count() == 1


def test_escalating_a_draft_twice_in_the_same_words_is_one():
    draft, ann = make_draft(), make_lead("ann")

    first, second = (
        escalations.escalate(draft, by=ann, reason="legal?", owner=None, now=later(at)) for at in (0, 1)
    )

    assert first == second
    assert draft.events.filter(action="escalated").count() == 1


def test_what_was_closed_can_be_raised_again():
    ann = make_lead("ann")
    first = raised(by=ann)
    escalations.close(first, by=ann, resolution="Paid.", now=later(60))

    assert raised(by=ann, now=later(90)) != first


def test_an_agent_raises_none():
    ann = make_user("ann", "Agent")

    with pytest.raises(Refused):
        raised(by=ann)


def test_closing_needs_a_resolution():
    row = raised()

    with pytest.raises(Refused, match="Enter a resolution"):
        escalations.close(row, by=row.owner, resolution="  ", now=NOW)
    escalations.close(row, by=row.owner, resolution="Refunded.", now=NOW)
    row.refresh_from_db()
    assert (row.closed_at, row.closed_by, row.resolution) == (NOW, row.owner, "Refunded.")


def test_it_is_closed_once():
    row = raised()
    escalations.close(row, by=row.owner, resolution="Refunded.", now=NOW)

    with pytest.raises(Refused, match="already"):
        escalations.close(row, by=row.owner, resolution="Rejected.", now=NOW)
    assert Escalation.objects.get().resolution == "Refunded."


def test_an_agent_closes_only_what_is_that_agent_s():
    ann = make_user("ann", "Agent")
    row, own = raised(), raised(kind="legal")
    own.owner = ann  # who decided when it was raised
    own.save()

    with pytest.raises(Refused):
        escalations.close(row, by=ann, resolution="Done.", now=NOW)
    escalations.close(own, by=ann, resolution="Done.", now=NOW)


# By labels and rules


def test_a_label_that_a_rule_names_raises_one():
    make_lead("lea")
    make_waiting()

    labelled(["legal"])
    labelled(["legal", "billing"], ["legal"], at=120)

    row = Escalation.objects.get()
    assert (row.kind, row.owner.username, row.raised_by) == ("legal", "lea", None)


def test_a_closed_one_stays_closed_while_its_label_stays():
    make_lead("lea")
    make_waiting()
    labelled(["legal"])
    row = Escalation.objects.get()

    escalations.close(row, by=row.owner, resolution="Answered by counsel.", now=later(90))
    labelled(["legal", "billing"], ["legal"], at=120)

    assert Escalation.objects.count() == 1


def test_a_label_set_again_raises_another():
    make_lead("lea")
    make_waiting()
    labelled(["legal"])
    row = Escalation.objects.get()
    escalations.close(row, by=row.owner, resolution="Answered by counsel.", now=later(90))

    labelled([], ["legal"], at=120)
    labelled(["legal"], [], at=180)

    assert Escalation.objects.filter(closed_at=None).count() == 1


@pytest.mark.parametrize("typed", ["Legal", " LEGAL "])
def test_a_rule_meets_a_label_in_any_case(typed):
    make_lead("lea")
    make_waiting()
    EscalationRule.objects.filter(label="legal").update(label=typed)

    labelled(["legal"])

    assert Escalation.objects.get().kind == "legal"


def test_a_rule_that_is_switched_off_raises_none():
    make_lead("lea")
    make_waiting()
    EscalationRule.objects.update(enabled=False)

    labelled(["legal"])

    assert not Escalation.objects.exists()


def test_the_least_loaded_of_the_inbox_gets_it():
    busy, elsewhere = make_lead("anna"), make_inbox(inbox_id=9)
    make_lead("berta")
    make_user("aaron", "Lead", inboxes=[elsewhere])
    make_user("aard", is_superuser=True)
    raised(by=busy)

    assert escalations.least_loaded(conversation()).username == "berta"


# Pages


@pytest.mark.parametrize(
    ("state", "shown"), [("overdue", {"late"}), ("open", {"late", "in time"}), ("closed", {"over"})]
)
@pytest.mark.every_row
def test_the_list_finds_what_is_overdue(state, shown):
    long_ago = NOW - timedelta(days=3000)
    late, in_time, over = (raised(reason=words) for words in ("late", "in time", "over"))
    Escalation.objects.filter(pk=late.pk).update(due_at=long_ago)
    Escalation.objects.filter(pk=in_time.pk).update(due_at=NOW + timedelta(days=30000))
    Escalation.objects.filter(pk=over.pk).update(due_at=long_ago, closed_at=NOW)

    found = signed_in(make_lead()).get(LIST, {"state": state}).context_data["cl"].result_list

    assert {row.reason for row in found} == shown


def test_a_person_raises_one_without_a_draft():
    lead = make_lead("lea")
    where = reverse("admin:knowledge_escalation_raise", args=[conversation().pk])
    client = signed_in(lead)

    assert client.get(where).status_code == 200
    client.post(where, {"kind": "vip", "level": "3", "owner": lead.pk, "reason": "The founder writes."})

    row = Escalation.objects.get()
    assert (row.kind, row.level, row.owner, row.reason) == ("vip", 3, lead, "The founder writes.")


def test_without_details_the_form_comes_back_with_what_was_chosen():
    where = reverse("admin:knowledge_escalation_raise", args=[conversation().pk])
    answer = signed_in(make_lead()).post(where, {"kind": "vip", "level": "3", "reason": " "})

    assert answer.status_code == 400
    assert '<option value="vip" selected>' in answer.content.decode()


def test_the_page_closes_it():
    row = raised()
    client = signed_in(row.owner)

    assert (
        client.post(
            reverse("admin:knowledge_escalation_close", args=[row.pk]), {"resolution": ""}
        ).status_code
        == 400
    )
    client.post(reverse("admin:knowledge_escalation_close", args=[row.pk]), {"resolution": "Refunded."})

    row.refresh_from_db()
    assert row.resolution == "Refunded."
    assert (
        "Refunded."
        in client.get(reverse("admin:knowledge_escalation_change", args=[row.pk])).content.decode()
    )


@pytest.mark.parametrize("page", ["change", "close"])
def test_another_inbox_s_is_absent(page):
    row = raised()
    pat = signed_in(make_user("pat", "Lead", inboxes=[make_inbox(inbox_id=9)]))
    where = reverse(f"admin:knowledge_escalation_{page}", args=[row.pk])

    answer = pat.get(where) if page == "change" else pat.post(where, {"resolution": "Mine."})
    assert answer.status_code in (302, 404)
    assert Escalation.objects.get().closed_at is None


def test_the_draft_s_page_takes_the_reason():
    lead, draft = make_lead("lea"), make_draft()

    press(
        signed_in(lead),
        draft,
        "escalate",
        reason="He shouts.",
        kind="angry_customer",
        level="1",
        owner=lead.pk,
    )

    row = Escalation.objects.get()
    assert (row.kind, row.level, row.draft) == ("angry_customer", 1, draft)


@pytest.mark.parametrize(("group", "status"), [("Agent", 403), ("Manager", 200)])
def test_rules_are_changed_by_managers(group, status):
    where = reverse("admin:knowledge_escalationrule_add")

    assert signed_in(make_user("pat", group)).get(where).status_code == status


def test_a_rule_of_a_label_names_it():
    client = signed_in(make_user("mia", "Manager"))
    where = reverse("admin:knowledge_escalationrule_add")

    answer = client.post(where, {"on": "label", "label": "", "kind": "vip", "level": "2", "enabled": "on"})

    assert "Enter the label" in answer.content.decode()
