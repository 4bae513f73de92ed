"""What the clocks of a conversation go on from with its next message, and when they must be calculated from scratch.

A memory is a conversation's column. It holds as long as nothing that clocks depend on has changed, apart from messages that are
newer than all it knows: the digest of the other facts and of the policies in force (basis) shows that.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.models import Draft
from webhooks.models import Conversation, Message

from .. import sla
from . import conversation_facts as mirror

Numbered = list[tuple[int, sla.Clock]]


@dataclass(frozen=True)
class Calculated:
    """clocks: with their numbers; only those that were open or are new if it went on from a memory.

    stood: the state and decision of clocks that were open, by metric and number; None: the rows must be asked.
    """

    clocks: Numbered
    facts: sla.Facts
    as_of: datetime
    memory: dict[str, Any] | None
    stood: dict[tuple[str, int], list[Any]] | None = None


def as_of(facts: sla.Facts, *, now: datetime) -> datetime:
    """Chatwoot's clock may be ahead of this site's."""
    told = [
        *(one.at for one in facts.said),
        *(at for at, _ in facts.status.changes),
        *facts.conditions_changed(),
    ]
    return max([now, *told])


def go_on(
    conversation: Conversation, policies: tuple[sla.Policy, ...], stamp: str, *, now: datetime, news: list[Message] | None,
    replies: list[Draft] | None,
) -> Calculated | None:  # fmt: skip
    """None: from scratch. news: messages that count and are new with this event, and drafts that they are; None: read."""
    known = conversation.clocks_memory
    if known is None or (not known and news is None):
        return None
    if not known:
        return _begin(conversation, policies, stamp, now=now, news=news or [], replies=replies)
    if news is None or known["behind"]:
        news, replies = list(conversation.messages.filter(mirror.COUNTED, pk__gt=known["seen"])), None
    since = known["known_since"] and datetime.fromisoformat(known["known_since"])
    facts = mirror.with_news(
        conversation, news, has_changes=known["has_changes"], known_since=since, replies=replies
    )
    memory = sla.Memory(known["walk"], known["open"], known["numbers"])
    if _basis(facts, stamp) != known["basis"] or not _are_newest(facts.said, memory):
        return None
    at = as_of(facts, now=now)
    found, memory_after = sla.go_on(memory, facts, policies, as_of=at)
    stood = {(metric, number): rest for metric, number, *rest in known["stood"]}
    after = _remember(
        memory_after, found, facts, stamp, news, has_changes=known["has_changes"], seen=known["seen"]
    )
    return Calculated(found, facts, at, after, stood)


def _begin(
    conversation: Conversation, policies: tuple[sla.Policy, ...], stamp: str, *, now: datetime, news: list[Message],
    replies: list[Draft] | None,
) -> Calculated:  # fmt: skip
    """The conversation begins with this event: there is nothing to read."""
    facts = mirror.with_news(conversation, news, has_changes=False, known_since=None, replies=replies)
    at = as_of(facts, now=now)
    found, memory = sla.from_scratch(facts, policies, as_of=at)
    return Calculated(found, facts, at, _remember(memory, found, facts, stamp, news, has_changes=False), {})


def from_scratch(
    conversation: Conversation, policies: tuple[sla.Policy, ...], stamp: str, *, now: datetime
) -> Calculated:
    """Without a stamp, nothing is remembered."""
    ((facts, messages, has_changes),) = mirror.read([conversation])
    at = as_of(facts, now=now)
    found, memory = sla.from_scratch(facts, policies, as_of=at)
    after = _remember(memory, found, facts, stamp, messages, has_changes=has_changes) if stamp else None
    return Calculated(found, facts, at, after)


def _are_newest(said: Iterable[sla.Said], memory: sla.Memory) -> bool:
    last = memory.last_at
    return all(one.withdrawn_at is None and (last is None or one.at > last) for one in said)


def _remember(
    memory: sla.Memory | None, found: Numbered, facts: sla.Facts, stamp: str, messages: list[Message], *, has_changes: bool,
    seen: int = 0,
) -> dict[str, Any] | None:  # fmt: skip
    if memory is None:
        return None
    return vars(memory) | {
        "basis": _basis(facts, stamp),
        "seen": max([seen, *(one.pk for one in messages)]),
        "has_changes": has_changes,
        "known_since": facts.known_since and facts.known_since.isoformat(),
        "stood": [[one.metric, number, *standing(one)] for number, one in found if one.stopped_at is None],
        "behind": False,
    }


def standing(clock: sla.Clock) -> list[Any]:
    return [clock.state.value, clock.decided_at and clock.decided_at.isoformat()]


def _basis(facts: sla.Facts, stamp: str) -> str:
    labels = [sorted(facts.labels.first), [(at, sorted(value)) for at, value in facts.labels.changes]]
    others = [
        facts.status,
        facts.assignee,
        facts.team,
        facts.priority,
        facts.inbox,
        facts.blocked,
        facts.deleted_at,
    ]
    return hashlib.sha256(repr([stamp, labels, *others]).encode()).hexdigest()[:16]
