"""Monitors for problems that no single delivery notices; the workers run them. Hosts are in host_monitor.py.

Each returns key → text of what is wrong now, and alerts.sync opens and closes alerts. The thresholds are in the alert rules.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Min

from ..alerts import alerts, rules
from ..deliveries import failure_groups
from ..display import formats
from ..models import Delivery, Upstream
from . import drain

Found = dict[str, str]
HOUR = timedelta(hours=1)


def check(*, now: datetime) -> None:
    """A chore."""
    for kind, monitor in MONITORS.items():
        threshold = rules.threshold(kind)
        alerts.sync(kind, monitor(threshold, now) if threshold is not None else {}, now=now)
    _alert_open_circuits(now=now)


def late(minutes: int, now: datetime) -> Found:
    overdue = {lane: s for lane, s in drain.overdue_s().items() if s >= minutes * 60}
    if not overdue:
        return {}
    lane = max(overdue, key=lambda name: overdue[name])
    return {
        "late": f"Deliveries are late: the oldest in lane {lane} has waited for {formats.span(overdue[lane])}."
    }


def dead(most: int, now: datetime) -> Found:
    """Without replies: a failed reply parks its draft, which has its own alert from the first one on."""
    count = failure_groups.unmuted().exclude(event="reply.send").filter(finished_at__gte=now - HOUR).count()
    deliveries = "1 delivery" if count == 1 else f"{count:,} deliveries"
    return {"dead": f"{deliveries} failed for good within an hour."} if count and count >= most else {}


def held(minutes: int, now: datetime) -> Found:
    rows = Delivery.objects.filter(status="HELD", event="reply.send")
    oldest = rows.aggregate(at=Min("due_since"))["at"]
    if oldest is None or now - oldest < timedelta(minutes=minutes):
        return {}
    count, waited = rows.count(), formats.span((now - oldest).total_seconds())
    replies = "1 approved reply is" if count == 1 else f"{count:,} approved replies are"
    return {"held": f"{replies} held, the oldest for {waited}."}


MONITORS: dict[str, Callable[[int, datetime], Found]] = {"late": late, "dead": dead, "held": held}


def _alert_open_circuits(*, now: datetime) -> None:
    open_circuits = {
        f"circuit_open:{row.key}": row
        for row in Upstream.objects.filter(opened_at__isnull=False).select_related("source")
    }
    found = {
        key: f"{row}: circuit open after {row.failures} failures in a row. Its deliveries wait. Last error: {row.last_error}"
        for key, row in open_circuits.items()
    }  # fmt: skip
    sources = {key: row.source for key, row in open_circuits.items() if row.source}
    alerts.sync("circuit_open", found, now=now, sources=sources)
