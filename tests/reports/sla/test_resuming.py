"""Kept up by the newest event equals calculated from scratch: the same clocks, numbers and memory (rule 10)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reports import sla
from tests.reports.sla.stories import POLICY, at, told
from tests.reports.sla.test_properties import VIP, histories, moments, story, unhurried

POLICIES = (VIP, POLICY)


def by_number(found: list[tuple[int, sla.Clock]]) -> dict[tuple[str, int], sla.Clock]:
    return {(clock.metric, number): clock for number, clock in found}


def through_json(memory: sla.Memory) -> sla.Memory:
    return sla.Memory(**json.loads(json.dumps(vars(memory))))


def kept_up(facts: sla.Facts, said: list[sla.Said], *, late: timedelta) -> tuple[dict[Any, sla.Clock], int]:
    """Message by message, and how many went on from a memory."""
    rows: dict[tuple[str, int], sla.Clock] = {}
    memory, went_on = None, 0
    for count, one in enumerate(said, 1):
        as_of = max([one.at, *(at for at, _ in facts.status.changes)]) + late
        known = replace(facts, said=tuple(said[:count]))
        scratch, afterwards = sla.from_scratch(known, POLICIES, as_of=as_of)
        if memory and memory.last_at and one.at > memory.last_at:
            found, memory = sla.go_on(
                through_json(memory), replace(facts, said=(one,)), POLICIES, as_of=as_of
            )
            rows |= by_number(found)
            went_on += 1
            assert memory == afterwards
        else:
            memory = afterwards
            rows = by_number(scratch)
        assert rows == by_number(scratch)
    return rows, went_on


@unhurried
@given(histories, st.sampled_from(["open", "pending"]), st.integers(0, 4000))
def test_clocks_kept_up_message_by_message_equal_those_from_scratch(history, first, minutes):
    facts = story(history, first=first)

    kept_up(facts, sorted(facts.said, key=lambda one: (one.at, one.number)), late=timedelta(minutes=minutes))


@unhurried
@given(
    st.lists(st.tuples(moments, st.sampled_from(["customer", "Ann"])), min_size=4, max_size=40),
    st.integers(0, 4000),
)
def test_an_open_conversation_goes_on_from_its_memory(history, minutes):
    facts = story(history)
    said = sorted(facts.said, key=lambda one: (one.at, one.number))

    _, went_on = kept_up(facts, said, late=timedelta(minutes=minutes))

    assert went_on == len({one.at for one in said}) - 1


def test_the_memory_does_not_grow_with_the_conversation():
    def size(messages: int) -> int:
        lines = [f"Mon {9 + n // 60:02}:{n % 60:02} {('customer', 'Ann')[n % 2]}" for n in range(messages)]
        _, memory = sla.from_scratch(told(*lines), (POLICY,), as_of=at("Mon 23:00"))
        return len(json.dumps(vars(memory)))

    assert size(400) <= size(4) + 20


def test_a_resolved_conversation_is_not_gone_on_with():
    _, memory = sla.from_scratch(
        told("Mon 09:00 customer", "Mon 10:00 resolved"), (POLICY,), as_of=at("Mon 11:00")
    )

    assert memory is None


def test_a_clock_whose_policy_changed_is_not_gone_on_with():
    facts = told("Mon 09:00 customer", "Mon 10:00 label vip")

    _, memory = sla.from_scratch(facts, POLICIES, as_of=at("Mon 11:00"))

    assert memory is None
