"""When the circuit to an upstream opens, and for how long. Pure: no database, no clock.

An upstream is a system that OUT deliveries call: a source's Chatwoot, or the drafter. While its circuit is open, one delivery
goes through after each pause as the probe. Its success closes the circuit; its failure makes the next pause longer.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

IN_A_ROW = 10
PAUSES_S = (30, 60, 120, 300)  # each failed probe moves to the next; the last repeats


@dataclass(frozen=True)
class State:
    """failures: in a row. pauses: started since it last answered. probe: the delivery let through at probe_at."""

    failures: int = 0
    pauses: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    probe: int | None = None


def failed(state: State, *, by: int, now: datetime) -> State:
    """by: the delivery that failed. One that started before the circuit opened is not the probe and changes nothing."""
    state = replace(state, failures=state.failures + 1)
    if state.opened_at is None:
        return _open(state, since=now, now=now) if state.failures >= IN_A_ROW else state
    return _open(state, since=state.opened_at, now=now) if by == state.probe else state


def answered() -> State:
    """Closed, whatever the state before: an upstream that answers is healthy."""
    return State()


def probe_unused(state: State, *, by: int, now: datetime) -> State:
    """The probe ended without a call (it was no longer needed): the next delivery may be the probe."""
    return replace(state, probe=None, probe_at=now) if state.opened_at and by == state.probe else state


def _open(state: State, *, since: datetime, now: datetime) -> State:
    pause = timedelta(seconds=PAUSES_S[min(state.pauses, len(PAUSES_S) - 1)])
    return replace(state, pauses=state.pauses + 1, opened_at=since, probe_at=now + pause, probe=None)
