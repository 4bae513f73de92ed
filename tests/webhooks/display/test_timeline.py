"""A delivery's life as one line: what was tried, what people did, and what comes if it keeps failing."""

from typing import Any

from tests.factories import NOW, later
from webhooks.display import timeline
from webhooks.models import Attempt, Delivery, DeliveryAudit, RetryPolicy


def make_row(**facts: Any) -> Delivery:
    due = {"status": "PENDING", "due_since": NOW, "next_attempt_at": later(60), "attempts": 2}
    return Delivery(**(due | facts))


def make_policy(**facts: Any) -> RetryPolicy:
    return RetryPolicy(**({"delays": [10, 60, 600], "jitter": 0.0, "max_attempts": 4} | facts))


def make_attempt(number: int, *, at: float, done: bool = True) -> Attempt:
    finished = later(at + 1) if done else None
    return Attempt(
        number=number, started_at=later(at), finished_at=finished, outcome="retryable" if done else ""
    )


def line(
    row: Delivery, *, policy: RetryPolicy | None = None, attempts: Any = (), audit: Any = ()
) -> list[str]:
    found = timeline.steps(row, policy or make_policy(), attempts=attempts, audit=audit, now=later(30))
    return [step.kind for step in found]


def test_what_was_tried_comes_before_what_will_be():
    attempts = [make_attempt(1, at=0), make_attempt(2, at=10)]

    assert line(make_row(), attempts=attempts) == ["tried", "tried", "next", "later", "end"]


def test_what_people_did_stands_where_it_happened():
    attempts = [make_attempt(1, at=0), make_attempt(2, at=20)]
    audit = [DeliveryAudit(at=later(10), action="replay", reason="Chatwoot is back.")]

    assert line(make_row(), attempts=attempts, audit=audit)[:3] == ["tried", "person", "tried"]


def test_the_attempt_that_runs_now_is_no_attempt_of_the_past():
    row = make_row(running_since=later(20))

    assert line(row, attempts=[make_attempt(1, at=0), make_attempt(2, at=20, done=False)])[1] == "running"


def test_an_attempt_whose_end_is_not_known_is_not_said_to_run():
    row = make_row(status="DEAD", next_attempt_at=None)

    assert line(row, attempts=[make_attempt(2, at=20, done=False)]) == ["tried"]


def test_nothing_comes_after_the_end():
    row = make_row(status="DEAD", next_attempt_at=None)

    assert line(row, attempts=[make_attempt(1, at=0)]) == ["tried"]


def test_an_end_is_not_announced_before_anything_failed():
    assert line(make_row(attempts=0)) == ["next", "later"]


def test_the_coming_times_follow_from_the_attempts_used():
    ahead = timeline.ahead(make_row(), make_policy(), now=NOW)

    assert (ahead.times, ahead.gives_up) == ([later(60), later(660)], later(660))


def test_a_running_attempt_counts_as_used():
    ahead = timeline.ahead(make_row(running_since=later(5)), make_policy(), now=later(10))

    assert (ahead.times, ahead.gives_up) == ([later(70), later(670)], later(670))


def test_a_replay_gives_back_the_budget():
    ahead = timeline.ahead(make_row(attempts=4, budget_from=4), make_policy(), now=NOW)

    assert len(ahead.times) == 4


def test_a_delivery_that_is_overdue_is_tried_now_and_not_in_the_past():
    ahead = timeline.ahead(make_row(next_attempt_at=later(-500)), make_policy(), now=NOW)

    assert ahead.times[0] == NOW


def test_its_age_counts_from_when_it_was_due():
    policy = make_policy(delays=[100], max_age=400)

    ahead = timeline.ahead(make_row(due_since=later(-300)), policy, now=NOW)

    assert (ahead.times, ahead.gives_up) == ([later(60)], later(60))


def test_a_last_attempt_is_the_end():
    ahead = timeline.ahead(make_row(attempts=3), make_policy(), now=NOW)

    assert (ahead.times, ahead.gives_up) == ([later(60)], later(60))
