"""How complete the data of a week is: its webhooks, the time until which all data has arrived, gaps and outages."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from webhooks.models import Alert, Delivery, Source
from webhooks.reconcile import runs

from ..attainment import attainment
from ..attainment.cells import NEARLY
from ..periods import Period

# While one of these alerts was open, customers could wait without anyone seeing it.
DOWN = ("cluster", "credentials", "secret", "spool", "subscription", "timestamp_stale")
Span = tuple[datetime, datetime]


def figures(week: Period, *, now: datetime) -> dict[str, Any]:
    rows = received(week)
    n, done = rows.count(), rows.filter(status="DONE").count()
    until, open_gaps = attainment.complete_until(now=now), gaps(week)
    return {
        "n": n, "processed": done, "share": done / n if n else None,
        "retried": rows.filter(attempts__gt=1).count(), "given_up": rows.filter(status="DEAD").count(),
        "recovered": rows.filter(origin="reconciled").count(), "gaps": open_gaps,
        "complete": until >= min(week.end, now - NEARLY) and not open_gaps, "complete_until": until,
    }  # fmt: skip


def received(week: Period) -> QuerySet[Delivery]:
    return Delivery.objects.filter(direction="IN", received_at__gte=week.start, received_at__lt=week.end)


def gaps(week: Period) -> list[dict[str, Any]]:
    """Gaps of the week that were not fully recovered."""
    return [
        {"source": source.slug, "from": gap.first_at, "to": gap.last_at}
        for source, gap in attainment.gaps(week)
        if not gap.recovered
    ]


def down(source: Source, *, since: datetime, until: datetime) -> list[Span]:
    """Times when events of this source could not arrive, or replies could not be sent."""
    outages = Alert.objects.filter(Q(source=source) | Q(source=None), kind__in=DOWN, opened_at__lt=until)
    over = outages.exclude(closed_at__lt=since).values_list("opened_at", "closed_at")
    missed = runs.gaps(source, since=since, until=until)
    return [(at, end or until) for at, end in over] + [(gap.first_at, gap.last_at) for gap in missed]
