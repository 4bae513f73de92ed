"""Clocks counted by the database: one row for each metric and group."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from webhooks.database.values import Values

from ..models import Clock
from ..periods import Period
from . import outcomes
from .groupings import Grouping

Rows = QuerySet[Clock, dict[str, Any]]


def day_by_day(period: Period, grouping: Grouping, *, within: Q) -> Rows:
    """Clocks decided in the period, and the times of clocks that stopped in it."""
    found = Clock.objects.filter(within).filter(outcomes.decided(period) | outcomes.stopped(period))
    counts = outcomes.of(period, now=period.end)
    return _grouped(found, grouping, period).annotate(
        **{f"n_{outcome}": Count("pk", filter=counts[outcome]) for outcome in outcomes.DAY_BY_DAY},
        business=Values("business_seconds", filter=counts["stopped"]),
        wall=Values("wall_seconds", filter=counts["stopped"]),
    )


def as_of_end(period: Period, grouping: Grouping, *, now: datetime, within: Q) -> Rows:
    """Clocks that were open at the end of the period, and clocks that were missed before it and stopped in it."""
    earlier = outcomes.stopped(period) & Q(decided_at__lt=period.start)
    found = Clock.objects.filter(within).filter(outcomes.still_open(period, now=now) | earlier)
    counts = outcomes.of(period, now=now)
    return _grouped(found, grouping, period).annotate(
        **{f"n_{outcome}": Count("pk", filter=counts[outcome]) for outcome in outcomes.AS_OF_END},
        oldest_late=Min("due_at", filter=counts["open_late"]),
    )


def met_and_missed(period: Period, *, within: Q) -> QuerySet[Clock, Any]:
    """Only how many targets were met and missed in the period, and how many resolutions were reopened."""
    found = Clock.objects.filter(within).filter(outcomes.decided(period)).order_by()
    return found.values("metric").annotate(**_counts(period, "met", "missed", "reopened_72h"))


def by_day(period: Period, *, within: Q) -> Iterator[dict[str, Any]]:
    """One row for each metric and day: clocks decided on that day, and the times of clocks that stopped on it."""
    found = Clock.objects.filter(within)
    yield from _days(found.filter(outcomes.decided(period)), "decided_at", period).annotate(
        **_counts(period, "met", "missed")
    )
    stopped = found.filter(outcomes.of(period, now=period.end)["stopped"])
    yield from _days(stopped, "stopped_at", period).annotate(business=Values("business_seconds"))


def _counts(period: Period, *wanted: str) -> dict[str, Count]:
    counts = outcomes.of(period, now=period.end)
    return {f"n_{outcome}": Count("pk", filter=counts[outcome]) for outcome in wanted}


def _days(found: QuerySet[Clock], field: str, period: Period) -> QuerySet[Clock, Any]:
    return found.annotate(day=TruncDate(field, tzinfo=period.zone)).order_by().values("metric", "day")


def _grouped(found: QuerySet[Clock], grouping: Grouping, period: Period) -> QuerySet[Clock, dict[str, Any]]:
    return found.annotate(**grouping.annotations(period.zone)).order_by().values("metric", *grouping.columns)
