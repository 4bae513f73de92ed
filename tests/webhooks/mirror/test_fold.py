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
from tests.thorough import examples
from webhooks.mirror import attribute_changes, authorship, fold, payloads
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
        at = payloads.number(event.get("created_at")) if about is not event else payloads.FIXED
        seen = fold.conversation(about, at=at) | attribute_changes.told_of_status(event)
        self.conversations[about["id"]] = fold.join(self.conversations[about["id"]], seen)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other)


def mixed(events: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """The same events shuffled, about a third of them twice or more."""
    again = rng.choices(events, k=len(events) // 3)
    return rng.sample(events + again, k=len(events) + len(again))


@settings(max_examples=examples(40), deadline=None)
@given(seed=SEEDS)
def test_any_order_and_any_repetition_fold_to_the_same_state(seed):
    rng = random.Random(seed)
    events, _ = generate_history(rng, 25, versions=rng.random() < 0.7)

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


@settings(max_examples=examples(40), deadline=None)
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


@settings(max_examples=examples(40), deadline=None)
@given(seed=SEEDS)
def test_messages_end_at_chatwoots_own_truth_where_their_versions_tell(seed):
    rng = random.Random(seed)
    events, world = generate_history(rng, 25)
    folded = Folded(mixed(events, rng))

    for number, truth in world.messages.items():
        if truth.message_type == "activity":
            continue
        registers = folded.messages[number]
        assert bool(fold.values(registers).get("deleted")) == bool(truth.content_attributes.get("deleted"))
        told = [e for e in events if e["event"].startswith("message_") and e["id"] == number]
        if any(payloads.is_unversioned_update(event) for event in told):
            continue  # a hint to read it: what the site then does
        known = {
            "content": truth.content or "", "content_attributes": truth.content_attributes,
            "attachments": truth.attachments,
        }  # fmt: skip
        for field, value in known.items():
            version, found = registers[field]
            seen = [one[field][1] for one in map(fold.message, told) if one[field][0] == version]
            if version == payloads.number(_iso(truth.updated_at)) and all(one == seen[0] for one in seen):
                assert found == value


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
                list(row.messages.order_by("message_id").values_list(
                    "registers", "content", "status", "deleted", "attachments", "is_person_answer",
                    "is_customer_message", "submitted_at")),
            )
            for row in rows
        ]  # fmt: skip
        history = StatusChange.objects.order_by("conversation__display_id", "at", "previous", "current")
        state.append(list(history.values_list("conversation__display_id", "at", "previous", "current")))
        transaction.set_rollback(True)
    return state, ends


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_the_database_holds_the_same_after_any_order(seed):
    rng = random.Random(seed)
    events, _ = generate_history(rng, 15, versions=seed % 4 != 3)

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


ECHO = {"content_attributes": {"external_echo": True}}


def call(status: str) -> dict[str, Any]:
    return {"content_type": "voice_call", "content_attributes": {"data": {"status": status}}}


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
    "one that was deleted since": ({"content_attributes": {"deleted": True}}, True),
    "the customer": ({"message_type": "incoming"}, False),
    "somebody in the channel's own app": ({"sender": None} | ECHO, True),
    "the app, of which the sender's key is left out": ({"sender": {}} | ECHO, True),
    "somebody on a phone behind a bridge": (
        {"sender": None, "content_attributes": {"external_sender_name": "Jo"}},
        True,
    ),
    "somebody in Slack": ({"sender": None, "external_source_ids": {"slack": "1700.1"}}, True),
    "a sender of an unknown type, in the app": ({"sender": {"id": 9, "type": "device"}} | ECHO, True),
    "a sender of an unknown type": ({"sender": {"id": 9, "type": "device"}}, False),
    "a note in Slack": ({"sender": None, "private": True, "external_source_ids": {"slack": "1"}}, False),
    "a rule that writes in the app": (
        {"sender": None, "content_attributes": {"external_echo": True, "automation_rule_id": 4}},
        False,
    ),
    "an automation rule in a user's name": ({"content_attributes": {"automation_rule_id": 4}}, False),
    "a bot that has the mark of an app": ({"sender": {"id": 1, "type": "agent_bot"}} | ECHO, False),
    "Captain": ({"sender": {"id": 1, "type": "captain_assistant"}}, False),
    "Captain, as the API names it": ({"sender": None, "sender_type": "Captain::Assistant"} | ECHO, False),
    "a user, as the API names one": ({"sender": None, "sender_type": "User"}, True),
    "a reaction from the app": (
        {"sender": None, "content_attributes": {"external_echo": True, "is_reaction": True}},
        False,
    ),
    "an echo that failed": (
        {"sender": None, "content_attributes": {"external_echo": True, "external_error": "x"}},
        False,
    ),
    "a call that was taken": (call("completed"), True),
    "a call that goes on": (call("in_progress"), True),
    "a call that nobody took": (call("no-answer"), False),
    "a call that was busy": (call("busy"), False),
    "a call that rings": (call("ringing"), False),
    "a call of which nothing is known": ({"content_type": "voice_call"}, False),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_one_predicate_says_what_a_persons_answer_is(case):
    facts, expected = ANSWERS[case]

    state = fold.values(fold.message(message_event(kind="outgoing", **facts)))

    assert authorship.is_person_answer(state) is expected


@pytest.mark.parametrize("mark", ["external_echo", "automation_rule_id"])
def test_a_deletion_does_not_take_away_who_wrote_it(mark):
    said = message_event(kind="outgoing", sender=None, content_attributes={mark: True})
    gone = message_event(
        kind="outgoing", event="message_updated", sender=None, content_attributes={"deleted": True},
        at=NOW + timedelta(days=20),
    )  # fmt: skip

    for events in ((said, gone), (gone, said)):
        assert authorship.is_person_answer(fold.values(first(*events))) is (mark == "external_echo")


