"""The status changes of a conversation from all that Chatwoot told of them. Pure, and in no order of arrival.

Chatwoot tells one change twice: `conversation_updated` names the instant of the change, `conversation_status_changed`
does not and can only be dated by its payload, which is built when its job runs. So a telling is either dated by itself,
or not later than its payload. Each is kept as a register (a set that only grows), and the history is a function of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby, permutations
from typing import Any, NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOLD = "status_told:"
BY_ITSELF, BY_PAYLOAD = 1.0, 0.0  # versions of the register: what a change says of itself wins
MOST_AT_ONCE = 5  # changes of one instant that are put in order: every order is tried
SETTLED_MS = 1000  # a customer's message reopens a conversation within this time


class Transition(NamedTuple):
    at: datetime
    previous: str
    current: str


class _Telling(NamedTuple):
    ms: int
    previous: str
    current: str
    by_itself: bool
    status: str = ""  # the payload's, as of `ms`; empty where the payload has no version of its own


def milliseconds(seconds: float) -> int:
    """Cut off, as Chatwoot cuts the times in `changed_attributes`. Through microseconds: floats hold those exactly."""
    return round(seconds * 1_000_000) // 1000


def moment(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def register(
    seconds: float, previous: str, current: str, *, by_itself: bool, status: str
) -> tuple[str, list[Any]]:
    """One telling, as the fold keeps it. status: the payload's own, where it is as of `seconds`."""
    key = f"{TOLD}{milliseconds(seconds)}:{previous[:10]}:{current[:10]}"
    return key, [BY_ITSELF, ""] if by_itself else [BY_PAYLOAD, status[:10]]


def history(registers: dict[str, list]) -> list[Transition]:
    """Each change once, oldest first, no two at one instant."""
    told = [_telling(key, register) for key, register in registers.items() if key.startswith(TOLD)]
    built = sorted(one for one in told if not one.by_itself)
    known = _in_order((one for one in told if one.by_itself), built)
    for one in built:
        kept = _placed(one, known)
        if kept is not None:
            known = _in_order([*known, kept], built)
    return list(_apart(known))


def _telling(key: str, register: list) -> _Telling:
    ms, previous, current = key.removeprefix(TOLD).split(":", 2)
    version, status = register
    return _Telling(int(ms), previous, current, version == BY_ITSELF, str(status))


def _placed(one: _Telling, known: list[_Telling]) -> _Telling | None:
    """When the change was that a payload tells of; None where it is known already."""
    same = [other for other in known if (other.previous, other.current) == (one.previous, one.current)]
    earlier = [other for other in same if other.ms <= one.ms]
    if not one.status:  # 4.0 and older: dated by the last activity, which lies before the change
        return None if _is_told_later(one, same, known) or _status_at(one.ms, known) == one.current else one
    is_over = one.status != one.current  # the payload is newer than the end of what it tells of
    # Of what happened in its millisecond, the payload may show the state before or after.
    if earlier and (is_over or one.current in (_status_at(one.ms, known), _status_at(one.ms - 1, known))):
        return None
    if is_over:
        left = [other.ms for other in known if other.previous == one.current and other.ms <= one.ms]
        came = [other.ms for other in known if other.current == one.previous and other.ms <= one.ms]
        if left:
            return one._replace(ms=max([left[-1] - SETTLED_MS, *(ms for ms in came if ms < left[-1])]))
    return one


def _is_told_later(one: _Telling, same: list[_Telling], known: list[_Telling]) -> bool:
    """Whether the next change of this kind is the one, nothing having undone it before."""
    following = next((other.ms for other in same if other.ms >= one.ms), None)
    undone = [other for other in known if other.previous == one.current and other.ms >= one.ms]
    return following is not None and not any(other.ms < following for other in undone)


def _status_at(ms: int, known: Iterable[_Telling]) -> str:
    return next((one.current for one in reversed(list(known)) if one.ms <= ms), "")


def _in_order(known: Iterable[_Telling], built: list[_Telling]) -> list[_Telling]:
    """What shares an instant stands in the order in which one leads to the other."""
    told = sorted(known)
    found: list[_Telling] = []
    for ms, together in groupby(told, key=lambda one: one.ms):
        before = found[-1].current if found else ""
        found += _chained(list(together), before, _status_after(ms, told, built))
    return found


def _chained(together: list[_Telling], before: str, after: set[str]) -> Iterable[_Telling]:
    """The order in which most of them begin with the status that the one before them left."""

    def links(order: tuple[_Telling, ...]) -> int:
        left = [before, *(one.current for one in order)]
        begun = [{one.previous} for one in order] + [after]
        return sum(status in statuses for status, statuses in zip(left, begun, strict=True))

    if not 1 < len(together) <= MOST_AT_ONCE:
        return together
    return max(permutations(together), key=links)


def _status_after(ms: int, known: list[_Telling], built: list[_Telling]) -> set[str]:
    """What the next changes may begin with, else what the next payload shows; empty where nothing came later."""
    later = min((one.ms for one in known if one.ms > ms), default=None)
    following = [one for one in known if one.ms == later]
    begun, ended = {one.previous for one in following}, {one.current for one in following}
    return (
        begun - ended or begun or set(next(([one.status] for one in built if one.ms > ms and one.status), ()))
    )


def _apart(known: list[_Telling]) -> Iterable[Transition]:
    """Changes that share an instant are a microsecond apart, so that their order shows in their times."""
    last = EPOCH
    for one in known:
        last = max(moment(one.ms), last + timedelta(microseconds=1))
        yield Transition(last, one.previous, one.current)
