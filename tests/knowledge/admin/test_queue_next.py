"""“Take the next” keeps to the filter on screen, and brings nothing that another person has."""

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.queue import assignments
from knowledge.replies import decisions, escalations
from tests.factories import make_lead
from tests.knowledge.admin.pressing import page_of, press, signed_in
from tests.knowledge.admin.test_queue_page import GERMAN, at_conversation, drafted, url, wrote
from webhooks.models import Delivery, Inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(seeded):
    return make_lead("maria")


def taken(user, queue: str = "") -> str:
    return signed_in(user).post(url("next"), {"queue": queue}).headers["Location"]


def inbox(number: int) -> str:
    return f"inbox={Inbox.objects.get(inbox_id=number).pk}"


FILTERS = {
    "inbox": lambda: inbox(3),
    "language": lambda: "language=en",
    "draft": lambda: "state=ready",
    "several": lambda: f"{inbox(3)}&language=en&who=unclaimed",
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.every_row
def test_next_keeps_to_the_filter_on_screen(maria, name):
    wrote(7, age=300, text=GERMAN)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)
    fits = drafted(8, inbox_id=3)

    assert taken(maria, FILTERS[name]()) == page_of(fits)


def test_where_none_is_left_in_the_filter_one_is_back_at_it(maria):
    drafted(7)
    where = "state=parked"

    assert taken(maria, where) == f"{url()}?{where}"


def test_a_language_that_is_chosen_counts_more_than_those_one_reads(maria):
    draft = drafted(7, text=GERMAN)
    signed_in(maria).post(url("languages"), {"language": ["en"]})

    assert taken(maria, "language=de") == page_of(draft)


def escalated(draft, bob):
    escalations.escalate(draft, by=make_lead("eve"), owner=bob, reason="May I?", now=timezone.now())


def escalated_and_assigned_to_me(draft, bob):
    escalated(draft, bob)
    maria = bob.__class__.objects.get(username="maria")
    assignments.assign(draft.conversation, owner=maria, by=bob, now=timezone.now())


def assigned(draft, bob):
    assignments.assign(draft.conversation, owner=bob, by=bob, now=timezone.now())


def claimed(draft, bob):
    decisions.claim(draft, by=bob, now=timezone.now())


@pytest.mark.parametrize("happens", [escalated, escalated_and_assigned_to_me, assigned, claimed])
@pytest.mark.parametrize("query", ["", "language=en"])
@pytest.mark.every_row
def test_next_never_brings_what_another_person_has(maria, happens, query):
    happens(drafted(7, age=300), make_lead("bob"))

    assert taken(maria, query).startswith(url())


def test_next_brings_what_was_escalated_to_oneself(maria):
    draft = drafted(7)
    escalated(draft, maria)

    assert taken(maria) == page_of(draft)


def test_a_second_look_is_not_brought_to_the_person_who_gave_the_first(maria):
    draft = drafted(7)
    type(draft).objects.filter(pk=draft.pk).update(status="SECOND_LOOK", first_look_by=maria)

    assert taken(maria) == url()
    assert taken(make_lead("eve")) == page_of(draft)


def test_rejecting_leads_on_to_another_customer(maria):
    draft, other = drafted(7, age=300), drafted(8)

    answer = press(signed_in(maria), draft, "reject", tone=1, accuracy=1, policy=1, note="Wrong article.")

    assert answer.headers["Location"] == page_of(other)


def test_rejecting_the_last_one_leads_to_the_queue(maria):
    draft = drafted(7)

    answer = press(signed_in(maria), draft, "reject", tone=1, accuracy=1, policy=1, note="Wrong article.")

    assert answer.headers["Location"] == url()


@pytest.mark.parametrize("verb", ["no-reply", "resolve"])
def test_what_needs_no_reply_leads_on(maria, verb):
    wrote(7)
    other = drafted(8)
    about = reverse(f"admin:webhooks_conversation_{verb}", args=[other.conversation_id - 1])

    answer = signed_in(maria).post(about)

    assert answer.headers["Location"] == page_of(other)


def test_the_page_of_a_customer_without_a_draft_can_be_taken(maria):
    wrote(7)
    Delivery.objects.filter(event="draft.request").update(status="DONE", next_attempt_at=None)

    assert taken(maria) == at_conversation(7)
