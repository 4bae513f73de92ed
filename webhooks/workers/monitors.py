"""Troubles of the wire that no single delivery meets, looked for by the workers (hosts: watching_hosts.py).

Each look answers key → text of what is wrong now; alerts.keep opens and closes. How much is too much stands in the rules.
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
    for kind, look in LOOKS.items():
        most = rules.threshold(kind)
        alerts.keep(kind, look(most, now) if most is not None else {}, now=now)
    _alert_open_circuits(now=now)


def late(minutes: int, now: datetime) -> Found:
    overdue = {lane: s for lane, s in drain.overdue_s().items() if s >= minutes * 60}
    if not overdue:
        return {}
    lane = max(overdue, key=lambda name: overdue[name])
    return {
        "late": f"Deliveries are late: the oldest of lane {lane} waits for {formats.span(overdue[lane])}."
    }


def dead(most: int, now: datetime) -> Found:
    """Without replies: each that is given up parks its draft, which has an alert of its own from the first on."""
    count = failure_groups.calling().exclude(event="reply.send").filter(finished_at__gte=now - HOUR).count()
    given_up = "1 delivery was" if count == 1 else f"{count:,} deliveries were"
    return {"dead": f"{given_up} given up within an hour."} if count and count >= most else {}


def held(minutes: int, now: datetime) -> Found:
    rows = Delivery.objects.filter(status="HELD", event="reply.send")
    oldest = rows.aggregate(at=Min("due_since"))["at"]
    if oldest is None or now - oldest < timedelta(minutes=minutes):
        return {}
    count, waits = rows.count(), formats.span((now - oldest).total_seconds())
    replies = "1 approved reply is" if count == 1 else f"{count:,} approved replies are"
    return {"held": f"{replies} held, the oldest for {waits}."}


LOOKS: dict[str, Callable[[int, datetime], Found]] = {"late": late, "dead": dead, "held": held}


def _alert_open_circuits(*, now: datetime) -> None:
    resting = {
        f"circuit_open:{row.key}": row
        for row in Upstream.objects.filter(opened_at__isnull=False).select_related("source")
    }
    found = {
        key: f"{row} failed {row.failures} times in a row and is rested: what is meant for it waits. Last: {row.last_error}"
        for key, row in resting.items()
    }  # fmt: skip
    sources = {key: row.source for key, row in resting.items() if row.source}
    alerts.keep("circuit_open", found, now=now, sources=sources)
