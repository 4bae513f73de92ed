"""Clocks as rows: written by the event that changes them, and by a sweep for those that run out in silence."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from knowledge.models import Draft
from webhooks.mirror.handlers import applied
from webhooks.models import Conversation, Delivery, Message

from .. import sla
from ..attainment import daily_rollup
from ..models import Clock
from ..policies import versions
from . import conversation_facts as mirror
from . import memories

logger = logging.getLogger(__name__)
BATCH = 200
TOGETHER = 500
AGAIN_AFTER = timedelta(minutes=10)
# A bug, not a database that is down.
UNRECKONED = (ArithmeticError, LookupError, TypeError, ValueError)
MOMENT = timedelta(microseconds=1)  # due is not late yet
SAME = (
    "metric", "case", "state", "started_at", "due_at", "at_risk_at", "stopped_at", "decided_at", "business_seconds",
    "wall_seconds", "policy_version", "calendar_version", "attributed_to", "person", "team", "team_key",
    "closed_unanswered", "missed_by_change",
    "reopened_at",
)  # fmt: skip
WRITTEN = (*SAME, "policy_id", "inbox_id", "priority", "labels")


def on_event(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """Runs after the mirror and the replies: who approved a reply is known by then. A clock that cannot be calculated keeps no
    customer's message from the desk: the sweep tries it again.
    """
    done = applied(delivery)
    try:
        follow(done.conversation, now=now, news=done.news, replies=done.replies)
    except UNRECKONED:
        _postpone(done.conversation, now=now)


def sweep(*, now: datetime) -> int:
    """How many conversations were recalculated. A chore: safe to run at any time, on several hosts."""
    due = Conversation.objects.filter(clocks_look_at__lte=now).order_by("clocks_look_at")
    numbers = list(due.values_list("pk", flat=True)[:BATCH])
    for number in numbers:
        try:
            _look(number, now=now)
        except UNRECKONED:  # it stops no other
            _postpone(Conversation.objects.get(pk=number), now=now)
    return len(numbers)


def _look(number: int, *, now: datetime) -> None:
    with transaction.atomic():
        locked = Conversation.objects.select_for_update(of=("self",)).select_related("inbox")
        conversation = locked.filter(pk=number, clocks_look_at__lte=now).first()
        if conversation:
            follow(conversation, now=now)


def _postpone(conversation: Conversation, *, now: datetime) -> None:
    logger.exception("clocks.failed", extra={"conversation": conversation.pk})
    conversation.clocks_look_at, conversation.clocks_memory = now + AGAIN_AFTER, None
    conversation.save_changes()


def calculated(
    conversation: Conversation, policies: tuple[sla.Policy, ...], *, now: datetime
) -> tuple[list[sla.Clock], sla.Facts, datetime]:
    """The clocks as they are now, what they are calculated from, and as of when."""
    ((facts, as_of),) = known([conversation], now=now)
    return sla.clocks(facts, policies, as_of=as_of), facts, as_of


def known(conversations: Sequence[Conversation], *, now: datetime) -> list[tuple[sla.Facts, datetime]]:
    """What clocks are calculated from, and as of when."""
    return [(facts, memories.as_of(facts, now=now)) for facts in mirror.of(conversations)]


def parts(numbers: list[int]) -> Iterator[list[int]]:
    """Of many conversations, as many as are read at once."""
    for place in range(0, len(numbers), TOGETHER):
        yield numbers[place : place + TOGETHER]


def follow(
    conversation: Conversation,
    *,
    now: datetime,
    news: list[Message] | None = None,
    replies: list[Draft] | None = None,
) -> None:
    """Goes on from the conversation's memory if what is new is the newest, else calculates from scratch. It is locked.

    news, replies: new messages that count, and drafts that they are, if these are in hand.
    """
    stamp, policies = versions.stamped()
    result = memories.go_on(conversation, policies, stamp, now=now, news=news, replies=replies)
    _keep(conversation, result or memories.from_scratch(conversation, policies, stamp, now=now), now=now)


def keep_up(conversation: Conversation, policies: tuple[sla.Policy, ...], *, now: datetime) -> None:
    """From scratch. The conversation is locked."""
    _keep(conversation, memories.from_scratch(conversation, policies, "", now=now), now=now)


def _keep(conversation: Conversation, result: memories.Calculated, *, now: datetime) -> None:
    """Everything is calculated before the first write: an error leaves nothing half-done."""
    wanted = rows(conversation, result.clocks, result.facts, result.as_of)
    if result.stood is None:
        _write_all(conversation, wanted, now=now)
    else:
        _write_open(wanted, result, now=now)
    memory = result.memory
    if memory and memory["known_since"] is None and wanted:
        memory = memory | {"known_since": min(row.first_calculated_at for row in wanted).isoformat()}
    conversation.clocks_memory = memory
    for name, at in deadlines([clock for _, clock in result.clocks]).items():
        setattr(conversation, name, at)
    conversation.save_changes()


def missed(conversations: Sequence[int], *, since: datetime) -> set[int]:
    """Those (by key) with a target that was missed, and that began after `since`."""
    rows = Clock.objects.filter(conversation__in=conversations, state=sla.State.MISSED, started_at__gte=since)
    return set(rows.values_list("conversation", flat=True))


def deadlines(found: list[sla.Clock]) -> dict[str, datetime | None]:
    """What stands on the conversation: when its customer should have an answer, when a clock runs out in silence."""
    waits = [
        clock.due_at
        for clock in found
        if clock.metric != sla.RESOLUTION and clock.due_at and not clock.stopped_at
    ]
    runs_out = [clock.due_at for clock in found if clock.state == sla.State.RUNNING and clock.due_at]
    return {
        "reply_due_at": min(waits, default=None),
        "clocks_look_at": min(runs_out) + MOMENT if runs_out else None,
    }


def rows(
    conversation: Conversation, found: list[tuple[int, sla.Clock]], facts: sla.Facts, as_of: datetime
) -> list[Clock]:
    """As they should stand, not saved."""
    return [
        Clock(conversation=conversation, number=number, **_values(clock, facts, as_of))
        for number, clock in found
    ]


def _write_all(conversation: Conversation, wanted: list[Clock], *, now: datetime) -> None:
    known = {(row.metric, row.number): row for row in Clock.objects.filter(conversation=conversation)}
    written, before = [], []
    for row in wanted:
        old = known.pop((row.metric, row.number), None)
        if old is None or any(getattr(old, name) != getattr(row, name) for name in WRITTEN):
            written.append(row)
            before += [old] if old else []
    daily_rollup.changed([*written, *before, *known.values()], now=now)
    if known:
        Clock.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    _upsert(written)


def _write_open(wanted: list[Clock], result: memories.Calculated, *, now: datetime) -> None:
    """The clocks that were open, and new ones: no row needs to be asked."""
    stood = result.stood or {}
    moved = [
        row
        for row, (number, clock) in zip(wanted, result.clocks, strict=True)
        if clock.stopped_at or stood.get((clock.metric, number)) != memories.standing(clock)
    ]
    before = [datetime.fromisoformat(decided) for _, decided in stood.values() if decided]
    daily_rollup.changed(moved, also=before if moved else [], now=now)
    _upsert(wanted)


def _upsert(written: list[Clock]) -> None:
    if written:
        Clock.objects.bulk_create(
            written,
            update_conflicts=True,
            unique_fields=["conversation", "metric", "number"],
            update_fields=WRITTEN,
        )


def _values(clock: sla.Clock, facts: sla.Facts, as_of: datetime) -> dict[str, Any]:
    at = clock.decided_at or as_of
    return {name: getattr(clock, name) for name in SAME} | {
        "state": clock.state.value,
        "policy_id": clock.policy,
        "inbox_id": facts.inbox.at(at),
        "priority": facts.priority.at(at)[:10],
        "labels": sorted(facts.labels.at(at)),
    }
