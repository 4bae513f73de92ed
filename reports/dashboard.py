"""The state of support right now: clocks close to breach, overdue and unassigned conversations, backlog, delivery health.

Read from rows that events and the sweep maintain: a view takes a fixed number of queries, however much is open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.models import Draft, Escalation
from knowledge.queue import queue
from webhooks.database import row_estimates
from webhooks.deliveries import failure_groups
from webhooks.models import Conversation, Delivery, WorkerHost

from .attainment import attainment
from .models import Clock
from .sla import State

MOST = 10
QUIET_AFTER = timedelta(seconds=30)
AGES = (  # name, from, to (None: no upper limit)
    (_("under 4 h"), timedelta(0), timedelta(hours=4)),
    (_("4 to 24 h"), timedelta(hours=4), timedelta(days=1)),
    (_("1 to 3 days"), timedelta(days=1), timedelta(days=3)),
    (_("3 to 7 days"), timedelta(days=3), timedelta(days=7)),
    (_("over 7 days"), timedelta(days=7), None),
)


@dataclass(frozen=True)
class Age:
    slug: str
    name: Promise
    count: int


@dataclass(frozen=True)
class DeliveryHealth:
    """Whether webhooks are received and processed: how many wait, failed or are held, and whether workers are running."""

    complete_until: datetime
    waiting: row_estimates.Count
    failed: row_estimates.Count
    held: row_estimates.Count
    has_workers: bool


def running(user: User) -> QuerySet[Clock]:
    return _open(user).filter(state=State.RUNNING, due_at__isnull=False)


def next_to_breach(user: User) -> list[Clock]:
    return list(running(user).order_by("due_at", "pk")[:MOST])


def at_risk(user: User, *, now: datetime) -> QuerySet[Clock]:
    return running(user).filter(at_risk_at__lte=now, due_at__gte=now)


def breached(user: User, *, now: datetime) -> QuerySet[Clock]:
    """Open and overdue, including clocks that the sweep has not reached yet."""
    late = Q(state=State.MISSED) | Q(state=State.RUNNING)
    return _open(user).filter(late, due_at__lt=now)


def _open(user: User) -> QuerySet[Clock]:
    rows = Clock.objects.filter(attainment.seen_by(user), stopped_at=None)
    return rows.select_related("conversation__contact", "conversation__inbox")


def backlog(user: User) -> QuerySet[Conversation]:
    """Open conversations, whether the customer or the desk is waiting."""
    return Conversation.objects.filter(attainment.seen_by(user), deleted_at=None).exclude(status="resolved")


def unassigned(user: User) -> QuerySet[Conversation]:
    return queue.conversations(user).filter(assignee="")


def ages(user: User, *, now: datetime) -> list[Age]:
    which = Case(
        *(When(_aged(index, now=now), then=Value(index)) for index in range(len(AGES))),
        output_field=IntegerField(),
    )
    counted = dict(backlog(user).annotate(age=which).values_list("age").annotate(Count("pk")).order_by())
    return [Age(str(index), AGES[index][0], counted.get(index, 0)) for index in range(len(AGES))]


def aged(user: User, index: int, *, now: datetime) -> QuerySet[Conversation]:
    return backlog(user).filter(_aged(index, now=now))


def _aged(index: int, *, now: datetime) -> Q:
    _, least, most = AGES[index]
    younger = Q(created_at__gt=now - most) if most else Q()
    return younger & (Q(created_at__lte=now - least) if least else Q())


def in_review(user: User) -> dict[str, Any]:
    rows = Draft.objects.filter(
        attainment.seen_by(user, path="conversation__inbox"), status__in=("PROPOSED", "SECOND_LOOK")
    )
    return rows.aggregate(count=Count("pk"), oldest=Min("created_at"))


def escalated(user: User, *, now: datetime) -> dict[str, int]:
    rows = Escalation.objects.filter(attainment.seen_by(user, path="conversation__inbox"), closed_at=None)
    return rows.aggregate(count=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)))


def delivery_health(*, now: datetime) -> DeliveryHealth:
    arrived = Delivery.objects.filter(direction="IN")
    return DeliveryHealth(
        attainment.complete_until(now=now),
        row_estimates.capped(arrived.filter(lane="in", next_attempt_at__isnull=False)),
        row_estimates.capped(failure_groups.unmuted()),
        row_estimates.capped(arrived.filter(status="HELD")),
        WorkerHost.objects.filter(beat_at__gte=now - QUIET_AFTER).exists(),
    )


def with_lateness(rows: Iterable[Clock], *, now: datetime) -> list[tuple[Clock, str]]:
    """Each clock with its tone: overdue, at risk, or neither."""
    return [(row, _tone(row, now=now)) for row in rows]


def _tone(row: Clock, *, now: datetime) -> str:
    if row.due_at and row.due_at < now:
        return "bad"
    return "warn" if row.at_risk_at and row.at_risk_at <= now else "plain"
