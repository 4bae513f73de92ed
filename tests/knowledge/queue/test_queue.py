"""Every waiting customer is in the queue, exactly once, whatever happened to a draft (design, promise 7)."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.queue import queue
from knowledge.replies import decisions
from tests.factories import (
    GRADES,
    NOW,
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
from tests.thorough import examples
from webhooks.models import Conversation, Inbox

pytestmark = pytest.mark.django_db


def waiting(user=None) -> list[int]:
    return [row.conversation.display_id for row in queue.waiting(user or make_lead(), now=NOW)]


def test_who_wrote_waits():
    make_waiting()

    assert waiting() == [7]


def test_who_wrote_three_times_waits_once_since_the_first():
    make_waiting()
    for number in (101, 102):
        deliver(message_event(number, at=later(number)), now=later(number))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert (row.waiting_since, row.conversation.waiting_message.message_id) == (NOW, 102)


def test_who_was_answered_does_not():
    make_waiting()
    deliver(message_event(101, kind="outgoing", at=later(60)), now=later(60))

    assert waiting() == []


def told(status: str, previous: str, *, after: float, **facts) -> dict:
    """Chatwoot says that the conversation's status changed."""
    changed = [{"status": {"previous_value": previous, "current_value": status}}]
    about = conversation_object(status=status, updated_at=later(after).timestamp(), **facts)
    return {"event": "conversation_status_changed", "changed_attributes": changed} | about


def wrote(number: int, after: float, status: str, **facts) -> dict:
    about = conversation_object(status=status, updated_at=later(after).timestamp())
    return message_event(number, at=later(after), conversation=about, **facts)


def by_bot(kind: str) -> dict:
    return {"meta": {"sender": {"id": 5, "name": "Ada"}, "assignee": {"id": 1, "name": "Bot", "type": kind}}}


# (what Chatwoot told after a first message of the customer's at 0 s, whether the customer waits)
STATUSES = {
    "resolved": ([told("resolved", "open", after=60)], False),
    "resolved, then the customer writes": (
        [told("resolved", "open", after=60), wrote(101, 90, "open"), told("open", "resolved", after=90)], True,
    ),
    "answered, set to pending, then the customer writes": (
        [wrote(101, 30, "open", kind="outgoing"), told("pending", "open", after=60), wrote(102, 90, "pending")], True,
    ),
    "answered and set to pending, without an event": (
        [wrote(101, 30, "open", kind="outgoing"), wrote(102, 90, "pending")], True,
    ),
    "set to pending unanswered, without an event": ([wrote(101, 90, "pending")], True),
    "resolved and pending again for a bot, without an event": (
        [wrote(101, 60, "resolved", private=True, kind="outgoing"), wrote(102, 90, "pending")], False,
    ),
    "answered and set to pending": (
        [wrote(101, 30, "open", kind="outgoing"), told("pending", "open", after=60)], False,
    ),
    "set to pending unanswered": ([told("pending", "open", after=60)], True),
    "snoozed unanswered": ([told("snoozed", "open", after=60)], True),
    "answered and snoozed": ([wrote(101, 30, "open", kind="outgoing"), told("snoozed", "open", after=60)], False),
    "pending again since the customer wrote, for a bot": (
        [told("resolved", "open", after=60), wrote(101, 90, "pending"), told("pending", "resolved", after=90.4)], False,
    ),
    "resolved, then set to pending by a person": (
        [told("resolved", "open", after=60), told("pending", "resolved", after=90), wrote(101, 900, "pending")], True,
    ),
    "given to Captain": ([told("pending", "open", after=60, **by_bot("captain_assistant"))], False),
    "given to a bot, and open": ([told("open", "resolved", after=60, **by_bot("agent_bot"))], False),
    "handed over by a bot that is still named": ([told("open", "pending", after=60, **by_bot("agent_bot"))], True),
}  # fmt: skip


