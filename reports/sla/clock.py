"""How a clock's time is calculated: what is used up, when its target is (rules 4, 5, 8), and whose it is (rule 11)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from knowledge.business_time.arithmetic import (
    ALWAYS,
    SECOND,
    Calendar,
    NeverOpens,
    business_seconds,
    instant_after,
)

from .facts import NOBODY, Facts, Named, Policy
from .metrics import RESOLUTION, UNASSIGNED, State
from .segments import Part, Segment, cut

ANSWERED, RESOLVED, DELETED, BOT_HANDLED, WITHDRAWN = "answered", "resolved", "deleted", "bot", "withdrawn"
NOBODY_HAD_IT = Named(UNASSIGNED, UNASSIGNED)


@dataclass(frozen=True)
class Clock:
    """Seconds are those used up until it stopped, or until it was asked. No due_at: paused, or nothing was promised."""

    metric: str
    case: int
    state: State
    started_at: datetime
    due_at: datetime | None
    at_risk_at: datetime | None
    stopped_at: datetime | None
    business_seconds: float
    wall_seconds: float
    policy: int | None
    policy_version: int | None
    calendar_version: int | None
    attributed_to: str | None
    person: str | None  # who that is, whatever they are called
    team: str | None
    team_key: str | None
    closed_unanswered: bool  # resolved before it was due, with nobody having answered
    missed_by_change: bool  # another policy's target was over already when that policy came to apply
    reopened_at: datetime | None  # a resolution's: when the customer wrote again
    parts: tuple[Part, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """How each second counts. Cut only where a page explains it: a clock that has run for a year has a thousand."""
        return tuple(cut(self.parts))

    @property
    def decided_at(self) -> datetime | None:
        """The instant whose period it belongs to (rule 12)."""
        if self.state == State.MISSED:
            return self.due_at
        return self.stopped_at or (self.started_at if self.state == State.NOT_APPLICABLE else None)


@dataclass
class Phase:
    start: datetime
    policy: Policy | None
    version: int | None
    calendar: Calendar


@dataclass(frozen=True)
class Reached:
    """When a target (or the at-risk share of it) was used up, if it was yet."""

    due: datetime | None = None
    final: bool = False  # nothing that follows changes it
    by_change: bool = False


@dataclass(frozen=True)
class Counted:
    """What a clock had used up at an instant, all under one policy: it can go on from there."""

    until: datetime
    used: int  # microseconds
    due: datetime | None
    at_risk_at: datetime | None


@dataclass
class Running:
    """A clock while the conversation is walked through. counted: what came before the pauses listed; None: nothing."""

    metric: str
    case: int
    started_at: datetime
    phases: list[Phase]
    bot_since: datetime | None = None
    pauses: list[list[datetime | None]] = field(default_factory=list)  # [from, to]
    stopped_at: datetime | None = None
    outcome: str = ""
    who: Named = NOBODY
    reopened_at: datetime | None = None
    counted: Counted | None = None

    def stop(self, at: datetime, outcome: str, who: Named = NOBODY) -> None:
        self.stopped_at, self.outcome, self.who = at, outcome, who

    def pause(self, at: datetime, wanted: bool) -> None:
        paused = bool(self.pauses) and self.pauses[-1][1] is None
        if wanted and not paused:
            self.pauses.append([at, None])
        elif paused and not wanted:
            self.pauses[-1][1] = at


@dataclass(frozen=True)
class _Span:
    """A stretch that counts, under one phase; its end is open while the clock runs in it."""

    start: datetime
    end: datetime
    phase: Phase


def calculate(clock: Running, facts: Facts, *, as_of: datetime, exempt: bool) -> Clock:
    end = clock.stopped_at or as_of
    paused = bool(clock.pauses) and clock.pauses[-1][1] is None
    stretches = list(_stretches(clock, end))
    counting = _spans(clock, stretches, end)
    phase = clock.phases[-1]
    due = risk = None
    state, used, by_change = State.NOT_APPLICABLE, 0, False
    if clock.outcome != BOT_HANDLED:
        used = _used_in(clock, counting)
        promised = [one for one in clock.phases if one.policy]
        if promised and not exempt:
            due, by_change = _due(clock, counting, end=end, paused=paused)
            risk, _ = _due(clock, counting, end=end, paused=paused, at_risk=True)
            late = due is not None and end > due
            if late:
                phase = promised[-1]  # a miss sticks, though no policy fits any more
            state = _state(clock, late=late, paused=paused) if phase.policy else state
            due, risk = (due, risk) if phase.policy else (None, None)
    person, team = _attributed(clock, facts, due=due, state=state)
    return Clock(
        metric=clock.metric, case=clock.case, state=state, started_at=clock.started_at, due_at=due, at_risk_at=risk,
        stopped_at=clock.stopped_at, business_seconds=used / SECOND, wall_seconds=(end - clock.started_at).total_seconds(),
        policy=phase.policy.number if phase.policy else None, policy_version=phase.policy.version if phase.policy else None,
        calendar_version=phase.version, attributed_to=person and person.name, person=person and person.key,
        team=team and team.name, team_key=team and team.key,
        closed_unanswered=state == State.CANCELLED and clock.outcome == RESOLVED,
        missed_by_change=by_change and state == State.MISSED, reopened_at=clock.reopened_at,
        parts=tuple(_parts(clock, stretches, counting)),
    )  # fmt: skip


def _state(clock: Running, *, late: bool, paused: bool) -> State:
    if late:
        return State.MISSED
    if clock.stopped_at is None:
        return State.PAUSED if paused else State.RUNNING
    kept = clock.outcome == ANSWERED or (clock.metric == RESOLUTION and clock.outcome == RESOLVED)
    return State.MET if kept else State.CANCELLED


def _attributed(
    clock: Running, facts: Facts, *, due: datetime | None, state: State
) -> tuple[Named | None, Named | None]:
    if state not in (State.MET, State.MISSED):
        return None, None
    if clock.outcome == ANSWERED and clock.stopped_at:
        return clock.who if clock.who.key else NOBODY_HAD_IT, facts.team.at(clock.stopped_at)
    at = clock.stopped_at if clock.metric == RESOLUTION and clock.outcome == RESOLVED else due
    if at is None:
        return None, None
    had_it = facts.assignee.at(at)
    return had_it if had_it.key else NOBODY_HAD_IT, facts.team.at(at)


def _stretches(clock: Running, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    """(from, to, whether it is paused), one after the other from the start to the end."""
    at = clock.counted.until if clock.counted else clock.started_at
    for start, stop in clock.pauses:
        if start is None or start >= end:
            continue
        if start > at:
            yield at, start, False
        at = min(stop or end, end)
        if start < at:
            yield start, at, True
    if at < end:
        yield at, end, False


def _spans(clock: Running, stretches: list[tuple[datetime, datetime, bool]], end: datetime) -> list[_Span]:
    """What counts, cut where another policy came to apply; each change is there, if only with no length."""
    found = [_Span(phase.start, phase.start, phase) for phase in clock.phases[1:] if phase.start <= end]
    for start, stop, paused in stretches:
        if paused:
            continue
        for place, phase in enumerate(clock.phases):
            following = clock.phases[place + 1].start if place + 1 < len(clock.phases) else stop
            first, last = max(start, phase.start), min(stop, following)
            if first < last:
                found.append(_Span(first, last, phase))
    return sorted(found, key=lambda span: (span.start, span.end))


def _used(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Microseconds, whole: sums are exact, and a target used up at closing time is not due at the next opening."""
    return round(business_seconds(calendar, start, end) * SECOND)