def test_what_only_the_nested_message_says_of_its_author_counts():
    said = message_event(kind="outgoing", sender=None)
    said["conversation"]["messages"][0]["external_source_ids"] = {"slack": "1700000000.1"}

    assert authorship.is_person_answer(fold.values(fold.message(said)))


def mail(**about: Any) -> dict[str, Any]:
    return {"content_type": "incoming_email", "content_attributes": {"email": about}}


CUSTOMERS = {
    "a question": ({}, True),
    "attachments alone": ({"content": None, "attachments": [{"id": 1}]}, True),
    "an answer to a survey": ({"content_type": "input_csat"}, False),
    "a sticker, as LINE's are told": (
        {"content": None, "content_type": "sticker", "attachments": [{"file_type": "image"}]},
        False,
    ),
    "a sticker, as other channels tell it": (
        {"content": " ", "attachments": [{"file_type": "sticker"}] * 2},
        False,
    ),
    "a sticker with words": ({"content": "Where is it?", "attachments": [{"file_type": "sticker"}]}, True),
    "words of the type sticker": ({"content": "Where is it?", "content_type": "sticker"}, True),
    "a sticker and a picture": (
        {"content": None, "attachments": [{"file_type": "sticker"}, {"file_type": "image"}]},
        True,
    ),
    "nothing at all": ({"content": None}, True),
    "a reaction": ({"content_attributes": {"is_reaction": True}}, False),
    "an auto-reply": ({"content_attributes": {"auto_reply": True}}, False),
    "an auto-reply by mail": ({"content_attributes": {"email": {"auto_reply": True}}}, False),
    "a bounce": (mail(content_type="multipart/report; report-type=delivery-status"), False),
    "a bounce by its return path": (mail(headers={"Return-Path": "<>"}), False),
    "submitted by a machine": (mail(headers={"Auto-Submitted": "auto-replied; x=1"}), False),
    "not submitted by a machine": (mail(headers={"Auto-Submitted": "no"}), True),
    "an autoresponder's": (mail(headers={"X-Autoreply": "yes"}), False),
    "headers as a list": (mail(headers=[{"name": "auto_submitted", "value": "auto-generated"}]), False),
    "headers as pairs": (mail(headers=[["Auto-Submitted", "auto-replied"]]), False),
    "headers as text": (mail(headers="Auto-Submitted: auto-replied\r\nX-A: b\r\n"), False),
    "headers with lists": (mail(headers={"Auto-Submitted": ["auto-replied", "no"]}), False),
    "an empty return path in a list": (mail(headers={"Return-Path": ["<>"]}), False),
    "no machine's, in a list": (mail(headers={"Auto-Submitted": ["no"]}), True),
    "no machine's, in an object": (mail(headers={"Auto-Submitted": {"value": "no"}}), True),
    "no machine's, with a comment": (mail(headers={"Auto-Submitted": "no (a person)"}), True),
    "no machine's, as a flag": (mail(headers={"Auto-Submitted": False}), True),
    "no machine's, as text": (mail(headers="Auto-Submitted: no\n"), True),
    "headers that are none": (mail(headers={"Auto-Submitted": [], "Precedence": [[]], "": {"a": 1}}), True),
    "bulk": (mail(headers={"Precedence": "bulk"}), False),
    "a mailing list's": (mail(headers={"Precedence": "list", "List-Post": "<x>"}), True),
    "a form's": (mail(**{"from": ["no-reply@forms.example"], "reply_to": ["jane@example.com"]}), True),
    "a subject like a machine's": (mail(subject="Auto: Versicherung kündigen", auto_reply=False), True),
    "a plus address like a machine's": (mail(**{"from": "ada+no-reply@example.com"}), True),
    "a mail": ({"content_attributes": {"email": {"from": ["ada@example.com"]}}}, True),
    "a call that nobody took": (call("no-answer"), True),
    "a call that was taken": (call("completed"), False),
    "one that was deleted": ({"content_attributes": {"deleted": True}}, False),
    "a private one": ({"private": True}, False),
}


@pytest.mark.parametrize("case", CUSTOMERS)
def test_one_predicate_says_what_a_customers_message_is(case):
    facts, expected = CUSTOMERS[case]

    assert authorship.is_customer_message(fold.values(fold.message(message_event(**facts)))) is expected


DOUBTFUL = {
    "a plain mail": (mail(subject="Hello", **{"from": ["ada@example.com"]}), False),
    "an absence notice": (mail(subject="Out of Office: Your order"), True),
    "an answer to one": (mail(subject="Re: Out of office"), False),
    "nobody to answer to": (mail(**{"from": ["No-Reply <no-reply@shop.example>"]}), True),
    "a form's, with its customer": (
        mail(**{"from": ["no-reply@forms.example"], "reply_to": ["jane@example.com"]}), False,
    ),
    "a form's that answers to itself": (
        mail(**{"from": ["no-reply@forms.example"], "reply_to": "No-reply@forms.example"}), True,
    ),
    "a person with such a name in the address": (mail(**{"from": ["ada+no-reply@example.com"]}), False),
    "a mailing list's": (mail(headers={"List-Id": "<all.example.com>"}), True),
    "a chat of that subject": ({"content_attributes": {"subject": "Auto: x"}}, False),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_may_be_a_machines_is_marked_and_not_hidden(case):
    facts, expected = DOUBTFUL[case]
    state = fold.values(fold.message(message_event(**facts)))

    assert authorship.looks_automatic(state) is expected
    assert authorship.is_customer_message(state)