@pytest.mark.parametrize("case", STATUSES)
@pytest.mark.parametrize("order", [1, -1], ids=["as told", "the other way round"])
@pytest.mark.every_row
def test_who_wrote_last_decides_who_waits_and_not_the_status(case, order):
    events, expected = STATUSES[case]
    make_inbox()

    for event in [message_event(), *events][::order]:
        deliver(event, now=later(1000))

    assert waiting() == ([7] if expected else [])


def test_pending_since_it_began_is_a_bots():
    make_waiting(status="pending")

    assert waiting() == []


def test_pending_since_it_began_is_a_persons_where_one_has_it():
    meta = {"sender": {"id": 5, "name": "Ada"}, "assignee": {"id": 3, "name": "Maria", "type": "user"}}
    make_waiting(status="pending", meta=meta)

    assert waiting() == [7]


def test_what_a_bot_had_waits_once_it_is_handed_over():
    make_waiting(status="pending")
    deliver(told("open", "pending", after=60), now=later(60))

    assert waiting() == [7]


@pytest.mark.parametrize("field", ["assignee_type", "ai_assignee_type"])
def test_an_assistant_is_known_by_the_type_that_is_told_beside_it(field):
    meta = {
        "sender": {"id": 5, "name": "Ada"},
        "assignee": {"id": 3, "name": "X"},
        field: "Captain::Assistant",
    }
    make_waiting(meta=meta)

    assert waiting() == []


def test_a_bots_number_does_not_rename_a_colleague():
    meta = {"sender": {"id": 5, "name": "Ada"}, "assignee": {"id": 1, "name": "Mia", "type": "user"}}
    make_waiting(meta=meta)
    deliver(told("pending", "open", after=60, **by_bot("agent_bot")), now=later(60))

    registers = Conversation.objects.get().registers
    assert (registers["user/1"][1], registers["assignee"][1]) == ("Mia", "Bot")


@pytest.mark.parametrize("status", ["open", "pending", "snoozed"])
def test_a_row_says_that_chatwoot_has_it_pending_or_snoozed(status):
    make_waiting()
    if status != "open":
        deliver(told(status, "open", after=60), now=later(60))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.status == status


@pytest.mark.parametrize("subject", ["Auto: Motor startet nicht", "Hello"])
def test_a_mail_that_looks_automatic_waits_and_says_so(subject):
    make_inbox()
    attributes = {"email": {"subject": subject, "from": ["ada@example.com"], "auto_reply": False}}
    deliver(message_event(content_type="incoming_email", content_attributes=attributes))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.looks_automatic is subject.startswith("Auto")


def without_version(event: dict, at: float) -> dict:
    """As Chatwoot 4.0 and 3.x send it: `timestamp`, the last activity in whole seconds, and no updated_at."""
    about = event.get("conversation", event)
    for name in ("updated_at", "last_activity_at"):
        about.pop(name, None)
    about["timestamp"] = int(later(at).timestamp())
    return event


@pytest.mark.parametrize("order", [1, -1], ids=["as told", "the other way round"])
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (lambda: [without_version(told("resolved", "open", after=60), 0)], []),
        (
            lambda: [
                without_version(told("resolved", "open", after=60), 0),
                without_version(wrote(101, 90, "open"), 90),
            ],
            [7],
        ),
        (
            lambda: [
                without_version(told("resolved", "open", after=60), 0),
                without_version(told("open", "resolved", after=70), 0),
            ],
            [7],
        ),
    ],
    ids=["resolved", "reopened by the customer", "reopened by a person, without activity"],
)
def test_conversations_without_a_version_are_ordered_by_activity_and_change(events, expected, order):
    make_inbox()

    for event in [without_version(message_event(), 0), *events()][::order]:
        deliver(event, now=later(1000))

    assert waiting() == expected


def test_a_window_opens_again_where_there_is_no_version():
    make_inbox(channel="Channel::Whatsapp")
    whatsapp = {"channel": "Channel::Whatsapp"}
    old = message_event(conversation=conversation_object(can_reply=False, **whatsapp), at=later(-90_000))
    new = message_event(101, conversation=conversation_object(**whatsapp), at=later(-60))
    for event, at in ((old, -90_000), (new, -60)):
        deliver(without_version(event, at))

    assert Conversation.objects.get().can_reply