def _used_in(clock: Running, spans: list[_Span]) -> int:
    before = clock.counted.used if clock.counted else 0
    return before + sum(_used(_calendar(clock, span.phase), span.start, span.end) for span in spans)


def _due(
    clock: Running, spans: list[_Span], *, end: datetime, paused: bool, at_risk: bool = False
) -> tuple[datetime | None, bool]:
    """When the target (or the at-risk share of it) is used up first, and whether a change made it so."""
    reached, used = _reached(clock, spans, at_risk=at_risk)
    if reached.final:
        return reached.due, reached.by_change
    return reached.due or _yet_to_come(clock, spans, used, end=end, paused=paused, at_risk=at_risk), False


def _reached(clock: Running, spans: list[_Span], *, at_risk: bool) -> tuple[Reached, int]:
    """At the end of these spans, and the microseconds used until then."""
    reached, used, before = Reached(), 0, clock.phases[0]
    if clock.counted:
        known = clock.counted
        reached, used = Reached(known.at_risk_at if at_risk else known.due), known.used
    for span in spans:
        spent = _used(_calendar(clock, span.phase), span.start, span.end)
        reached = _after(
            reached, span, used, spent, target=_target(span.phase, clock.metric, at_risk), before=before
        )
        used, before = used + spent, span.phase
    return reached, used


