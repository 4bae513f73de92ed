"""What a clock counts as in a period: one table for the figures and for the rows behind them.

A clock belongs to the period in which it was decided (rule 12 of docs/sla_rules.md): when it stopped, or when it was due if
it was missed. "Running" is as of the end of the period.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from .. import sla
from ..models import Clock
from ..periods import Period

REOPENED_WITHIN = timedelta(hours=72)
State = sla.State

# The first seven exclude each other: every clock of a period has exactly one of them.
OUTCOMES: dict[str, Callable[[Period, datetime], Q]] = {
    "met": lambda period, end: decided(period) & Q(state=State.MET),
    "missed": lambda period, end: decided(period) & Q(state=State.MISSED),
    "not_applicable": lambda period, end: decided(period) & Q(state=State.NOT_APPLICABLE),
    "closed_unanswered": lambda period, end: (
        decided(period) & Q(state=State.CANCELLED, closed_unanswered=True)
    ),
    "deleted": lambda period, end: decided(period) & Q(state=State.CANCELLED, closed_unanswered=False),
    "running": lambda period, end: Q(decided_at=None) | Q(decided_at__gte=period.end),
    "missed_earlier": lambda period, end: Q(decided_at__lt=period.start),
    "reopened_72h": lambda period, end: (
        decided(period) & Q(reopened_at__lte=F("stopped_at") + REOPENED_WITHIN)
    ),
    "stopped": lambda period, end: stopped(period) & Q(state__in=(State.MET, State.MISSED)),
    "open_late": lambda period, end: (
        Q(state=State.MISSED, due_at__lt=end) & (Q(stopped_at=None) | Q(stopped_at__gte=end))
    ),
}

# The first add up day by day; the others are as of the end of the period.
DAY_BY_DAY = ("met", "missed", "not_applicable", "closed_unanswered", "deleted", "reopened_72h", "stopped")
AS_OF_END = tuple(outcome for outcome in OUTCOMES if outcome not in DAY_BY_DAY)


def of(period: Period, *, now: datetime) -> dict[str, Q]:
    return {outcome: counts(period, min(period.end, now)) for outcome, counts in OUTCOMES.items()}


def decided(period: Period) -> Q:
    return Q(decided_at__gte=period.start, decided_at__lt=period.end)


def stopped(period: Period) -> Q:
    return Q(stopped_at__gte=period.start, stopped_at__lt=period.end)


def still_open(period: Period, *, now: datetime) -> Q:
    end = min(period.end, now)
    unstopped = Q(stopped_at__isnull=True) | Q(stopped_at__gte=end)
    return Q(started_at__lt=end) & unstopped & ~Q(state=State.NOT_APPLICABLE)


def clocks(period: Period, *, now: datetime, within: Q) -> QuerySet[Clock]:
    """Every clock that the figures count: decided or stopped in the period, or open at its end. within: what may be seen."""
    counted = decided(period) | stopped(period) | still_open(period, now=now)
    return Clock.objects.filter(within).filter(counted).exclude(started_at__gte=period.end)
