"""Clocks kept up by what is newest: the walk goes on from what it knew, instead of through the whole conversation again.

What it knew is a Memory, small whatever the conversation's length. There is one walk and one set of rules (cases.py):
calculated from scratch equals kept up (docs/sla_rules.md, rule 10), which tests prove event by event.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .cases import Walk
from .clock import Clock, Counted, Running, counted
from .facts import Facts, Policy

KNOWN = ("case", "status", "held", "bot_since", "answered", "waiting", "last_at")
TIMES = {
    "bot_since",
    "last_at",
    "started_at",
    "phase_at",
    "paused_since",
    "reopened_at",
    "until",
    "due",
    "at_risk_at",
}


@dataclass(frozen=True)
class Memory:
    """Plain values, for a JSON column.

    walk: what the walk knew (KNOWN). open: its running clocks. numbers: by metric, how many clocks it has by now.
    """

    walk: dict[str, Any]
    open: list[dict[str, Any]]
    numbers: dict[str, int]

    @property
    def last_at(self) -> datetime | None:
        """The second of the last thing that happened."""
        return _read(self.walk)["last_at"]


def from_scratch(
    facts: Facts, policies: tuple[Policy, ...], *, as_of: datetime
) -> tuple[list[tuple[int, Clock]], Memory | None]:
    """All clocks with their numbers (the index among those of their metric), and what to go on from."""
    return _gone(Walk(facts, policies, as_of), {})


def go_on(
    memory: Memory, facts: Facts, policies: tuple[Policy, ...], *, as_of: datetime
) -> tuple[list[tuple[int, Clock]], Memory | None]:
    """The clocks that were open, and new ones. facts: as they were, but `said` holds only what is new: later than last_at."""
    walk = Walk(facts, policies, as_of)
    for name, value in _read(memory.walk).items():
        setattr(walk, name, value)
    walk.clocks = [_resumed(one, walk) for one in map(_read, memory.open)]
    walk.running = {one.metric: one for one in walk.clocks}
    return _gone(walk, Counter(memory.numbers) - Counter(walk.running.keys()))


def _gone(walk: Walk, others: Mapping[str, int]) -> tuple[list[tuple[int, Clock]], Memory | None]:
    """others: how many clocks there are beside the walk's, which are all older."""
    walk.go()
    found, numbers = [], Counter(others)
    for clock in walk.found():
        found.append((numbers[clock.metric], clock))
        numbers[clock.metric] += 1
    return found, _remembered(walk, numbers)


def _remembered(walk: Walk, numbers: Counter[str]) -> Memory | None:
    """None where the next walk must start from the first event: after the conversation's end, or if a clock's policy changed."""
    known = [(clock, counted(clock)) for clock in walk.running.values()]
    if walk.resolved_at or walk.facts.deleted_at or not all(so_far for _, so_far in known):
        return None
    walked = _plain({name: getattr(walk, name) for name in KNOWN})
    return Memory(walked, [_plain(_open(clock, so_far)) for clock, so_far in known if so_far], dict(+numbers))


def _open(clock: Running, so_far: Counted) -> dict[str, Any]:
    paused = bool(clock.pauses) and clock.pauses[-1][1] is None
    return {
        "metric": clock.metric, "case": clock.case, "started_at": clock.started_at, "phase_at": clock.phases[0].start,
        "bot_since": clock.bot_since, "reopened_at": clock.reopened_at, "paused_since": so_far.until if paused else None,
    } | vars(so_far)  # fmt: skip


def _resumed(one: dict[str, Any], walk: Walk) -> Running:
    paused: list[list[datetime | None]] = [[one["paused_since"], None]] if one["paused_since"] else []
    return Running(
        one["metric"], one["case"], one["started_at"], [walk.phase(one["phase_at"], started_at=one["started_at"])],
        one["bot_since"], paused, reopened_at=one["reopened_at"],
        counted=Counted(one["until"], one["used"], one["due"], one["at_risk_at"]),
    )  # fmt: skip


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def _read(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if value and name in TIMES else value
        for name, value in values.items()
    }
