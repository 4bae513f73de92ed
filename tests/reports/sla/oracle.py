"""Clocks counted minute by minute, from docs/sla_rules.md alone: what the engine is compared with.

It knows nothing of the engine: a calendar is a list that says of each minute whether it is open, and a clock is a counter
that goes up by one in each open minute in which it runs. A numbered comment names the rule that a line is written from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FIRST, NEXT, RESOLUTION = "first_response", "next_response", "resolution"
WEEK = 7 * 24 * 60
MINUTE = timedelta(minutes=1)


class OpenMinutes:
    """Of each minute after `begin`, whether it is open: read off a wall clock."""

    def __init__(
        self,
        begin: datetime,
        length: int,
        zone: str,
        week: dict[int, list[tuple[int, int]]],
        closed: set[str],
    ) -> None:
        self.open = []
        for minute in range(length):
            wall = (begin + minute * MINUTE).astimezone(ZoneInfo(zone))
            place = wall.hour * 60 + wall.minute
            hours = [] if f"{wall:%Y-%m-%d}" in closed else week.get(wall.weekday(), [])
            self.open.append(any(start <= place < end for start, end in hours))


@dataclass
class Promise:
    """One version of a policy. serves: whether its conditions hold of (labels, priority, team)."""

    number: int
    version: int
    valid_from: int
    targets: dict[str, int]  # minutes
    hours: Callable[[int], OpenMinutes]  # by the minute in which the clock started
    serves: Callable[[frozenset[str], str, str], bool]


@dataclass
class Counter:
    metric: str
    case: int
    start: int
    promise: Promise | None
    hours: OpenMinutes | None
    ran: list[int] = field(default_factory=list)  # minutes that count, before any policy applied
    used: int = 0
    due: int | None = None
    by_change: bool = False
    paused: bool = False
    stop: int | None = None
    how: str = ""
    who: str = ""
    reopened: int | None = None

    @property
    def target(self) -> int | None:
        return self.promise.targets[self.metric] if self.promise else None

    def run(self, now: int, until: int) -> None:
        """Minute by minute."""
        if self.paused:
            return
        if self.hours is None:
            self.ran += range(now, until)
            return
        is_open, target = self.hours.open, self.target
        for minute in range(now, until):
            if is_open[minute]:
                self.used += 1
                if self.used == target and self.due is None:
                    self.due = minute + 1

    def take(self, promise: Promise | None, now: int) -> None:
        """8: a running clock keeps its start and used time and takes the new target; misses stick."""
        if (promise and promise.number) == (self.promise and self.promise.number):
            return
        if promise is None:
            if self.due is None or self.due >= now:
                self.promise = self.due = None
            return
        self.promise = promise
        hours = promise.hours(self.start)
        if self.hours is None:  # its time from its start included
            self.used = sum(hours.open[minute] for minute in self.ran)
        self.hours = hours
        if self.due is not None and self.due < now:
            return
        self.due = now if self.used >= promise.targets[self.metric] else None
        self.by_change = self.used > promise.targets[self.metric]

    def would_be_due(self, since: int) -> int | None:
        """5: had it gone on from then."""
        if self.promise is None or self.hours is None:
            return None
        left = promise_left = self.promise.targets[self.metric] - self.used
        for minute in range(since, len(self.hours.open)):
            left -= self.hours.open[minute]
            if left == 0:
                return minute + 1
        raise AssertionError(f"the calendar is too short for {promise_left} minutes")


class Oracle:
    """events: (minute, kind, value), in order. Kinds: customer, answer (who), status, labels, priority, team, assign,
    delete. first: the status it was created in.
    """

    def __init__(
        self, events: list[tuple[int, str, Any]], promises: list[Promise], *, first: str = "open"
    ) -> None:
        self.events, self.promises = events, promises
        self.clocks: list[Counter] = []
        self.running: dict[str, Counter] = {}
        self.status, self.held = first, first == "pending"  # 1: a bot's while pending from its creation
        self.labels, self.priority, self.team, self.assignee = frozenset[str](), "", "", ""
        self.history: list[tuple[int, str, str]] = [(0, "", "")]  # assignee and team, for 11
        self.case, self.answered, self.waiting = 0, False, False
        self.bot_since: int | None = None
        self.bots: Promise | None = None  # what would have been promised then
        self.resolved_at: int | None = None

    def ask(self, as_of: int, *, exempt: bool = False) -> list[dict[str, Any]]:
        now, gone = 0, False
        for place, (at, kind, value) in enumerate(self.events):
            if at > as_of or gone:
                break
            self._run(now, at)
            now = at
            following = [event for event in self.events[place:] if event[0] <= as_of]
            gone = self._happens(at, kind, value, following)
        self._run(now, as_of)
        exempt = exempt or "spam" in {label.lower() for label in self.labels}  # 6
        found = [self._told(clock, as_of, exempt) for clock in self.clocks]
        return sorted(found, key=lambda told: (told["start"], told["metric"]))

    def _run(self, now: int, until: int) -> None:
        for clock in self.running.values():
            clock.run(now, until)

    def _happens(self, at: int, kind: str, value: Any, following: list[tuple[int, str, Any]]) -> bool:
        if kind == "customer":
            self._customer(at, following)
        elif kind == "answer":
            self._answer(at, value)
        elif kind == "status":
            self._status(at, value)
        elif kind == "delete":
            for metric in list(self.running):
                self._stop(metric, at, "deleted")
            return True
        else:
            setattr(self, {"assign": "assignee"}.get(kind, kind), value)
            self.history.append((at, self.assignee, self.team))
            if kind != "assign":
                for clock in self.running.values():
                    clock.take(self._serving(clock.start), at)
        if clock := self.running.get(RESOLUTION):  # 4: responses never pause
            clock.paused = self.status in ("snoozed", "pending") or not self.waiting
        return False

    def _customer(self, at: int, following: list[tuple[int, str, Any]]) -> None:
        if self.resolved_at is not None:  # 7: the resolution says when the customer came back
            last = [clock for clock in self.clocks if clock.metric == RESOLUTION][-1:]
            for clock in last:
                if clock.how == "resolved" and clock.reopened is None:
                    clock.reopened = at
        if self.case == 0 or (self.resolved_at is not None and at - self.resolved_at > WEEK):
            self.case += 1
            self.answered = False
            if self.status == "resolved":
                to = [value for _, kind, value in following if kind == "status" and value != "resolved"]
                self.held = to[:1] == ["pending"]
        self.resolved_at, self.waiting = None, True
        if self.held:  # 1: while the bot holds it no clock runs
            if self.bot_since is None:
                self.bot_since, self.bots = at, self._serving(at)
            return
        metric = NEXT if self.answered else FIRST  # 3, 7
        for wanted in (metric, RESOLUTION):
            if wanted not in self.running:
                self._start(wanted, at, self._serving(at))

    def _answer(self, at: int, who: str) -> None:
        if self.case == 0:
            return  # 1: an agent's opening message starts nothing
        if self.held and self.bot_since is not None:
            self._take_over(at)
        self.answered, self.waiting = True, False
        for metric in (FIRST, NEXT):
            self._stop(metric, at, "answered", who)

    def _status(self, at: int, status: str) -> None:
        if status == self.status:
            return
        self.status = status
        if status == "open" and self.held:
            self._take_over(at)
        if status != "resolved":
            return
        if self.held and self.bot_since is not None:  # 1: resolved by the bot
            for metric in (FIRST, RESOLUTION):
                self._start(metric, self.bot_since, self.bots)
                self._stop(metric, at, "bot")
        self.bot_since = None
        for metric in list(self.running):
            self._stop(metric, at, "resolved")
        self.waiting, self.resolved_at = False, at

    def _take_over(self, at: int) -> None:
        self.held = False
        if self.bot_since is not None:
            self._start(FIRST, at, self._serving(at))
            self._start(RESOLUTION, at, self._serving(at))
        self.bot_since = None

    def _serving(self, start: int) -> Promise | None:
        """8: the first whose conditions hold now, each in the version that was in force when the clock started."""
        in_force: dict[int, Promise] = {}
        for one in self.promises:
            if one.valid_from <= start:
                in_force[one.number] = one
        fits = [
            one for _, one in sorted(in_force.items()) if one.serves(self.labels, self.priority, self.team)
        ]
        return fits[0] if fits else None

    def _start(self, metric: str, at: int, promise: Promise | None) -> None:
        clock = Counter(metric, self.case, at, promise, promise.hours(at) if promise else None)
        self.running[metric] = clock
        self.clocks.append(clock)

    def _stop(self, metric: str, at: int, how: str, who: str = "") -> None:
        if clock := self.running.pop(metric, None):
            clock.stop, clock.how, clock.who = at, how, who

    def _told(self, clock: Counter, as_of: int, exempt: bool) -> dict[str, Any]:
        end = as_of if clock.stop is None else clock.stop
        late = clock.due is not None and end > clock.due  # 5: met where it stopped by its due time
        nothing = exempt or clock.how == "bot" or clock.promise is None
        due = None if nothing else clock.due
        if due is None and not nothing and (clock.stop is not None or not clock.paused):
            due = clock.would_be_due(end)
        if nothing:
            state = "not_applicable"
        elif late:
            state = "missed"
        elif clock.stop is None:
            state = "paused" if clock.paused else "running"
        else:
            kept = clock.how == "answered" or (clock.metric == RESOLUTION and clock.how == "resolved")
            state = "met" if kept else "cancelled"  # 6
        used = 0 if clock.how == "bot" else clock.used if clock.hours else len(clock.ran)
        return {
            "metric": clock.metric, "case": clock.case, "state": state, "start": clock.start, "due": due, "stop": clock.stop,
            "used": used, "by_change": clock.by_change and state == "missed", "reopened": clock.reopened,
            "closed": state == "cancelled" and clock.how == "resolved",
            "policy": clock.promise.number if clock.promise else None,
            "version": clock.promise.version if clock.promise else None,
            "whose": self._whose(clock, state, due),
            "decided": due if state == "missed" else clock.stop if clock.stop is not None else
                       clock.start if state == "not_applicable" else None,
        }  # fmt: skip

    def _whose(self, clock: Counter, state: str, due: int | None) -> tuple[str, str] | None:
        """11."""
        if state not in ("met", "missed"):
            return None
        by_answer = clock.how == "answered"
        at = clock.stop if by_answer or (clock.metric == RESOLUTION and clock.how == "resolved") else due
        assignee, team = next((who, team) for then, who, team in reversed(self.history) if then <= (at or 0))
        return (clock.who if by_answer else assignee) or "unassigned", team
