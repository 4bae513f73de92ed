"""When an upstream is rested, and for how long: each line of the table names the boundary it stands for."""

from datetime import timedelta

import pytest

from tests.factories import NOW, later
from webhooks.deliveries import circuit_breaker
from webhooks.deliveries.circuit_breaker import IN_A_ROW, PAUSES_S, State

pytestmark = pytest.mark.once
ROW, OTHER = 7, 8


def after(*ends: str, state: State | None = None, at=NOW) -> State:
    """What is known after these ends, a second apart. F: a failure, O: one of a row that began before, A: an answer."""
    state = state or State()
    for number, end in enumerate(ends):
        now = at + timedelta(seconds=number)
        failed = circuit_breaker.failed(state, by=ROW if end == "F" else OTHER, now=now)
        state = circuit_breaker.answered() if end == "A" else failed
    return state


def rested(pauses: int = 1) -> State:
    return State(failures=IN_A_ROW, pauses=pauses, opened_at=NOW, probe_at=NOW, probe=ROW)


IS_RESTED = {
    "nine failures": (["F"] * 9, False),
    "ten failures": (["F"] * 10, True),
    "ten, with an answer after nine": (["F"] * 9 + ["A", "F"], False),
    "ten after an answer": (["A"] + ["F"] * 10, True),
    "an answer while it is rested": (["F"] * 10 + ["A"], False),
    "nine after that": (["F"] * 10 + ["A"] + ["F"] * 9, False),
}


@pytest.mark.parametrize("case", IS_RESTED)
def test_ten_failures_in_a_row_rest_a_upstream(case):
    ends, wanted = IS_RESTED[case]

    assert bool(after(*ends).opened_at) is wanted


@pytest.mark.parametrize(("pauses", "pause"), list(enumerate([*PAUSES_S, PAUSES_S[-1], PAUSES_S[-1]])))
def test_each_failed_probe_makes_the_next_pause_longer_up_to_the_last(pauses, pause):
    state = circuit_breaker.failed(rested(pauses), by=ROW, now=NOW)

    assert (state.probe_at, state.pauses, state.probe) == (later(pause), pauses + 1, None)


def test_a_rest_is_as_old_as_its_first_pause():
    assert circuit_breaker.failed(rested(), by=ROW, now=later(60)).opened_at == NOW


def test_a_row_that_began_before_the_rest_says_nothing_new():
    state = rested()

    assert after("O", state=state, at=later(5)).probe_at == state.probe_at


def test_after_an_answer_pauses_begin_anew():
    state = after(*["F"] * IN_A_ROW, state=circuit_breaker.answered())

    assert state.probe_at == later(IN_A_ROW - 1 + PAUSES_S[0])


def test_a_probe_that_made_no_call_leaves_its_place_to_the_next():
    state = circuit_breaker.probe_unused(rested(), by=ROW, now=later(3))

    assert (state.probe, state.probe_at, state.pauses) == (None, later(3), 1)


def test_nobody_else_gives_up_the_probes_place():
    assert circuit_breaker.probe_unused(rested(), by=OTHER, now=later(3)) == rested()
