"""The index: what needs attention, true figures, and a sidebar that fits its reader."""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Escalation
from knowledge.replies import decisions
from tests.factories import NOW, make_approved, make_draft, make_inbox, make_lead, make_source, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.replies.deciding import approve, flagged
from tests.webhooks.people import make_dead, sign_in
from webhooks.deliveries import failure_groups
from webhooks.models import Delivery, SendingSwitch, WorkerHost

pytestmark = pytest.mark.django_db


def test_a_stop_is_shown_on_the_index(seeded):
    SendingSwitch.objects.update(stopped=True, reason="Wrong prices.")

    assert "All sending is stopped" in sign_in("Lead").get(reverse("admin:index")).content.decode()


def test_an_empty_installation_offers_to_connect(seeded):
    assert "Connect Chatwoot</a>" in sign_in("superuser").get(reverse("admin:index")).content.decode()


def test_no_data_is_never_a_hundred_percent(seeded):
    make_source()

    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert "no data" in page
    assert "100 %" not in page


def test_what_was_escalated_to_a_person_needs_that_persons_attention(seeded):
    draft, mona = make_draft(), make_user("mona", "Manager")
    decisions.escalate(draft, by=make_lead(), owner=mona, reason="Ask you.", now=timezone.now())
    index = reverse("admin:index")

    page = signed_in(mona).get(index).content.decode()

    assert "1 escalation is assigned to you." in page
    address = html.unescape(re.search(r'href="([^"]+state=open[^"]*)"', page)[1])
    assert "Ask you." in signed_in(mona).get(address).content.decode()
    assert "assigned to you" not in signed_in(make_lead("lars")).get(index).content.decode()
    Escalation.objects.update(due_at=NOW)
    assert "1 escalation is assigned to you, 1 overdue." in signed_in(mona).get(index).content.decode()


def test_a_second_look_needs_the_attention_of_whoever_may_give_it(seeded):
    draft, first = flagged(make_draft()), make_lead()
    approve(draft, by=first)
    index = reverse("admin:index")

    assert "1 reply waits for your second look." in signed_in(make_lead("lars")).get(index).content.decode()
    assert "second look" not in signed_in(first).get(index).content.decode()


def test_dead_letters_need_attention(seeded):
    make_dead()

    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert "1 delivery has failed and will not be retried." in page


def test_every_figure_opens_its_rows(seeded):
    make_dead()
    client = sign_in("superuser")

    for section in client.get(reverse("admin:index")).context["sections"]:
        for figure in section["figures"]:
            answer = client.get(figure.link)
            assert answer.status_code == 200, figure.label


def test_the_sidebar_shows_what_its_reader_may_open(seeded):
    page = sign_in("Operator").get(reverse("admin:index")).content.decode()

    assert reverse("health_overview") in page
    assert reverse("admin:knowledge_draft_queue") not in page


def test_the_figure_of_dead_letters_is_the_number_that_needs_attention(seeded):
    """Incoming and outgoing, old and new: the sentence and the figure count the same rows."""
    make_dead()
    Delivery.objects.filter(pk=make_dead().pk).update(direction="OUT", received_at=NOW)
    client = sign_in("Operator")

    found = client.get(reverse("admin:index")).context

    (figure,) = [
        one for section in found["sections"] for one in section["figures"] if one.label == "Dead letters"
    ]
    assert figure.value == "2"
    assert any(need.text.startswith("2 deliveries have failed") for need in found["needs"])
    assert client.get(figure.link).context_data["cl"].result_count == 2


@pytest.mark.parametrize("settle", [decisions.close, decisions.arrived, decisions.resend])
@pytest.mark.every_row
def test_what_a_settled_reply_left_dead_is_no_alarm(seeded, settle):
    draft, lead = make_approved(), make_lead()
    decisions.transition(draft, "PARKED", now=NOW, action="parked", why="Too old.")
    Delivery.objects.filter(event="reply.send").update(status="DEAD", next_attempt_at=None, finished_at=NOW)
    assert failure_groups.unmuted().count() == 1

    settle(draft, by=lead, now=NOW)

    assert failure_groups.unmuted().count() == 0


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("Operator", "Nothing is stuck."),
        ("Lead", "No customer is waiting."),
        ("superuser", "No customer is waiting and nothing is stuck."),
    ],
)
@pytest.mark.every_row
def test_what_is_well_is_no_more_than_its_reader_can_know(seeded, group, words):
    make_source()
    WorkerHost.objects.create(host="one", pid=1, started_at=timezone.now(), beat_at=timezone.now())

    assert f"</span> {words}</p>" in sign_in(group).get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(("inboxes", "expected"), [([], True), (None, False)])
def test_a_person_without_inboxes_is_told_why_no_customer_waits(seeded, client, inboxes, expected):
    make_source()
    make_inbox()
    client.force_login(make_lead(inboxes=inboxes))

    assert ("You have no inboxes yet" in client.get(reverse("admin:index")).content.decode()) is expected
