"""Bodies of deliveries that are removed: by age, or with a person's data. Hash, size and everything around them stay."""

import hashlib
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from ..models import Delivery

FINAL = (Delivery.Status.DONE, Delivery.Status.CANCELLED, Delivery.Status.DEAD)
WHY = {
    Delivery.Redacted.AGE.value: "Its body was removed on {day}, because of its age",
    Delivery.Redacted.ERASURE.value: "Its body was removed on {day}, with the data of the person it was about",
}


def remove(rows: QuerySet[Delivery], *, why: str, now: datetime) -> int:
    """One at a time: a body may be 25 MB. What was re-opened meanwhile no longer is among `rows`, and keeps it."""
    removed = 0
    for pk in list(rows.filter(redacted_at=None).values_list("pk", flat=True)):
        body = bytes(Delivery.objects.values_list("body", flat=True).get(pk=pk))
        facts = {"body_sha256": hashlib.sha256(body).hexdigest(), "body_size": len(body)}
        gone = {"body": b"", "redacted_at": now, "redacted_for": why}
        removed += rows.filter(pk=pk, redacted_at=None).update(**facts, **gone)
    return removed


def why_gone(row: Delivery) -> str:
    """For whoever wanted to see or to replay it; empty where the body is there."""
    if row.redacted_at is None:
        return ""
    day = timezone.localtime(row.redacted_at).strftime("%-d %b %Y")
    return WHY[row.redacted_for].format(day=day)
