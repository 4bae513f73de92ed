"""What was so new at a search that its webhook might still come: once it has had its time, it came, or it was missed.

Without this a short outage would leave no gap: a search right after it finds events that are all too new to count.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from ..mirror import fold
from ..models import Delivery, ReconcileRun
from ..parsing import NotAnEvent, load
from .steps import GRACE

AFTER = timedelta(minutes=5)  # Chatwoot's own queue may be late by some minutes
KEY = "message_created:"  # by which the webhook of a message is known as the same happening


def settle(*, now: datetime) -> int:
    """Of searches that ended a while ago: how many events count as missed after all."""
    runs = ReconcileRun.objects.filter(
        status=ReconcileRun.Status.DONE, young__gt=0, finished_at__lte=now - AFTER
    )
    return sum(_settle(run) for run in runs.order_by("pk"))


def _settle(run: ReconcileRun) -> int:
    came = Delivery.objects.filter(duplicate_of=OuterRef("pk"))
    recorded = Delivery.objects.filter(
        ~Exists(came), source=run.source_id, direction="IN", origin="reconciled", semantic_key__startswith=KEY,
        received_at__gte=run.began_at, received_at__lte=run.finished_at,
    )  # fmt: skip
    times = [at for row in recorded.only("body", "received_at") if (at := _new(row))]
    found: dict[str, Any] = {"young": 0, "messages": run.messages + len(times)}
    if times:
        found["first_missed_at"] = min(filter(None, [run.first_missed_at, *times]))
        found["last_missed_at"] = max(filter(None, [run.last_missed_at, *times]))
    changed = ReconcileRun.objects.filter(pk=run.pk, young=run.young).update(**found)  # one host alone
    return len(times) if changed else 0


def _new(row: Delivery) -> datetime | None:
    """When it happened, where that was too new to count."""
    try:
        at = fold.moment(load(bytes(row.body)).get("created_at"))
    except NotAnEvent:
        return None
    return at if at and at > row.received_at - GRACE else None
