"""Failures that are alike are told as one, noted, muted and left when they succeed."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.factories import (
    NOW,
    conversation_object,
    later,
    make_delivery,
    make_lead,
    make_source,
    message_event,
    numbers,
)
from tests.webhooks.people import PEOPLE, sign_in
from webhooks import deliveries
from webhooks.deliveries import failure_groups
from webhooks.models import Attempt, Delivery, FailureNote

pytestmark = pytest.mark.django_db
ONE, OTHER = "a" * 16, "b" * 16


def make_failed(
    fingerprint: str = ONE, *, conversation: int = 7, status: str = "DEAD", **facts: Any
) -> Delivery:
    source = facts.pop("source", None)
    payload = message_event(next(numbers), conversation=conversation_object(conversation))
    row = make_delivery(payload, source=source)
    facts = {"received_at": NOW, "last_error": "Chatwoot answered 502.", "attempts": 1} | facts
    Delivery.objects.filter(pk=row.pk).update(
        error_fingerprint=fingerprint, status=status, held_for="rule" if status == "HELD" else "",
        next_attempt_at=NOW if status == "PENDING" else None, **facts,
    )  # fmt: skip
    row.refresh_from_db()
    return row


def one(fingerprint: str = ONE) -> failure_groups.Group:
    group = failure_groups.get(fingerprint, now=NOW)
    assert group is not None
    return group


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:webhooks_failurenote_{name}", args=args)


def test_failures_with_one_fingerprint_are_one_group():
    make_failed(status="DEAD")
    make_failed(status="HELD")
    make_failed(status="PENDING")

    assert (one().total, one().dead, one().held, one().retrying) == (3, 1, 1, 1)


def test_a_group_counts_conversations_not_deliveries():
    for conversation in (7, 7, 8):
        make_failed(conversation=conversation)

    assert one().conversations == 2


def test_equal_numbers_in_two_chatwoots_are_two_conversations():
    make_failed()
    make_failed(source=make_source("other"))

    assert (one().conversations, [source.slug for source in one().sources]) == (2, ["acme", "other"])


def test_a_group_begins_when_its_first_came():
    make_failed(received_at=later(-3600))
    make_failed()

    assert one().first_at == later(-3600)


def test_a_group_was_last_seen_when_one_was_last_tried():
    row = make_failed(status="PENDING", attempts=2)
    Attempt.objects.create(delivery=row, number=2, started_at=later(600))

    assert one().last_at == later(600)


def test_the_trend_counts_new_failures_by_day():
    for days in (0, 0, 2, 8):
        make_failed(received_at=NOW - timedelta(days=days))

    assert [count for _, count in one().days] == [0, 0, 0, 0, 1, 0, 2]


def test_what_succeeded_leaves_its_group():
    row = make_failed()

    Delivery.objects.filter(pk=row.pk).update(status="DONE", error_fingerprint="")

    assert failure_groups.get(ONE, now=NOW) is None


@pytest.mark.parametrize("status", ["DONE", "CANCELLED"])
def test_what_nobody_waits_for_is_no_failure(status):
    make_failed(status=status)

    assert failure_groups.groups(now=NOW) == []


def test_the_latest_group_comes_first_and_muted_ones_last():
    make_failed(OTHER, received_at=later(-60), finished_at=later(-60))
    make_failed(ONE, received_at=NOW, finished_at=NOW)
    keys = [group.fingerprint for group in failure_groups.groups(now=NOW)]

    failure_groups.mute(ONE, by=make_lead(), now=NOW)

    muted_below = [group.fingerprint for group in failure_groups.groups(now=NOW)]
    assert (keys, muted_below) == ([ONE, OTHER], [OTHER, ONE])


def test_a_muted_group_calls_nobody():
    make_failed(ONE)
    kept = make_failed(OTHER)

    failure_groups.mute(ONE, by=make_lead(), now=NOW)

    assert list(failure_groups.unmuted()) == [kept]


def test_a_muted_group_says_how_many_came_since():
    for seconds in (-60, 60, 120):
        make_failed(received_at=later(seconds))

    failure_groups.mute(ONE, by=make_lead(), now=NOW)

    assert str(one().since_mute) == "2"


def test_an_unmuted_group_calls_again():
    row = make_failed()
    lead = make_lead()
    failure_groups.mute(ONE, by=lead, now=NOW)

    failure_groups.unmute(ONE, by=lead, now=later(60))

    assert list(failure_groups.unmuted()) == [row]


def test_a_note_stays_when_a_group_is_muted():
    lead = make_lead()
    failure_groups.note(ONE, " Ada is on it. ", by=lead, now=NOW)

    failure_groups.mute(ONE, by=lead, now=later(60))

    note = FailureNote.objects.get()
    assert (note.note, note.muted_at, note.by) == ("Ada is on it.", later(60), lead)


def test_a_replay_keeps_its_group_until_it_succeeds():
    row = make_failed()

    deliveries.replay(row, by=make_lead(), reason="Chatwoot is back.", now=NOW)

    assert (one().dead, one().retrying) == (0, 1)


def test_the_page_says_that_nothing_fails(seeded):
    assert "No failures" in sign_in("Operator").get(page("changelist")).content.decode()


def test_a_groups_page_leads_to_its_deliveries(seeded):
    row = make_failed()

    answer = sign_in("Operator").get(page("group", ONE))

    assert reverse("admin:webhooks_delivery_change", args=[row.pk]) in answer.content.decode()
    assert f"error_fingerprint={ONE}" in answer.content.decode()


def test_a_group_that_is_gone_leads_back_to_the_others(seeded):
    answer = sign_in("Operator").get(page("group", ONE))

    assert answer.url == page("changelist")


def test_an_operator_notes_and_mutes_by_hand(seeded):
    make_failed()
    client = sign_in("Operator")

    client.post(page("note", ONE), {"note": "Ada is on it."})
    client.post(page("mute", ONE))

    note = FailureNote.objects.get()
    assert (note.note, note.muted_at is not None, note.by.username) == ("Ada is on it.", True, "Operator")


@pytest.mark.parametrize("before", ["", "Known."])
def test_the_second_operator_to_save_a_note_sees_the_firsts(seeded, before):
    make_failed()
    if before:
        FailureNote.objects.create(fingerprint=ONE, note=before, changed_at=NOW)
    client = sign_in("Operator")
    seen = client.get(page("group", ONE)).context["form"].initial["seen_values"]
    assert client.post(page("note", ONE), {"note": "Ada is on it.", "seen_values": seen}).status_code == 302

    answer = client.post(page("note", ONE), {"note": "Ben is on it.", "seen_values": seen})

    assert (answer.status_code, FailureNote.objects.get().note) == (400, "Ada is on it.")
    shown = answer.content.decode()
    assert "Someone changed this while you were editing it" in shown
    assert "Ada is on it." in shown


@pytest.mark.parametrize("verb", ["note", "mute", "unmute"])
@pytest.mark.parametrize("person", sorted(set(PEOPLE) - {"anonymous", "Operator", "superuser"}))
def test_nobody_else_notes_or_mutes(seeded, person, verb):
    answer = sign_in(person).post(page(verb, ONE), {"note": "x"})

    assert (answer.status_code, FailureNote.objects.exists()) == (403, False)


def test_no_page_of_failures_shows_a_customers_words(seeded):
    make_failed()

    assert "Ada Park" not in sign_in("Operator").get(page("group", ONE)).content.decode()


def test_a_group_is_replayed_a_source_at_a_time(seeded):
    make_failed()
    make_failed(source=make_source("other"))
    client = sign_in("Operator")

    links = [address for _, address in client.get(page("group", ONE)).context["replays"]]

    assert [client.get(link).status_code for link in links] == [200, 200]


def test_replies_are_not_replayed_as_a_group(seeded):
    make_failed(direction="OUT", event="reply.send")

    assert sign_in("Operator").get(page("group", ONE)).context["replays"] == []


def test_what_was_no_event_is_a_group_as_well():
    make_delivery(b"no event")

    assert Delivery.objects.get().error_fingerprint
