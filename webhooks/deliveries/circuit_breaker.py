"""When an upstream that keeps failing is rested, and for how long. Pure: no database, no clock.

An upstream is whoever OUT deliveries call: a source's Chatwoot, the drafter. While it is rested one delivery a pause goes through
as the probe; its answer ends the rest, its failure makes the next pause longer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

IN_A_ROW = 10
PAUSES_S = (30, 60, 120, 300)  # after each failed probe the next; the last repeats


@dataclass(frozen=True)
class State:
    """failures: in a row. pauses: pauses begun since it last answered. probe: the delivery let through at probe_at."""

    failures: int = 0
    pauses: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    probe: int | None = None


def failed(state: State, *, by: int, now: datetime) -> State:
    """by: the delivery that failed. One that began before the rest is no probe: it says nothing new."""
    state = replace(state, failures=state.failures + 1)
    if state.opened_at is None:
        return _open(state, since=now, now=now) if state.failures >= IN_A_ROW else state
    return _open(state, since=state.opened_at, now=now) if by == state.probe else state


def answered() -> State:
    """Whatever was known before: whoever answers is well."""
    return State()


def probe_unused(state: State, *, by: int, now: datetime) -> State:
    """The probe ended without a call (it was not wanted any more): the next delivery may be it."""
    return replace(state, probe=None, probe_at=now) if state.opened_at and by == state.probe else state


def _open(state: State, *, since: datetime, now: datetime) -> State:
    pause = timedelta(seconds=PAUSES_S[min(state.pauses, len(PAUSES_S) - 1)])
    return replace(state, pauses=state.pauses + 1, opened_at=since, probe_at=now + pause, probe=None)
