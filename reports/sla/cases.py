"""When clocks start and stop: a conversation walked through from its first fact to `as_of` (docs/sla_rules.md)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from knowledge.business_time.arithmetic import ALWAYS

from .clock import ANSWERED, BOT_HANDLED, DELETED, RESOLVED, WITHDRAWN, Clock, Phase, Running, calculate
from .facts import CUSTOMER, NOBODY, PERSON, Facts, Named, Policy, Said, matching
from .metrics import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION

NEW_CASE_AFTER = timedelta(days=7)
SPAM = "spam"  # a label, however it is written
MESSAGE, STATUS, CHANGE, WITHDRAWAL = range(4)  # their order at one instant
AFTER_ALL = 1000  # milliseconds: at the end of its second
SECOND = timedelta(seconds=1)


def clocks(facts: Facts, policies: tuple[Policy, ...], *, as_of: datetime) -> list[Clock]:
    """Oldest first. Only what happened until `as_of` counts; no policy that fits, and a clock is not applicable."""
    walk = Walk(facts, policies, as_of)
    walk.go()
    return walk.found()


class Walk:
    def __init__(self, facts: Facts, policies: tuple[Policy, ...], as_of: datetime) -> None:
        self.facts, self.policies, self.as_of = facts, policies, as_of
        self.clocks: list[Running] = []
        self.running: dict[str, Running] = {}
        self.last_at: datetime | None = None  # of what was walked through, in whole seconds
        self.case = 0
        self.status = facts.status.first
        self.held = self.status == "pending"  # by a bot, as long as it was never open (rule 1)
        self.bot_since: datetime | None = None
        self.answered = False  # by a person, in this case
        self.waiting = False  # the last word is the customer's
        self.unanswered: set[int] = set()  # messages of the customer since the last answer
        self.written: set[int] = set()  # in this case
        self.resolved_at: datetime | None = None

    def found(self) -> list[Clock]:
        labels = self.facts.labels.at(self.as_of)
        exempt = self.facts.blocked or any(label.strip().lower() == SPAM for label in labels)
        clocks = [calculate(one, self.facts, as_of=self.as_of, exempt=exempt) for one in self.clocks]
        return sorted(clocks, key=lambda clock: (clock.started_at, clock.metric))

    def go(self) -> None:
        """Through everything that happened, from what the walk knows on."""
        for at, kind, fact in self._events():
            if self.facts.deleted_at and at >= self.facts.deleted_at:
                break
            self.last_at = at
            if kind == CHANGE:
                self._rematch(at)
            elif kind == STATUS:
                self._set_status(at, fact)
            elif kind == WITHDRAWAL:
                self._customer_withdrew(at, fact)
            elif fact.by == CUSTOMER:
                self._customer_wrote(at, fact)
            elif fact.by == PERSON:
                self._person_answered(at, fact)
        if self.facts.deleted_at and self.facts.deleted_at <= self.as_of:
            for metric in list(self.running):
                self._stop(metric, self.facts.deleted_at, DELETED)

    def _events(self) -> Iterator[tuple[datetime, int, Any]]:
        """In whole seconds, as messages have them; within one, by milliseconds where they are known."""
        since = self.last_at
        said = sorted(
            (one for one in self.facts.said if not (one.failed_at and one.failed_at <= self.as_of)),  # rule 2
            key=lambda one: (one.at, one.number),
        )
        events: list[tuple[datetime, int, int, int, Any]] = []
        last, ms = None, 0
        for one in said:
            ms = max(self._milliseconds(one), ms if one.at == last else 0)  # in the order of their numbers
            last = one.at
            events.append((one.at, ms, MESSAGE, one.number, one))
            if one.withdrawn_at:
                events.append((_second(one.withdrawn_at), AFTER_ALL, WITHDRAWAL, one.number, one))
        for place, (at, status) in enumerate(self.facts.status.changes):
            events.append((_second(at), at.microsecond // 1000, STATUS, place, status))
        events += [(at, AFTER_ALL, CHANGE, 0, None) for at in self.facts.conditions_changed()]
        for at, _, kind, _, fact in sorted(events, key=lambda event: event[:4]):
            if at <= self.as_of and (since is None or at > since):
                yield at, kind, fact

    def _milliseconds(self, said: Said) -> int:
        """Where they are not known it came first in its second, unless it is what reopened a conversation in it."""
        if said.ms is not None or said.by != CUSTOMER:
            return said.ms or 0
        steps = [
            (at, to)
            for at, to in self.facts.status.changes
            if said.at <= at < said.at + SECOND and at <= self.as_of
        ]
        resolved = [
            at
            for (at, to), (_, after) in pairwise(steps)
            if to == "resolved" and after in ("open", "pending")
        ]
        return max(resolved).microsecond // 1000 + 1 if resolved else 0

    def _customer_wrote(self, at: datetime, said: Said) -> None:
        self._open_case(at)
        self.waiting = True
        self.unanswered.add(said.number)
        self.written.add(said.number)
        if self.held:
            self.bot_since = self.bot_since or at
            return
        if not self.answered and FIRST_RESPONSE not in self.running:
            self._start(FIRST_RESPONSE, at)
        elif self.answered and NEXT_RESPONSE not in self.running:
            self._start(NEXT_RESPONSE, at)
        if RESOLUTION not in self.running:
            self._start(RESOLUTION, at)
        self._pause(at)

    def _open_case(self, at: datetime) -> None:
        """The first, or a new one after a long silence (rule 7)."""
        reopens = next((one for one in reversed(self.clocks) if one.metric == RESOLUTION), None)
        if self.resolved_at and reopens and reopens.outcome == RESOLVED:
            reopens.reopened_at = reopens.reopened_at or at
        if self.case == 0 or (self.resolved_at and at - self.resolved_at > NEW_CASE_AFTER):
            self.case += 1
            self.answered = False
            self.written = set()
            if self.status == "resolved":  # Chatwoot opens it after the message, or gives it to its bot again
                self.held = self._next_status(at) == "pending"
        self.resolved_at = None

    def _customer_withdrew(self, at: datetime, said: Said) -> None:
        """Deleted what nobody had answered: if no other message of the customer waits, the wait is over (rule 6)."""
        if said.number not in self.unanswered:
            return
        self.unanswered.discard(said.number)
        self.written.discard(said.number)
        if self.unanswered:
            return
        self.waiting, self.bot_since = False, None
        for metric in (FIRST_RESPONSE, NEXT_RESPONSE):
            self._stop(metric, at, WITHDRAWN)
        if not self.written:
            self._stop(RESOLUTION, at, WITHDRAWN)
        self._pause(at)

    def _next_status(self, at: datetime) -> str | None:
        return next(
            (to for when, to in self.facts.status.changes if at <= when <= self.as_of and to != "resolved"),
            None,
        )

    def _person_answered(self, at: datetime, said: Said) -> None:
        if self.case == 0:
            return  # an agent opened the conversation (rule 1)
        if self.held and self.bot_since:
            self._take_over(at)
        self.answered, self.waiting = True, False
        self.unanswered.clear()
        for metric in (FIRST_RESPONSE, NEXT_RESPONSE):
            self._stop(metric, at, ANSWERED, said.who)
        self._pause(at)

    def _set_status(self, at: datetime, status: str) -> None:
        if status == self.status:
            return
        self.status = status
        if status == "resolved":
            self._resolved(at)
        elif status == "open" and self.held:
            self._take_over(at)
        self._pause(at)

    def _resolved(self, at: datetime) -> None:
        if self.held and self.bot_since:
            for metric in (FIRST_RESPONSE, RESOLUTION):
                self._start(metric, self.bot_since)
                self._stop(metric, at, BOT_HANDLED)
            self.bot_since = None
        for metric in list(self.running):  # unanswered, for a response (rule 6)
            self._stop(metric, at, RESOLVED)
        self.waiting, self.resolved_at = False, at
        self.unanswered.clear()

    def _take_over(self, at: datetime) -> None:
        """From the bot: what the customer wrote to it waits for a person from now on."""
        self.held = False
        if self.bot_since:
            for metric in (FIRST_RESPONSE, RESOLUTION):
                self._start(metric, at, bot_since=self.bot_since)
            self.bot_since = None

    def _pause(self, at: datetime) -> None:
        """Only resolution pauses (rule 4)."""
        if clock := self.running.get(RESOLUTION):
            clock.pause(at, self.status in ("pending", "snoozed") or not self.waiting)

    def _start(self, metric: str, at: datetime, *, bot_since: datetime | None = None) -> None:
        clock = Running(metric, self.case, at, [self.phase(at, started_at=at)], bot_since)
        self.running[metric] = clock
        self.clocks.append(clock)

    def _stop(self, metric: str, at: datetime, outcome: str, who: Named = NOBODY) -> None:
        if clock := self.running.pop(metric, None):
            clock.stop(at, outcome, who)

    def _rematch(self, at: datetime) -> None:
        """A condition changed: a running clock keeps its start and used time (rule 8)."""
        for clock in self.running.values():
            phase = self.phase(at, started_at=clock.started_at)
            known = clock.phases[-1].policy
            if (phase.policy and phase.policy.number) != (known and known.number):
                clock.phases.append(phase)

    def phase(self, at: datetime, *, started_at: datetime) -> Phase:
        policy = matching(self.policies, self.facts, at=at, started_at=started_at)
        if policy is None:
            return Phase(at, None, None, ALWAYS)
        version, calendar = policy.hours.at(
            self.facts.inbox.at(at), started_at, known_since=self.facts.known_since
        )
        return Phase(at, policy, version, calendar)


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
