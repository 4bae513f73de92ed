"""The policy's arithmetic, as tables of named boundary cases. Pure: no database, no clock."""

import random
from datetime import timedelta

import pytest

from tests.factories import NOW, later
from webhooks.deliveries import retry
from webhooks.errors import Hold, NotSent, Overtaken, Permanent, Retryable, Unknown
from webhooks.models import RetryPolicy

DOWN = Retryable("down")


def make_policy(**facts) -> RetryPolicy:
    return RetryPolicy(**{"delays": [10, 30, 120], "jitter": 0, "max_attempts": 9} | facts)


def seconds(
    policy: RetryPolicy, *, used: int = 1, error: Exception = DOWN, due: float = 0, rng=None
) -> float | None:
    """Seconds from now until the next attempt; `due` says how long ago the delivery became due."""
    at = retry.next_attempt(
        policy, used=used, error=error, due_since=NOW - timedelta(seconds=due), now=NOW, rng=rng
    )
    return None if at is None else (at - NOW).total_seconds()


DELAYS = {
    "first failure takes the first delay": ({}, 1, 10),
    "second failure takes the second": ({}, 2, 30),
    "the last delay is reached": ({}, 3, 120),
    "the last delay repeats": ({}, 4, 120),
    "one delay serves every failure": ({"delays": [7]}, 8, 7),
    "a delay of nothing is at once": ({"delays": [0]}, 1, 0),
    "base alone is constant": ({"delays": [], "base": 5.0}, 3, 5),
    "base × factor, first failure": ({"delays": [], "base": 5.0, "factor": 3.0}, 1, 5),
    "base × factor, third failure": ({"delays": [], "base": 5.0, "factor": 3.0}, 3, 45),
    "base × factor stops at its cap": ({"delays": [], "base": 5.0, "factor": 3.0, "cap": 40.0}, 3, 40),
    "a cap below the base rules": ({"delays": [], "base": 5.0, "factor": 3.0, "cap": 2.0}, 1, 2),
    "growth without a cap ends at a day": ({"delays": [], "base": 5.0, "factor": 10.0}, 8, 86_400),
    "growth beyond any float ends at its cap": (
        {"delays": [], "base": 5.0, "factor": 1e7, "cap": 60.0, "max_attempts": 10**6}, 10**5, 60,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DELAYS)
def test_the_delay_follows_the_policy(case):
    facts, failures, expected = DELAYS[case]

    assert seconds(make_policy(**facts), used=failures) == expected


ENDS = {
    "the first of one attempts was the last": ({"max_attempts": 1}, 1, 0, None),
    "max_attempts counts the first try: one is left": ({"max_attempts": 3}, 2, 0, 30),
    "max_attempts counts the first try: none is left": ({"max_attempts": 3}, 3, 0, None),
    "more used than allowed, after the policy shrank": ({"max_attempts": 3}, 8, 0, None),
    "exactly at max_age is still tried": ({"max_age": 60}, 1, 50, 10),
    "a second past max_age is not": ({"max_age": 60}, 1, 51, None),
    "no max_age, no limit": ({"max_age": None}, 1, 10**7, 10),
    "a max_age of nothing allows no retry": ({"max_age": 0}, 1, 0, None),
}


@pytest.mark.parametrize("case", ENDS)
def test_attempts_and_age_end_it(case):
    facts, used, due, expected = ENDS[case]

    assert seconds(make_policy(**facts), used=used, due=due) == expected


RETRY_AFTER = {
    "longer than the delay: waits for it": ({}, 45, 45),
    "shorter than the delay: never shortens it": ({}, 3, 10),
    "over the cap: the cap": ({"retry_after_cap": 60}, 3600, 60),
    "over a cap that is below the delay: the delay": ({"retry_after_cap": 5}, 3600, 10),
    "not respected: the delay": ({"respect_retry_after": False}, 45, 10),
    "none given: the delay": ({}, None, 10),
    "zero: the delay": ({}, 0, 10),
    "past max_age: gives up at once": ({"max_age": 30}, 45, None),
}


@pytest.mark.parametrize("case", RETRY_AFTER)
def test_retry_after_lengthens_within_its_cap(case):
    facts, wanted, expected = RETRY_AFTER[case]

    assert seconds(make_policy(**facts), error=NotSent("429", retry_after=wanted)) == expected


LOOKS = {
    "an exact moment is taken as it is": ({}, 1, 30, 0, 30),
    "an exact moment knows no jitter": ({"jitter": 1}, 1, 30, 0, 30),
    "a look-up is no attempt: max_attempts does not end it": ({"max_attempts": 1}, 7, 30, 0, 30),
    "max_age ends it all the same": ({"max_age": 60}, 1, 30, 31, None),
    "max_age reached exactly does not": ({"max_age": 60}, 1, 30, 30, 30),
    "without an exact moment an unknown is counted": ({"max_attempts": 1}, 1, None, 0, None),
}


@pytest.mark.parametrize("case", LOOKS)
def test_a_look_up_has_its_own_moment(case):
    facts, used, after, due, expected = LOOKS[case]

    assert seconds(make_policy(**facts), used=used, error=Unknown("lost", after=after), due=due) == expected


def test_jitter_stays_within_its_share_and_uses_both_sides():
    policy, rng = make_policy(delays=[100], jitter=0.2), random.Random(7)

    drawn = [seconds(policy, rng=rng) for _ in range(500)]

    assert 80 <= min(drawn) < 85
    assert 115 < max(drawn) <= 120


def test_jitter_never_undercuts_a_retry_after():
    policy, rng = make_policy(delays=[100], jitter=1), random.Random(7)

    drawn = [seconds(policy, error=NotSent("429", retry_after=50), rng=rng) for _ in range(200)]

    assert min(drawn) == 50


def test_without_jitter_no_randomness_is_left():
    assert {seconds(make_policy(), rng=random.Random(n)) for n in range(20)} == {10}


VERDICTS = {
    "an unknown exception is retried": ({}, ValueError("x"), "retry"),
    "a retryable error is retried": ({}, Retryable("x"), "retry"),
    "a permanent error gives up": ({}, Permanent("x"), "give_up"),
    "a hold holds": ({}, Hold("x", held_for="paused"), "hold"),
    "an unknown outcome is retried": ({}, Unknown("x"), "retry"),
    "a listed status gives up": ({"give_up_on": [410]}, Retryable("x", http_status=410), "give_up"),
    "a status listed as text counts too": ({"give_up_on": ["410"]}, Retryable("x", http_status=410), "give_up"),
    "a listed class gives up": ({"give_up_on": ["ValueError"]}, ValueError("x"), "give_up"),
    "a listed status holds": ({"hold_on": [402]}, Permanent("x", http_status=402), "hold"),
    "a listed class is retried though permanent": ({"retry_on": ["Permanent"]}, Permanent("x"), "retry"),
    "a listed status is retried though permanent": ({"retry_on": [404]}, Permanent("x", http_status=404), "retry"),
    "give up comes before hold": ({"give_up_on": [500], "hold_on": [500]}, Retryable("x", http_status=500), "give_up"),
    "hold comes before retry": ({"hold_on": [500], "retry_on": [500]}, Retryable("x", http_status=500), "hold"),
    "give up comes before retry": (
        {"give_up_on": ["Retryable"], "retry_on": [500]}, Retryable("x", http_status=500), "give_up",
    ),
    "an error without a status meets no listed status": ({"give_up_on": [500, "500"]}, ValueError("x"), "retry"),
}  # fmt: skip


@pytest.mark.parametrize("case", VERDICTS)
def test_the_verdict_follows_the_lists_then_the_error(case):
    lists, error, expected = VERDICTS[case]

    assert retry.verdict(make_policy(**lists), error) == expected


def test_being_overtaken_is_not_counted_as_a_failure():
    assert Overtaken("x").outcome == "ok"


# What fits (name → pattern, direction), and which of them serves.
CHOICES = {
    "the default serves what nothing else does": ({}, ("OUT", "note.create", ""), "default"),
    "a pattern comes before the default": ({"a": ("message_*", "")}, ("IN", "message_created", ""), "a"),
    "an exact event comes before a pattern": (
        {"a": ("message_*", ""), "b": ("message_created", "")}, ("IN", "message_created", ""), "b",
    ),
    "a longer pattern comes before a shorter": (
        {"a": ("m*", ""), "b": ("message_*", "")}, ("IN", "message_created", ""), "b",
    ),
    "a variant comes before its event": (
        {"a": ("reply.send", "OUT"), "b": ("reply.send@email", "OUT")}, ("OUT", "reply.send", "email"), "b",
    ),
    "another variant falls back to the event": (
        {"a": ("reply.send", "OUT"), "b": ("reply.send@email", "OUT")}, ("OUT", "reply.send", ""), "a",
    ),
    "an unknown variant falls back to the event": (
        {"a": ("reply.send", "OUT"), "b": ("reply.send@email", "OUT")}, ("OUT", "reply.send", "sms"), "a",
    ),
    "a pattern for a variant comes before its event": (
        {"a": ("reply.send", "OUT"), "b": ("reply.send@*", "OUT")}, ("OUT", "reply.send", "email"), "b",
    ),
    "the other direction does not fit": ({"a": ("message_*", "OUT")}, ("IN", "message_created", ""), "default"),
    "a named direction comes before both": (
        {"a": ("message_*", ""), "b": ("message_*", "IN")}, ("IN", "message_created", ""), "b",
    ),
    "a pattern is case-sensitive": ({"a": ("Message_*", "")}, ("IN", "message_created", ""), "default"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOICES)
@pytest.mark.parametrize("order", [1, -1], ids=["as listed", "backwards"])
def test_the_most_specific_policy_serves(case, order):
    listed, (direction, event, variant), expected = CHOICES[case]
    policies = [make_policy(name="default", is_default=True, event_pattern="*")]
    policies += [
        make_policy(name=name, event_pattern=pattern, direction=way)
        for name, (pattern, way) in listed.items()
    ]
    subject = f"{event}@{variant}" if variant else event

    chosen = retry.choose(policies[::order], direction=direction, event=event, subject=subject)

    assert chosen.name == expected


def test_without_any_policy_nothing_is_chosen():
    assert retry.choose([], direction="IN", event="x", subject="x") is None


def test_the_preview_shows_each_attempt_and_that_attempts_end_it():
    times, why = retry.preview(make_policy(max_attempts=4, jitter=0.5), start=NOW)

    assert times == [later(0), later(10), later(40), later(160)]
    assert why == "4 attempts"


def test_the_preview_says_when_age_ends_it():
    times, why = retry.preview(make_policy(max_age=100), start=NOW)

    assert times == [later(0), later(10), later(40)]
    assert "100 s" in why


def test_a_long_preview_stops_without_claiming_an_end():
    times, why = retry.preview(make_policy(max_attempts=1000), start=NOW, most=5)

    assert (len(times), why) == (5, "")
