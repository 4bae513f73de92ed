"""Times, states and bodies as people read them."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.factories import NOW, later, make_delivery
from tests.webhooks.people import make_dead
from webhooks.display import delivery_text, formats, timeline
from webhooks.models import Delivery, RetryPolicy
from webhooks.privacy import masking

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("secret", ["Ada", {"name": "Ada"}, ["Ada"], {"custom_attributes": {"born": 1984}}])
def test_masking_leaves_nothing_a_person_wrote(secret):
    assert "Ada" not in json.dumps(masking.masked({"content": secret}))
    assert "1984" not in json.dumps(masking.masked({"content": secret}))


@pytest.mark.parametrize(
    "attribute", ["name", "email", "phone_number", "label_list", "custom_attributes", "content", "identifier"]
)
@pytest.mark.parametrize("value", ["Ada", ["Ada"], {"born": "Ada"}], ids=["a word", "a list", "a table"])
def test_what_changed_is_masked_as_the_attribute_is_elsewhere(attribute, value):
    change = {attribute: {"previous_value": value, "current_value": value}}

    assert "Ada" not in json.dumps(masking.masked({"changed_attributes": [change]}))


def test_a_change_of_what_chatwoot_itself_says_stays_readable():
    change = {"status": {"previous_value": "open", "current_value": "resolved"}}

    assert masking.masked({"changed_attributes": [change]}) == {"changed_attributes": [change]}


def test_masking_keeps_what_chatwoot_itself_says():
    assert masking.masked({"event": "message_created", "id": 7, "private": False}) == {
        "event": "message_created",
        "id": 7,
        "private": False,
    }


def outlook(row: Delivery, policy: RetryPolicy, *, now: datetime) -> str:
    return delivery_text.outlook(row, policy, ahead=timeline.ahead(row, policy, now=now), now=now)


def make_retrying(*, attempts: int, due_in: float) -> Delivery:
    row = make_delivery()
    row.attempts, row.next_attempt_at = attempts, later(due_in)
    return row


def make_policy(**facts: Any) -> RetryPolicy:
    return RetryPolicy(
        **{"name": "default", "delays": [10, 120, 3600], "jitter": 0.0, "max_attempts": 5} | facts
    )


def test_a_given_up_delivery_says_after_how_many_attempts(seeded):
    row, policy = make_dead(), RetryPolicy.objects.get(is_default=True)

    assert outlook(row, policy, now=NOW) == "Failed after 9 attempts."


def test_a_new_delivery_says_that_a_worker_takes_it_next():
    row = make_retrying(attempts=0, due_in=0)

    assert outlook(row, make_policy(), now=NOW) == "Attempt 1 of 5 as soon as a worker is free."


def test_a_retried_delivery_says_when_it_is_tried_and_when_given_up():
    row = make_retrying(attempts=2, due_in=90)

    assert outlook(row, make_policy(), now=NOW) == (
        "Attempt 3 of 5 at 09:01:30 (in 1 min 30 s); gives up at 11:01:30 if it keeps failing."
    )


def test_with_jitter_the_end_is_only_about_known():
    row = make_retrying(attempts=2, due_in=90)

    assert "gives up at about 11:01:30" in outlook(row, make_policy(jitter=0.2), now=NOW)


def test_an_age_ends_it_before_the_attempts_do():
    row = make_retrying(attempts=2, due_in=90)

    assert "gives up at 09:01:30" in outlook(row, make_policy(max_age=600), now=NOW)


def test_an_end_that_nobody_looks_for_is_not_claimed():
    row = make_retrying(attempts=2, due_in=90)

    assert "gives up" not in outlook(row, make_policy(max_attempts=1000), now=NOW)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (later(90), "09:01:30"),
        (later(86_400), "tomorrow 09:00"),
        (later(-86_400), "yesterday 09:00"),
        (later(2 * 86_400), "Wed 25 Nov, 09:00"),
        (later(86_400 * 60), "Fri 22 Jan 2027, 09:00"),
    ],
)
def test_a_moment_names_its_day_only_where_it_is_not_today(at, said):
    assert formats.moment(at, now=NOW) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (later(90), "09:01:30"),
        (later(86_400), "09:00 (tomorrow)"),
        (later(-86_400), "09:00 (yesterday)"),
        (later(2 * 86_400), "09:00 (Wed 25 Nov)"),
        (later(86_400 * 60), "09:00 (Fri 22 Jan 2027)"),
    ],
)
def test_a_time_after_at_has_its_day_in_brackets(at, said):
    assert formats.clock_time(at, now=NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (760, "12 min 40 s"), (74_520, "20 h 42 min"), (86_400, "1 d")],
)
def test_a_span_is_said_in_its_two_largest_units(seconds, said):
    assert formats.span(seconds) == said


def test_the_number_of_attempts_is_that_of_the_timeline():
    """A maximum age of an hour leaves room for two more, whatever the policy's own number."""
    row = make_retrying(attempts=2, due_in=90)
    policy = make_policy(max_attempts=30, delays=[600], max_age=1500)
    steps = timeline.ahead(row, policy, now=NOW).times

    assert outlook(row, policy, now=NOW).startswith(f"Attempt 3 of {2 + len(steps)} ")
