"""A call whose answer was lost: it is looked up, and the reply never sent twice or dropped."""

import pytest

from knowledge.models import Draft
from knowledge.replies import decisions
from webhooks.models import RetryPolicy

POST = {"method": "POST", "path": r"/messages$"}


READ = {"method": "GET", "path": r"/messages$"}


def test_an_answer_is_looked_up_at_10_and_30_seconds_and_after_the_settle_time(desk):
    desk.world.faults.add("drop_before", **POST)
    desk.approved(desk.customer_writes())

    delivery = desk.send()

    draft = Draft.objects.get()
    begun = [attempt.started_at for attempt in delivery.attempt_log.order_by("number")]
    waits = [round((at - begun[0]).total_seconds()) for at in begun]
    assert waits[:4] == [0, 10, 30, 121]
    assert draft.status == "SENT"


FAILURES = {
    "rate limit": ("status", {"code": 429}),
    "broken": ("status", {"code": 500}),
    "a proxy without its Chatwoot": ("status", {"code": 502}),
    "reset": ("drop_before", {}),
}


@pytest.mark.parametrize("arrived", [True, False], ids=["it had arrived", "it had not"])
@pytest.mark.parametrize(("kind", "more"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("failures", [1, 4], ids=["one look fails", "the last look fails too"])
def test_a_look_that_fails_is_repeated_and_parks_nothing(desk, arrived, kind, more, failures):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after" if arrived else "drop_before", **POST)
    desk.send(12)
    desk.world.faults.add(kind, **READ | {"times": failures}, **more)

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("SENT", 1)


def test_looks_that_go_on_failing_end_at_the_age_that_the_policy_allows(desk):
    # Shorter than ten failures, which would open Chatwoot's circuit.
    RetryPolicy.objects.filter(event_pattern="reply.send").update(max_age=300)
    draft = desk.approved(desk.customer_writes())
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("status", **READ | {"times": None}, code=500)

    delivery = desk.send()

    draft.refresh_from_db()
    assert (draft.status, draft.why[:15]) == ("PARKED", "It cannot be kn")
    last = delivery.attempt_log.order_by("number").last()
    assert 240 <= (last.started_at - delivery.due_since).total_seconds() <= 300


def test_a_look_that_is_told_to_wait_waits(desk):
    draft = desk.approved(desk.customer_writes())
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("rate_limit", **READ, retry_after=90)

    delivery = desk.send()

    looks = [attempt.started_at for attempt in delivery.attempt_log.order_by("number")][-2:]
    draft.refresh_from_db()
    assert draft.status == "SENT"
    assert (looks[1] - looks[0]).total_seconds() >= 90


def test_a_message_of_our_user_without_our_marker_parks_the_draft(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    for message in desk.world.messages_of(conversation.display_id):
        message.content_attributes.pop("support_reply", None)  # as deleting or retrying it in Chatwoot does

    desk.send()

    draft.refresh_from_db()
    assert (draft.status, len(desk.replies_in_chatwoot(conversation))) == ("PARKED", 1)


def test_the_echo_settles_a_lost_answer_before_any_look(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)

    desk.webhooks()
    delivery = desk.send()

    draft.refresh_from_db()
    assert (draft.status, draft.sent_message_id is not None) == ("SENT", True)
    assert (delivery.status, len(desk.replies_in_chatwoot(conversation))) in [("CANCELLED", 1), ("DONE", 1)]


def test_an_echo_after_parking_says_it_was_sent(desk):
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    desk.world.faults.add("drop_after", **POST)
    desk.send(12)
    desk.world.faults.add("status", **READ | {"times": None}, code=502)
    desk.send()
    draft.refresh_from_db()
    assert draft.status == "PARKED"

    desk.webhooks()

    draft.refresh_from_db()
    assert draft.status == "SENT"


def test_a_parked_reply_is_not_sent_again_before_its_lost_call_is_settled(desk):
    """A policy may give up at once; a person who looks then sees nothing, and the call arrives a minute later."""
    conversation = desk.customer_writes()
    draft = desk.approved(conversation)
    RetryPolicy.objects.filter(event_pattern="reply.send").update(give_up_on=["Unknown"])
    desk.world.faults.add("drop_before", **POST)
    desk.send(12)
    draft.refresh_from_db()
    called = draft.call_started_at
    assert draft.status == "PARKED"

    decisions.resend(draft, by=desk.lead, now=desk.now)
    desk.work(100)

    assert (draft.send_after - called).total_seconds() == 120
    assert desk.replies_in_chatwoot(conversation) == []
    desk.send()
    assert len(desk.replies_in_chatwoot(conversation)) == 1
