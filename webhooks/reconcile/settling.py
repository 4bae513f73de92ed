"""Events that a reconciliation run recovered so early that their webhooks could still arrive: counts those that never did.

Without this, a short outage leaves no gap: all the events that a run finds right after it are too new to count.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from ..mirror import payloads
from ..models import Delivery, ReconcileRun
from ..parsing import NotAnEvent, load
from .steps import GRACE

AFTER = timedelta(minutes=5)  # Chatwoot's own queue may lag by a few minutes
KEY = "message_created:"  # identifies the webhook of the same message


def settle(*, now: datetime) -> int:
    """Returns how many events of finished runs now count as missed."""
    runs = ReconcileRun.objects.filter(
        status=ReconcileRun.Status.DONE, young__gt=0, finished_at__lte=now - AFTER
    )
    return sum(_settle(run) for run in runs.order_by("pk"))


def _settle(run: ReconcileRun) -> int:
    arrived = Delivery.objects.filter(duplicate_of=OuterRef("pk"))
    recorded = Delivery.objects.filter(
        ~Exists(arrived), source=run.source_id, direction="IN", origin="reconciled", semantic_key__startswith=KEY,
        received_at__gte=run.began_at, received_at__lte=run.finished_at,
    )  # fmt: skip
    times = [at for row in recorded.only("body", "received_at") if (at := _new(row))]
    found: dict[str, Any] = {"young": 0, "messages": run.messages + len(times)}
    if times:
        found["first_missed_at"] = min(filter(None, [run.first_missed_at, *times]))
        found["last_missed_at"] = max(filter(None, [run.last_missed_at, *times]))
    changed = ReconcileRun.objects.filter(pk=run.pk, young=run.young).update(**found)  # on one host only
    return len(times) if changed else 0


def _new(row: Delivery) -> datetime | None:
    """When it happened, if that was too recent to count at the time."""
    try:
        at = payloads.moment(load(bytes(row.body)).get("created_at"))
    except NotAnEvent:
        return None
    return at if at and at > row.received_at - GRACE else None
