"""Which version of a policy and of a calendar a clock keeps, and what a deletion in Chatwoot does to it."""

from datetime import timedelta

import pytest

from knowledge.models import BusinessCalendar
from reports.models import SLAPolicy
from reports.policies import versions
from tests.factories import NOW, later, make_inbox
from tests.reports.clocks.test_clocks import answered, hear, rows, wrote
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seeded(seeded) -> None:
    make_inbox()


# Which version counts


def test_a_running_clock_keeps_its_policy_s_version():
    hear(wrote())
    policy = SLAPolicy.objects.get()
    versions.change(policy, {"first_response_s": 60, "valid_from": later(10)}, now=NOW)

    hear(wrote(102, 20), at=20)

    assert rows("policy_version", "due_at")[0] == (1, later(3600))


def test_a_clock_that_starts_later_takes_the_new_one():
    versions.change(SLAPolicy.objects.get(), {"first_response_s": 60, "valid_from": later(-10)}, now=NOW)

    hear(wrote())

    assert rows("policy_version", "due_at")[0] == (2, later(60))


def test_a_holiday_entered_later_moves_no_clock_that_ran_before():
    hear(wrote())
    calendar = BusinessCalendar.objects.get()
    calendar.closures = [{"date": "2026-11-23", "name": "Forgotten"}]
    calendar.version += 1
    calendar.save()
    kept = calendar.history.latest()
    kept.history_date = later(60)
    kept.save()

    hear(wrote(102, 120), at=120)

    assert rows("calendar_version", "due_at")[0] == (1, later(3600))


# What was promised stays promised


def a_kinder_policy(**facts) -> SLAPolicy:
    targets = {"first_response_s": 10**6, "next_response_s": 10**6, "resolution_s": 10**6}
    return SLAPolicy.objects.create(name="Kind", order=1, valid_from=NOW - timedelta(days=1), **targets)


def test_a_policy_that_begins_in_the_past_changes_no_clock_that_was_decided():
    hear(wrote(), answered(at=2 * 3600), at=2 * 3600)
    decided = rows("state", "due_at", "policy_id")[0]

    a_kinder_policy()
    hear(wrote(102, 3 * 3600), at=3 * 3600)

    assert decided[0] == "missed"
    assert rows("state", "due_at", "policy_id")[0] == decided


def test_nor_one_that_runs():
    hear(wrote())

    a_kinder_policy()
    hear(wrote(102, 60), at=60)

    assert rows("due_at")[0] == (later(3600),)


def test_but_serves_conversations_that_are_heard_of_later():
    kind = a_kinder_policy()

    hear(wrote())

    assert rows("policy_id")[0] == (kind.pk,)


# Deleted in Chatwoot


def deleted(at: float) -> dict:
    """As reconciling records it, when a read answers 404."""
    event = {"event": "conversation_deleted", "id": 7, "deleted_at": later(at).timestamp()}
    return event | {"account": {"id": 1, "name": "Acme"}}


def test_6_what_is_deleted_in_chatwoot_is_cancelled():
    hear(wrote(), deleted(600), at=600)

    assert rows("metric", "state", "stopped_at", "closed_unanswered") == [
        ("first_response", "cancelled", later(600), False),
        ("resolution", "cancelled", later(600), False),
    ]


def test_6_what_was_decided_before_stays_so():
    hear(wrote(), answered(), deleted(7200), at=7200)

    assert rows("metric", "state") == [("first_response", "met"), ("resolution", "cancelled")]


def test_6_nobody_is_reminded_of_what_is_deleted():
    hear(wrote(), deleted(600), at=600)

    conversation = Conversation.objects.get()
    assert (conversation.reply_due_at, conversation.clocks_look_at) == (None, None)
