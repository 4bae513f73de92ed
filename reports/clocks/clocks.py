"""Clocks as rows: written by the event that changes them, and by a sweep for those that run out in silence."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from webhooks.models import Conversation, Delivery

from .. import sla
from ..attainment import daily_rollup
from ..models import Clock
from ..policies import versions
from . import conversation_facts as mirror

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
    conversation = Conversation.objects.select_related("inbox").get(
        source=delivery.source, display_id=delivery.conversation_id or 0
    )
    try:
        with transaction.atomic():
            keep_up(conversation, versions.all_versions(), now=now)
    except UNRECKONED:
        _postpone(conversation.pk, now=now)


def sweep(*, now: datetime) -> int:
    """How many conversations were recalculated. A chore: safe to run at any time, on several hosts."""
    due = Conversation.objects.filter(clocks_look_at__lte=now).order_by("clocks_look_at")
    numbers = list(due.values_list("pk", flat=True)[:BATCH])
    policies = versions.all_versions() if numbers else ()
    for number in numbers:
        try:
            _look(number, policies, now=now)
        except UNRECKONED:  # it stops no other
            _postpone(number, now=now)
    return len(numbers)


def _postpone(number: int, *, now: datetime) -> None:
    logger.exception("clocks.failed", extra={"conversation": number})
    Conversation.objects.filter(pk=number).update(clocks_look_at=now + AGAIN_AFTER)


def _look(number: int, policies: tuple[sla.Policy, ...], *, now: datetime) -> None:
    with transaction.atomic():
        locked = Conversation.objects.select_for_update(of=("self",)).select_related("inbox")
        conversation = locked.filter(pk=number, clocks_look_at__lte=now).first()
        if conversation:
            keep_up(conversation, policies, now=now)


def reckoned(
    conversation: Conversation, policies: tuple[sla.Policy, ...], *, now: datetime
) -> tuple[list[sla.Clock], sla.Facts, datetime]:
    """The clocks as they are now, what they are calculated from, and as of when."""
    ((facts, as_of),) = known([conversation], now=now)
    return sla.clocks(facts, policies, as_of=as_of), facts, as_of


def known(conversations: Sequence[Conversation], *, now: datetime) -> list[tuple[sla.Facts, datetime]]:
    """What clocks are calculated from, and as of when. Chatwoot's clock may be ahead of this site's."""
    return [
        (
            facts,
            max(
                [
                    now,
                    *(one.at for one in facts.said),
                    *(at for at, _ in facts.status.changes),
                    *facts.conditions_changed(),
                ]
            ),
        )
        for facts in mirror.of(conversations)
    ]


def parts(numbers: list[int]) -> Iterator[list[int]]:
    """Of many conversations, as many as are read at once."""
    for place in range(0, len(numbers), TOGETHER):
        yield numbers[place : place + TOGETHER]


def keep_up(conversation: Conversation, policies: tuple[sla.Policy, ...], *, now: datetime) -> None:
    """The conversation is locked."""
    found, facts, as_of = reckoned(conversation, policies, now=now)
    _write(conversation, found, facts, as_of, now=now)
    Conversation.objects.filter(pk=conversation.pk).update(**deadlines(found))


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
    conversation: Conversation, found: list[sla.Clock], facts: sla.Facts, as_of: datetime
) -> list[Clock]:
    """As they should stand, not saved."""
    made, numbers = [], dict.fromkeys(sla.METRICS, 0)
    for clock in found:
        values = _values(clock, facts, as_of)
        made.append(Clock(conversation=conversation, number=numbers[clock.metric], **values))
        numbers[clock.metric] += 1
    return made


def _write(
    conversation: Conversation, found: list[sla.Clock], facts: sla.Facts, as_of: datetime, *, now: datetime
) -> None:
    known = {(row.metric, row.number): row for row in Clock.objects.filter(conversation=conversation)}
    new, changed, before = [], [], []
    for wanted in rows(conversation, found, facts, as_of):
        row = known.pop((wanted.metric, wanted.number), None)
        if row is None:
            new.append(wanted)
        elif any(getattr(row, name) != getattr(wanted, name) for name in WRITTEN):
            wanted.pk = row.pk
            changed.append(wanted)
            before.append(row)
    daily_rollup.changed([*new, *changed, *before, *known.values()], now=now)
    if known:
        Clock.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    if changed:
        Clock.objects.bulk_update(changed, WRITTEN)
    if new:
        Clock.objects.bulk_create(new)


def _values(clock: sla.Clock, facts: sla.Facts, as_of: datetime) -> dict[str, Any]:
    at = clock.decided_at or as_of
    return {name: getattr(clock, name) for name in SAME} | {
        "state": clock.state.value,
        "policy_id": clock.policy,
        "inbox_id": facts.inbox.at(at),
        "priority": facts.priority.at(at)[:10],
        "labels": sorted(facts.labels.at(at)),
    }