def test_an_inbox_without_drafting_is_not_shown():
    make_waiting()
    Inbox.objects.update(drafting=False)

    assert waiting() == []


def rejected(draft) -> None:
    decisions.reject(draft, by=make_lead(), revision=1, grades=GRADES, reason="no", now=NOW)


def parked(draft) -> None:
    decisions.transition(make_approved(draft), "PARKED", now=NOW, action="parked")


def closed(draft) -> None:
    parked(draft)
    decisions.close(draft, by=make_lead(), now=NOW)


FATES = {
    "proposed": lambda draft: None,
    "approved": make_approved,
    "rejected": rejected,
    "withdrawn": lambda draft: decisions.transition(draft, "WITHDRAWN", now=NOW, action="x"),
    "expired": lambda draft: decisions.transition(draft, "EXPIRED", now=NOW, action="x"),
    "stale": lambda draft: decisions.transition(draft, "STALE", now=NOW, action="x"),
    "parked": parked,
    "closed": closed,
}


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.every_row
def test_whatever_happened_to_the_draft_the_customer_waits_once(fate):
    FATES[fate](make_draft())

    assert waiting() == [7]


def test_two_drafts_make_one_row_that_shows_the_newer():
    message = make_waiting()
    make_draft(message)
    newer = make_draft(message, author="Agent two", text="Something else.")

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.draft == newer


def test_a_draft_for_an_older_message_is_not_shown():
    make_draft()
    deliver(message_event(101, at=later(60)), now=later(60))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.draft is None


def test_people_see_the_inboxes_they_belong_to():
    make_waiting()
    other = make_inbox(inbox_id=3)

    assert waiting(make_user("bob", "Agent", inboxes=[Inbox.objects.get(inbox_id=2)])) == [7]
    assert waiting(make_user("charlie", "Agent", inboxes=[other])) == []


def test_the_most_urgent_come_first():
    make_inbox(inbox_id=3, channel="Channel::Whatsapp")
    chat, whatsapp = {"inbox_id": 2}, {"inbox_id": 3, "channel": "Channel::Whatsapp"}
    for number, age, where in ((8, 7200, chat), (9, 60, chat), (10, 86_000, whatsapp)):
        about = conversation_object(number, **where)
        deliver(message_event(number * 100, conversation=about, at=NOW - timedelta(seconds=age)))

    assert waiting() == [10, 8, 9]


def test_a_window_that_closes_by_the_clock_is_shown():
    make_inbox(channel="Channel::Whatsapp")
    deliver(message_event(conversation=conversation_object(channel="Channel::Whatsapp")))

    (row,) = queue.waiting(make_lead(), now=NOW)

    assert row.window_closes_at == NOW + timedelta(hours=24)


# A letter a message: customer, answer, note, bot, survey answer.
KINDS = {
    "c": {"kind": "incoming"},
    "a": {"kind": "outgoing"},
    "n": {"kind": "outgoing", "private": True},
    "b": {"kind": "outgoing", "sender": {"id": 9, "name": "Bot", "type": "agent_bot"}},
    "s": {"kind": "incoming", "content_type": "input_csat"},
}


@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.text("cccaanbs", max_size=6), seed=st.randoms(use_true_random=False))
def test_a_customer_waits_exactly_when_nobody_answered_the_last_message(said, seed):
    order = list(enumerate(said))
    seed.shuffle(order)
    with transaction.atomic():
        make_inbox()
        for number, letter in order:
            deliver(message_event(100 + number, at=later(number * 60), **KINDS[letter]), now=later(3600))
        rows = queue.waiting(make_lead(), now=later(3600))
        since = [row.waiting_since for row in rows]
        transaction.set_rollback(True)

    unanswered = said.rpartition("a")[2]
    first = len(said) - len(unanswered) + unanswered.find("c")
    assert since == ([later(first * 60)] if "c" in unanswered else [])