def _after(
    reached: Reached, span: _Span, used: int, spent: int, *, target: int | None, before: Phase
) -> Reached:
    """One span later."""
    due, changed = reached.due, span.phase is not before
    if reached.final or (due is not None and due < span.start):
        return replace(reached, final=True)
    if changed:
        due = None  # used up at the very instant of the change, not before it
        if target is not None and used >= target:
            return Reached(span.start, final=True, by_change=used > target)
    if due is None and target is not None and target - used <= spent:
        due = instant_after(span.phase.calendar, span.start, (target - used) / SECOND)
    return Reached(due)


def counted(clock: Running) -> Counted | None:
    """All that is over of a clock that still runs: until its last pause began, or ended. None where several phases counted."""
    if len(clock.phases) > 1:
        return None
    begins = clock.counted.until if clock.counted else clock.started_at
    start, stop = clock.pauses[-1] if clock.pauses else (begins, begins)
    until = stop or start or begins
    spans = _spans(clock, list(_stretches(clock, until)), until)
    target, used = _reached(clock, spans, at_risk=False)
    at_risk, _ = _reached(clock, spans, at_risk=True)
    return Counted(until, used, target.due, at_risk.due)


def _yet_to_come(
    clock: Running, spans: list[_Span], used: int, *, end: datetime, paused: bool, at_risk: bool
) -> datetime | None:
    """While it runs, or as it would have been had it run on after its stop. Unknown while it is paused."""
    phase = clock.phases[-1]
    target = _target(phase, clock.metric, at_risk)
    if target is None or (paused and clock.stopped_at is None):
        return None
    since = end
    if spans and spans[-1].end == end and not paused:
        # From the start of the stretch that runs, so that the answer does not hang on when it was asked. One that has only
        # just begun, as far as we know, has no span yet: the last one lies before the pause.
        since = spans[-1].start
        used -= _used(phase.calendar, since, spans[-1].end)
    try:
        return instant_after(phase.calendar, since, (target - used) / SECOND)
    except NeverOpens:
        return None


def _target(phase: Phase, metric: str, at_risk: bool) -> int | None:
    if phase.policy is None:
        return None
    wanted = phase.policy.targets[metric] * (phase.policy.at_risk_share if at_risk else 1)
    return round(wanted * SECOND)


def _calendar(clock: Running, phase: Phase) -> Calendar:
    """Time before any policy applied is calculated by the first one that does."""
    if phase.policy is not None:
        return phase.calendar
    return next((later.calendar for later in clock.phases if later.policy), ALWAYS)


def _parts(
    clock: Running, stretches: list[tuple[datetime, datetime, bool]], spans: list[_Span]
) -> Iterator[Part]:
    if clock.bot_since and clock.bot_since < clock.started_at:
        yield Part(clock.bot_since, clock.started_at, "bot")
    for start, end, paused in stretches:
        if paused or clock.outcome == BOT_HANDLED:
            yield Part(start, end, "paused" if paused else "bot")
            continue
        for span in spans:
            if start <= span.start < end:
                yield Part(span.start, span.end, "", _calendar(clock, span.phase))
