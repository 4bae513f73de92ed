"""The fold converges: the same events in any order, any number of times, end in the same state (design, promise 5).

Histories come from the simulated Chatwoot, with ties, late payloads and updates that carry no version.
"""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOW, conversation_object, make_delivery, make_source, message_event, run_due
from webhooks.mirror import fold
from webhooks.models import Conversation, StatusChange
from webhooks.simulator.history import generate_history

SEEDS = st.integers(0, 2**32)


class Folded:
    """What the pure fold knows after some events."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.conversations: dict[int, fold.Registers] = defaultdict(dict)
        self.messages: dict[int, fold.Registers] = defaultdict(dict)
        for event in events:
            self.apply(event)

    def apply(self, event: dict[str, Any]) -> None:
        about = event["conversation"] if event["event"].startswith("message_") else event
        if event["event"].startswith("message_"):
            self.messages[event["id"]] = fold.join(self.messages[event["id"]], fold.message(event))
        elif not event["event"].startswith("conversation_"):
            return
        seen = fold.conversation(about) | fold.told_of_status(event)
        self.conversations[about["id"]] = fold.join(self.conversations[about["id"]], seen)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other)


def mixed(events: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """The same events shuffled, about a third of them twice or more."""
    again = rng.choices(events, k=len(events) // 3)
    return rng.sample(events + again, k=len(events) + len(again))


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_any_order_and_any_repetition_fold_to_the_same_state(seed):
    rng = random.Random(seed)
    events, _ = generate_history(rng, 25)

    assert Folded(mixed(events, rng)) == Folded(mixed(events, rng)) == Folded(events)


VALUES = st.none() | st.booleans() | st.text(max_size=3) | st.lists(st.integers(0, 3), max_size=2)
REGISTERS = st.dictionaries(
    st.sampled_from("abc"), st.tuples(st.sampled_from([0.0, 1.0, 1.5]), VALUES).map(list), max_size=3
)


@given(one=REGISTERS, two=REGISTERS, three=REGISTERS)
def test_join_is_commutative_associative_and_idempotent(one, two, three):
    assert fold.join(one, two) == fold.join(two, one)
    assert fold.join(fold.join(one, two), three) == fold.join(one, fold.join(two, three))
    assert fold.join(one, one) == one


def newest(found: dict[int, dict[float, list]], key: int) -> tuple[float, list]:
    """The highest version seen of it, and the different values seen at that version."""
    version = max(found[key])
    different = [value for n, value in enumerate(found[key][version]) if value not in found[key][version][:n]]
    return version, different


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_conversations_end_at_chatwoots_own_truth_where_their_versions_tell(seed):
    rng = random.Random(seed)
    events, world = generate_history(rng, 25)
    told: dict[int, dict[float, list]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        about = event["conversation"] if event["event"].startswith("message_") else event
        if "updated_at" in about:
            told[about["id"]][about["updated_at"]].append((about["status"], about["labels"]))
    folded = Folded(mixed(events, rng))

    for number, truth in world.conversations.items():
        version, different = newest(told, number)
        state = fold.values(folded.conversations[number])
        assert (state["status"], state["labels"]) in different or len(different) > 1
        if version == round(truth.updated_at, 6) and len(different) == 1:
            assert (state["status"], state["labels"]) == (truth.status, truth.label_list)


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_messages_end_at_chatwoots_own_truth_where_their_versions_tell(seed):
    rng = random.Random(seed)
    events, world = generate_history(rng, 25)
    folded = Folded(mixed(events, rng))

    for number, truth in world.messages.items():
        if truth.message_type == "activity":
            continue
        registers = folded.messages[number]
        version, content = registers["content"]
        assert bool(fold.values(registers).get("deleted")) == bool(truth.content_attributes.get("deleted"))
        told = [e for e in events if e["event"].startswith("message_") and e["id"] == number]
        if any(fold.is_unversioned_update(event) for event in told):
            continue  # a hint to read it: what the site then does
        ties = {seen["content"][1] for seen in map(fold.message, told) if seen["content"][0] == version}
        if version == fold.number(_iso(truth.updated_at)) and len(ties) == 1:
            assert content == truth.content


def _iso(time: float) -> str:
    from webhooks.simulator.payloads import iso

    return iso(time)


def mirrored(events: list[dict[str, Any]]) -> tuple[list[Any], list[str]]:
    """What the database holds after these events, each delivered and processed by itself; and how they ended."""
    with transaction.atomic():
        source, ends = make_source(), []
        for event in events:
            make_delivery(event, source=source)
            ends.append(run_due("in", now=NOW)[-1].status)
        rows = Conversation.objects.order_by("display_id").select_related(
            "waiting_message", "contact", "inbox"
        )
        state = [
            (
                row.registers, row.status, row.labels, row.can_reply, row.waiting_since, row.contact.name,
                row.inbox.name, row.waiting_message and row.waiting_message.message_id,
                list(row.messages.order_by("message_id").values_list("registers", "content", "status", "deleted", "attachments")),
            )
            for row in rows
        ]  # fmt: skip
        history = StatusChange.objects.order_by("conversation__display_id", "at", "previous", "current")
        state.append(list(history.values_list("conversation__display_id", "at", "previous", "current")))
        transaction.set_rollback(True)
    return state, ends


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_the_database_holds_the_same_after_any_order(seed):
    rng = random.Random(seed)
    events, _ = generate_history(rng, 15)

    straight, ends = mirrored(events)
    shuffled, _ = mirrored(mixed(events, rng))

    assert set(ends) == {"DONE"}
    assert shuffled == straight


def first(payload: dict[str, Any], *more: dict[str, Any]) -> fold.Registers:
    known = fold.message(payload)
    for seen in more:
        known = fold.join(known, fold.message(seen))
    return known


def test_a_deleted_message_stays_deleted_whatever_comes_later():
    gone = message_event(event="message_updated", content_attributes={"deleted": True})
    newer = message_event(at=NOW + timedelta(hours=1))

    assert fold.values(first(gone, newer))["deleted"] is True


def test_attachments_that_are_gone_are_gone():
    with_one = message_event(attachments=[{"id": 1}])
    without = message_event(event="message_updated", at=NOW + timedelta(seconds=1))

    assert fold.values(first(without, with_one))["attachments"] == []


def test_an_update_without_a_version_does_not_overrule_one_with_a_version():
    unversioned = message_event(content="zzz", event="message_updated") | {
        "conversation": conversation_object()
    }

    assert fold.values(first(message_event(content="as told"), unversioned))["content"] == "as told"


def test_what_was_read_counts_as_of_when_it_was_read():
    listed = {"id": 100, "content": "as read", "message_type": 0, "created_at": int(NOW.timestamp())}

    read = fold.read_message(listed, read_at=NOW + timedelta(seconds=5))
    later = fold.message(message_event(content="edited", at=NOW + timedelta(seconds=9)))

    assert fold.values(fold.join(first(message_event()), read))["content"] == "as read"
    assert fold.values(fold.join(read, later))["content"] == "edited"


@pytest.mark.parametrize("order", [1, -1], ids=["closed last", "closed first"])
def test_of_two_equal_versions_the_closed_window_is_the_later(order):
    both = [fold.conversation(conversation_object(can_reply=can)) for can in (True, False)][::order]

    assert fold.values(fold.join(*both))["window_closed"] is True


def test_a_new_message_opens_the_window_again():
    closed = fold.conversation(conversation_object(can_reply=False))
    opened = fold.conversation(conversation_object(can_reply=True, updated_at=NOW.timestamp() + 1))

    assert fold.values(fold.join(opened, closed))["window_closed"] is False


ANSWERS = {
    "a person": ({}, True),
    "a note": ({"private": True}, False),
    "a bot": ({"sender": {"id": 1, "type": "agent_bot"}}, False),
    "nobody": ({"sender": None}, False),
    "a contact": ({"sender": {"id": 5, "name": "Ada"}}, False),
    "an automation rule": ({"content_attributes": {"automation_rule_id": 4}}, False),
    "a campaign": ({"additional_attributes": {"campaign_id": 4}}, False),
    "a template": ({"message_type": "template"}, False),
    "a survey": ({"content_type": "input_csat"}, False),
    "one that failed": ({"content_attributes": {"external_error": "Mailbox full"}}, False),
    "one that was deleted": ({"content_attributes": {"deleted": True}}, False),
    "the customer": ({"message_type": "incoming"}, False),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_one_predicate_says_what_a_persons_answer_is(case):
    facts, expected = ANSWERS[case]

    state = fold.values(fold.message(message_event(kind="outgoing", **facts)))

    assert fold.is_person_answer(state) is expected


CUSTOMERS = {
    "a question": ({}, True),
    "attachments alone": ({"content": None, "attachments": [{"id": 1}]}, True),
    "an answer to a survey": ({"content_type": "input_csat"}, False),
    "a reaction": ({"content_attributes": {"is_reaction": True}}, False),
    "an auto-reply": ({"content_attributes": {"auto_reply": True}}, False),
    "an auto-reply by mail": ({"content_attributes": {"email": {"auto_reply": True}}}, False),
    "a bounce": ({"content_attributes": {"email": {"from": ["Mailer-Daemon@mx.example"]}}}, False),
    "a bounce that names its sender as text": (
        {"content_attributes": {"email": {"from": "no-reply@shop.example"}}},
        False,
    ),
    "a mail": ({"content_attributes": {"email": {"from": ["ada@example.com"]}}}, True),
    "one that was deleted": ({"content_attributes": {"deleted": True}}, False),
    "a private one": ({"private": True}, False),
}


@pytest.mark.parametrize("case", CUSTOMERS)
def test_one_predicate_says_what_a_customers_message_is(case):
    facts, expected = CUSTOMERS[case]

    assert fold.is_customer_message(fold.values(fold.message(message_event(**facts)))) is expected
