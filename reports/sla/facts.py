"""What a clock is calculated from: messages, changes and policies. Frozen, in order, whatever came first."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from knowledge.business_time.arithmetic import ALWAYS, Calendar

CUSTOMER, PERSON, BOT = "customer", "person", "bot"
T = TypeVar("T")


@dataclass(frozen=True)
class Steps(Generic[T]):
    """A value that changes: `first` until the first change. Changes are (at, value), in order."""

    first: T
    changes: tuple[tuple[datetime, T], ...] = ()

    def at(self, moment: datetime) -> T:
        """A change holds from its own instant on."""
        place = bisect_right(self.changes, moment, key=lambda change: change[0])
        return self.changes[place - 1][1] if place else self.first


class Named(NamedTuple):
    """A person or a team. The key tells them apart, whatever they are called; the name is how they were called then."""

    key: str = ""
    name: str = ""


NOBODY = Named()


@dataclass(frozen=True)
class Said:
    """A message that counts: the customer's, or a person's public answer (is_person_answer)."""

    at: datetime  # whole seconds: Chatwoot's API has no finer ones
    number: int
    by: str
    who: Named = NOBODY
    failed_at: datetime | None = None  # when the channel refused it
    withdrawn_at: datetime | None = None  # when its customer deleted it
    ms: int | None = None  # after `at`, where known: orders it among what else happened in that second


@dataclass(frozen=True)
class Facts:
    """A conversation. `inbox` is our row's key. Times are whole seconds, but for `status`, whose order may need more."""

    said: tuple[Said, ...] = ()
    status: Steps[str] = Steps("open")
    assignee: Steps[Named] = Steps(NOBODY)
    team: Steps[Named] = Steps(NOBODY)
    labels: Steps[frozenset[str]] = Steps(frozenset())
    priority: Steps[str] = Steps("")
    inbox: Steps[int | None] = Steps(None)
    blocked: bool = False  # the contact
    deleted_at: datetime | None = None
    known_since: datetime | None = None  # when its first clock was calculated; None: none was yet

    def conditions_changed(self) -> set[datetime]:
        steps: tuple[Steps[Any], ...] = (self.team, self.labels, self.priority, self.inbox)
        return {at for one in steps for at, _ in one.changes}


@dataclass(frozen=True)
class Conditions:
    """Empty means all; several of one kind mean any of them. Chatwoot keeps labels and teams in lower case."""

    inbox_ids: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    def hold(self, facts: Facts, at: datetime) -> bool:
        return (
            (not self.inbox_ids or facts.inbox.at(at) in self.inbox_ids)
            and (not self.labels or bool(_lower(self.labels) & _lower(facts.labels.at(at))))
            and (not self.priorities or facts.priority.at(at) in self.priorities)
            and (not self.teams or facts.team.at(at).name.strip().lower() in _lower(self.teams))
        )


def _lower(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in names)


Versions = Steps[tuple[int, Calendar]]


@dataclass(frozen=True)
class Hours:
    """Versions of a calendar, in order of when they came into force.

    While it is the default calendar, an inbox that keeps another is counted in that one's: `own` tells which one was
    assigned to an inbox (by our row's key) and when; None: the default again.
    """

    versions: Versions = Steps((0, ALWAYS))
    own: Mapping[int, tuple[tuple[datetime, Versions | None], ...]] = field(default_factory=dict)
    is_default: Steps[bool] = Steps(True)

    def at(
        self, inbox: int | None, moment: datetime, *, known_since: datetime | None = None
    ) -> tuple[int, Calendar]:
        """Of a clock that started at this moment, in a conversation that is known since then."""
        kept = self._own(inbox, moment, known_since) if self.is_default.at(moment) else None
        return (kept or self.versions).at(moment)

    def _own(self, inbox: int | None, moment: datetime, known_since: datetime | None) -> Versions | None:
        assigned = self.own.get(inbox or 0, ())
        by_then = [versions for made_at, versions in assigned if made_at <= moment]
        if by_then:
            return by_then[-1]
        # The first one serves the time before it, too: but nothing that was promised otherwise by then.
        if assigned and (known_since is None or known_since >= assigned[0][0]):
            return assigned[0][1]
        return None


@dataclass(frozen=True)
class Policy:
    """One version of a promise: seconds a metric, on the calendar's time (ALWAYS: wall time)."""

    number: int
    version: int
    valid_from: datetime
    targets: Mapping[str, float]
    order: int = 0
    conditions: Conditions = Conditions()
    hours: Hours = Hours()
    at_risk_share: float = 0.8
    made_at: datetime | None = None  # None: before everything

    def serves_from(self, facts: Facts) -> datetime:
        """valid_from, but clocks that existed when it was made keep their targets."""
        if self.made_at and facts.known_since and facts.known_since < self.made_at:
            return max(self.valid_from, self.made_at)
        return self.valid_from


def matching(
    policies: tuple[Policy, ...], facts: Facts, *, at: datetime, started_at: datetime
) -> Policy | None:
    """The first by order whose conditions hold at `at`, each in the version that was in force at `started_at`."""
    in_force: dict[int, Policy] = {}
    for policy in sorted(policies, key=lambda one: one.version):
        if policy.serves_from(facts) <= started_at:
            in_force[policy.number] = policy
    ranked = sorted(in_force.values(), key=lambda one: (one.order, one.number))
    return next((policy for policy in ranked if policy.conditions.hold(facts, at)), None)
