"""Removes bodies of deliveries: because of their age, or with a person's data. Hash, size and all other columns stay."""

import hashlib
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from ..models import Delivery

FINAL = (Delivery.Status.DONE, Delivery.Status.CANCELLED, Delivery.Status.DEAD)
WHY = {
    Delivery.Redacted.AGE.value: gettext_lazy("Its body was removed on %(day)s because of its age"),
    Delivery.Redacted.ERASURE.value: gettext_lazy(
        "Its body was removed on %(day)s with the data of the person it was about"
    ),
}


def remove(rows: QuerySet[Delivery], *, why: str, now: datetime) -> int:
    """One at a time, since a body may be 25 MB. A row reopened meanwhile is no longer among `rows` and keeps its body."""
    removed = 0
    for pk in list(rows.filter(redacted_at=None).values_list("pk", flat=True)):
        body = bytes(Delivery.objects.values_list("body", flat=True).get(pk=pk))
        facts = {"body_sha256": hashlib.sha256(body).hexdigest(), "body_size": len(body)}
        gone = {"body": b"", "redacted_at": now, "redacted_for": why}
        removed += rows.filter(pk=pk, redacted_at=None).update(**facts, **gone)
    return removed


def why_gone(row: Delivery) -> str:
    """Why the body cannot be shown or replayed; empty if it is there."""
    if row.redacted_at is None:
        return ""
    day = date_format(timezone.localtime(row.redacted_at), "DATE_FORMAT")
    return str(WHY[row.redacted_for]) % {"day": day}
