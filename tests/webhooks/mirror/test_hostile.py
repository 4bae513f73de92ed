"""Events that are JSON but not what Chatwoot sends: kept, answered 200, and processed to a next state, whatever they hold."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    NOW,
    conversation_object,
    deliver,
    make_delivery,
    make_inbox,
    make_source,
    message_event,
    signed,
)
from tests.thorough import examples
from webhooks import deliveries
from webhooks.models import Delivery, Message

pytestmark = [pytest.mark.django_db, pytest.mark.every_row]
PATH = "/webhooks/chatwoot/acme/"
BIG = 10**400


def changed(**facts: Any) -> dict[str, Any]:
    return {"event": "conversation_updated", "account": {"id": 1}} | conversation_object() | facts


HOSTILE: dict[str, Any] = {
    "no event": {},
    "event a number": {"event": 3},
    "event a dict": {"event": {"event": "message_created"}},
    "event a list": {"event": ["message_created"]},
    "event null": {"event": None},
    "event with a NUL": {"event": "message\0_created"},
    "event of 10 kB": {"event": "message_" + "x" * 10_000},
    "event unknown": {"event": "message_exploded", "id": 1, "conversation": {"id": 7}},
    "a message alone": {"event": "message_created"},
    "conversation a string": message_event(conversation=None) | {"conversation": "seven"},
    "conversation a list": message_event() | {"conversation": [7]},
    "conversation null": message_event() | {"conversation": None},
    "conversation empty": message_event() | {"conversation": {}},
    "ids as strings": message_event("100", conversation={"id": "7"}),
    "ids as floats": message_event(100.0, conversation={"id": 7.0}),
    "ids negative": message_event(-1, conversation={"id": -7}),
    "ids huge": message_event(BIG, conversation={"id": BIG}),
    "ids just past the column": message_event(2**63, conversation={"id": 2**63}),
    "ids true": message_event(True, conversation={"id": True}),
    "message id a string": message_event("100"),
    "message id a dict": message_event({"id": 100}),
    "inbox id huge": message_event(conversation=conversation_object(inbox_id=BIG)),
    "inbox id negative": message_event(conversation=conversation_object(inbox_id=-1)),
    "inbox id a dict": message_event(conversation=conversation_object(inbox_id={})),
    "inbox a string": message_event(inbox="Chat"),
    "inbox name of 10 kB": message_event(inbox={"id": 2, "name": "x" * 10_000}),
    "inbox name a dict": message_event(inbox={"id": 2, "name": {"en": "Chat"}}),
    "channel of 10 kB": message_event(conversation=conversation_object(channel="x" * 10_000)),
    "channel a list": message_event(conversation=conversation_object(channel=["x"])),
    "contact id huge": message_event(conversation=conversation_object(meta={"sender": {"id": BIG}})),
    "contact id negative": message_event(conversation=conversation_object(meta={"sender": {"id": -5}})),
    "contact a string": message_event(conversation=conversation_object(meta={"sender": "Ada"})),
    "meta a list": message_event(conversation=conversation_object(meta=["x"])),
    "assignee a string": message_event(
        conversation=conversation_object(meta={"assignee": "Maria", "team": 3})
    ),
    "assignee's name a dict": message_event(
        conversation=conversation_object(meta={"assignee": {"name": {}}})
    ),
    "status a dict": message_event(conversation=conversation_object(status={"a": 1})),
    "status of 10 kB": message_event(conversation=conversation_object(status="x" * 10_000)),
    "labels a string": message_event(conversation=conversation_object(labels="vip")),
    "messages a dict": message_event() | {"conversation": conversation_object() | {"messages": {"id": 100}}},
    "nested message a string": message_event()
    | {"conversation": conversation_object() | {"messages": ["x"]}},
    "updated_at huge": message_event(conversation=conversation_object(updated_at=BIG)),
    "updated_at 1e300": changed(
        updated_at=1e300, changed_attributes=[{"status": {"previous_value": 1, "current_value": 2}}]
    ),
    "updated_at a long text": changed(updated_at="9" * 5000, changed_attributes=[{"x": 1}]),
    "updated_at a dict": changed(updated_at={"at": 1}, changed_attributes=[{"x": 1}]),
    "updated_at words": changed(updated_at="yesterday", changed_attributes=[{"x": 1}]),
    "last_activity_at huge": changed(last_activity_at=1e17),
    "created_at of the conversation negative": changed(created_at=-1e17),
    "changed_attributes a string": changed(changed_attributes="status"),
    "changed_attributes a dict": changed(changed_attributes={"status": 1}),
    "changed_attributes strings": changed(changed_attributes=["status", None, 3]),
    "status change of dicts": changed(
        changed_attributes=[{"status": {"previous_value": {}, "current_value": [1]}}]
    ),
    "created_at missing": {k: v for k, v in message_event().items() if k != "created_at"},
    "created_at huge": message_event(created_at=BIG),
    "created_at in the year 1": message_event(created_at="0001-01-01T00:00:00+23:00"),
    "created_at in the year 9999": message_event(created_at="9999-12-31T23:59:59-23:00"),
    "created_at words": message_event(created_at="soon"),
    "message_type a dict": message_event(message_type={}),
    "message_type 1e400": message_event(message_type=BIG),
    "sender a string": message_event(sender="Ada"),
    "sender id huge": message_event(sender={"id": BIG, "name": "Ada"}),
    "sender id negative": message_event(sender={"id": -1, "name": "Ada"}),
    "sender's type a dict": message_event(sender={"id": 1, "type": {}}),
    "content a dict": message_event(content={"text": "hi"}),
    "content a number": message_event(content=3),
    "content with NULs": message_event(content="a\0b\0"),
    "content with a lone surrogate": message_event(content="a\ud800b"),
    "content_type a list": message_event(content_type=["text"]),
    "content_attributes a string": message_event(content_attributes="deleted"),
    "content_attributes a list": message_event(content_attributes=[1]),
    "content_attributes with NULs": message_event(content_attributes={"a\0": ["\0"]}),
    "content_attributes with lone surrogates": message_event(content_attributes={"\udfff": "\ud800"}),
    "the e-mail a string": message_event(content_attributes={"email": "x"}),
    "the e-mail's from a number": message_event(content_attributes={"email": {"from": 3}}),
    "the e-mail's from a string": message_event(
        content_attributes={"email": {"from": "no-reply@shop.example"}}
    ),
    "a marker of another kind": message_event(
        kind="outgoing", content_attributes={"support_reply": {"a": 1}}
    ),
    "a marker of odd digits": message_event(kind="outgoing", content_attributes={"support_reply": "²:²"}),
    "a marker of many digits": message_event(
        kind="outgoing", content_attributes={"support_reply": "9" * 5000 + ":1"}
    ),
    "attachments a string": message_event(attachments="cat.png"),
    "attachments null": message_event(attachments=None),
    "account a string": message_event(account="Acme"),
    "account id a string": message_event(account={"id": "1"}),
    "account id a long text": message_event(account={"id": "x" * 10_000}),
}


def settle_down(row: Delivery) -> Delivery:
    """Claim and process it once. That nothing raises is half of every rule here."""
    for claimed in deliveries.claim("in", now=NOW):
        deliveries.process(claimed, now=NOW)
    row.refresh_from_db()
    return row


def has_a_next_state(row: Delivery) -> bool:
    if row.status == "PENDING":
        return row.next_attempt_at > NOW and row.running_since is None and bool(row.last_error)
    return row.status in ("DONE", "DEAD") and row.next_attempt_at is None


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_event_is_kept_and_answered_200(payload):
    make_source()
    body = json.dumps(payload).encode()

    answer = Client(raise_request_exception=False).post(PATH, **signed(body))

    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert bytes(Delivery.objects.get().body) == body


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_event_is_processed_to_a_next_state(payload):
    make_inbox()

    row = settle_down(make_delivery(payload))

    assert has_a_next_state(row), (row.status, row.next_attempt_at, row.last_error)


# Not what Chatwoot sends, and still no reason to try again for hours: the part that can be read is, the rest is left out.
HARMLESS = [
    "inbox a string", "inbox name of 10 kB", "channel of 10 kB", "assignee a string", "meta a list", "contact id huge",
    "contact id negative", "inbox id huge", "inbox id negative", "sender id huge", "sender id negative",
    "content_attributes a string", "content_attributes a list", "the e-mail's from a number", "updated_at huge",
    "updated_at 1e300", "last_activity_at huge", "created_at of the conversation negative", "changed_attributes a dict",
    "a marker of odd digits", "a marker of many digits", "content with NULs", "content with a lone surrogate",
    "content_attributes with NULs", "content_attributes with lone surrogates", "updated_at a long text",
]  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_an_odd_detail_does_not_keep_an_event_from_being_done(name):
    make_inbox()

    row = settle_down(make_delivery(HOSTILE[name]))

    assert (row.status, row.last_error) == ("DONE", "")


@pytest.mark.parametrize(
    "token",
    ["NaN", "Infinity", "-Infinity", "1e999"],
    ids=["NaN", "infinity", "minus infinity", "a float too big"],
)
@pytest.mark.parametrize("field", ["updated_at", "inbox_id", "custom_attributes", "last_activity_at"])
def test_numbers_that_are_none_are_left_out(token, field):
    make_inbox()
    text = json.dumps(message_event(conversation=conversation_object() | {field: "HERE"})).replace(
        '"HERE"', token
    )

    row = settle_down(make_delivery(text.encode()))

    assert (row.status, row.last_error) == ("DONE", "")


def test_what_no_text_column_holds_is_taken_out_of_the_mirror_and_stays_in_the_body():
    make_inbox()

    row = deliver(message_event(content="a\0b \ud800 c"))

    assert Message.objects.get().content == "ab ? c"
    assert b"a\\u0000b \\ud800 c" in bytes(row.body)


def test_an_event_of_another_account_is_dead_and_says_so():
    row = deliver(message_event(account={"id": 9}))

    assert row.status == "DEAD"
    assert "account 1" in row.last_error
    assert not Message.objects.exists()


def test_a_body_that_is_no_event_is_dead_again_after_a_replay():
    row = make_delivery(b"no event")
    deliveries.replay(row, by=None, reason="try", now=NOW)

    settle_down(row)

    assert (row.status, row.attempts) == ("DEAD", 1)


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["\0", "\ud800", "no-reply", "input_csat", "resolved", "²", "2026-11-23T09:00:00Z"]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 2**31, 2**63, 10**30, 1e308])
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
JSONS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MESSAGE_FIELDS = [*sorted(message_event()), "attachments", "additional_attributes", "status"]
CONVERSATION_FIELDS = [
    *sorted(conversation_object()),
    "changed_attributes",
    "snoozed_until",
    "custom_attributes",
]
EVENTS = [
    "message_created",
    "message_updated",
    "conversation_created",
    "conversation_updated",
    "conversation_status_changed",
]
PAYLOADS = st.builds(
    lambda event, message, conversation: (
        message_event(event=event, conversation=conversation_object() | conversation) | message
        if event.startswith("message_")
        else {"event": event, "account": {"id": 1}} | conversation_object() | conversation
    ),
    st.sampled_from(EVENTS),
    st.dictionaries(st.sampled_from(MESSAGE_FIELDS), JSONS, max_size=3),
    st.dictionaries(st.sampled_from(CONVERSATION_FIELDS), JSONS, max_size=3),
)


@settings(
    max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(payload=PAYLOADS)
def test_whatever_its_fields_hold_an_event_comes_to_a_next_state(payload):
    with transaction.atomic():
        make_inbox()
        row = make_delivery(json.dumps(payload).encode())

        settled = row.status == "DEAD" or has_a_next_state(settle_down(row))
        state = (row.status, row.next_attempt_at, row.last_error)
        transaction.set_rollback(True)

    assert settled, state
