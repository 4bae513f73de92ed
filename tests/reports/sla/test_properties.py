"""What holds of every history: the clocks are a function of what happened, and their sums are exact."""

import random
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.business_time.arithmetic import business_seconds
from reports import sla
from tests.reports.sla.stories import DAYS, DESK, MONDAY, POLICY, TARGETS, policy, told

VERBS = (
    "customer", "Ann", "Bob", "open", "pending", "snoozed", "resolved", "label vip", "label other", "assign Ann", "team Billing",
)  # fmt: skip
VIP = policy(
    0,
    targets={name: seconds / 4 for name, seconds in TARGETS.items()},
    conditions=sla.Conditions(labels=frozenset({"vip"})),
)
moments = st.integers(0, 3 * 7 * 24 * 4)  # quarters of an hour, three weeks
events = st.tuples(moments, st.sampled_from(VERBS))
unhurried = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # a busy machine is no fault
histories = st.lists(events, max_size=25)


def story(history: list[tuple[int, str]], **facts) -> sla.Facts:
    return told(*(_line(quarter, verb) for quarter, verb in sorted(history)), **facts)


def _line(quarter: int, verb: str) -> str:
    minutes = quarter * 15
    weeks, day = divmod(minutes // 1440, 7)
    return f"{DAYS[day]}+{weeks} {minutes // 60 % 24:02}:{minutes % 60:02} {verb}"


def at(quarter: int):
    return MONDAY + timedelta(minutes=15 * quarter)


def calculated(facts: sla.Facts, quarter: int) -> list[sla.Clock]:
    return sla.clocks(facts, (VIP, POLICY), as_of=at(quarter))


@unhurried
@given(histories, moments, st.sampled_from(["open", "pending"]))
def test_what_comes_later_changes_nothing_that_was_asked_before(history, quarter, first):
    known = [event for event in history if event[0] <= quarter]

    assert calculated(story(history, first=first), quarter) == calculated(story(known, first=first), quarter)


@unhurried
@given(histories, st.randoms(use_true_random=False))
def test_the_order_in_which_messages_are_listed_does_not_matter(history, dice: random.Random):
    facts = story(history)
    shuffled = list(facts.said)
    dice.shuffle(shuffled)

    assert calculated(type(facts)(**{**vars(facts), "said": tuple(shuffled)}), 2000) == calculated(
        facts, 2000
    )


@unhurried
@given(histories, moments, moments)
def test_a_stopped_clock_never_changes(history, one, other):
    facts = story(history)
    early, late = (calculated(facts, quarter) for quarter in sorted((one, other)))
    fixed = {(clock.metric, clock.started_at): clock for clock in late}

    for clock in early:
        if clock.stopped_at and clock.stopped_at < at(min(one, other)):
            now = fixed[clock.metric, clock.started_at]
            assert (now.state, now.due_at, now.stopped_at, now.business_seconds) == (
                clock.state,
                clock.due_at,
                clock.stopped_at,
                clock.business_seconds,
            )


@unhurried
@given(histories, moments)
def test_met_is_stopped_by_the_time_it_was_due(history, quarter):
    for clock in calculated(story(history), quarter):
        end = clock.stopped_at or at(quarter)
        if clock.state == "met":
            assert clock.stopped_at <= clock.due_at
        if clock.state in ("met", "missed"):
            assert (clock.state == "missed") == (end > clock.due_at)


@unhurried
@given(histories, moments)
def test_the_segments_lie_end_to_end_and_add_up(history, quarter):
    for clock in calculated(story(history, first="pending"), quarter):
        own = [one for one in clock.segments if one.start >= clock.started_at]
        length = sum((one.end - one.start).total_seconds() for one in own)
        counted = sum((one.end - one.start).total_seconds() for one in own if one.kind == "counted")

        assert [one.end for one in own[:-1]] == [one.start for one in own[1:]]
        assert (length, counted) == (clock.wall_seconds, clock.business_seconds)


@unhurried
@given(histories, moments, moments)
def test_splitting_a_span_never_changes_its_sum(history, quarter, cut):
    """A change that changes nothing cuts the time in two."""
    whole = calculated(story(history), quarter)

    parts = calculated(story([*history, (cut, "priority low")]), quarter)

    assert parts == whole


@unhurried
@given(st.lists(st.tuples(moments, st.sampled_from(["customer", "Ann", "resolved"])), max_size=12), moments)
def test_due_is_the_earliest_instant_at_which_the_target_is_used_up(history, quarter):
    for clock in sla.clocks(story(history), (POLICY,), as_of=at(quarter)):
        if clock.metric != sla.RESOLUTION:
            used = business_seconds(DESK, clock.started_at, clock.due_at)
            before = business_seconds(DESK, clock.started_at, clock.due_at - timedelta(microseconds=1))
            assert before < used == TARGETS[clock.metric]
