"""Removes bodies of deliveries: because of their age, or with a person's data. Hash, size and all other columns stay."""

import hashlib
from datetime import datetime

from django.db import connection
from django.db.models import CharField, F, Func, IntegerField, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from ..models import Delivery

FINAL = (Delivery.Status.DONE, Delivery.Status.CANCELLED, Delivery.Status.DEAD)
SHA256 = Func(F("body"), template="encode(sha256(%(expressions)s), 'hex')", output_field=CharField())
SIZE = Func(F("body"), function="octet_length", output_field=IntegerField())
WHY = {
    Delivery.Redacted.AGE.value: gettext_lazy("Its body was removed on %(day)s because of its age"),
    Delivery.Redacted.ERASURE.value: gettext_lazy(
        "Its body was removed on %(day)s with the data of the person it was about"
    ),
}


def remove(rows: QuerySet[Delivery], *, why: str, now: datetime) -> int:
    """A row reopened meanwhile is no longer among `rows` and keeps its body. PostgreSQL hashes by itself, in one statement."""
    gone = {"body": b"", "redacted_at": now, "redacted_for": why}
    due = rows.filter(redacted_at=None)
    if connection.vendor == "postgresql":
        return due.update(body_sha256=SHA256, body_size=SIZE, **gone)
    removed = 0
    for pk in list(due.values_list("pk", flat=True)):  # one at a time, since a body may be 25 MB
        body = bytes(Delivery.objects.values_list("body", flat=True).get(pk=pk))
        facts = {"body_sha256": hashlib.sha256(body).hexdigest(), "body_size": len(body)}
        removed += due.filter(pk=pk).update(**facts, **gone)
    return removed


def why_gone(row: Delivery) -> str:
    """Why the body cannot be shown or replayed; empty if it is there."""
    if row.redacted_at is None:
        return ""
    day = date_format(timezone.localtime(row.redacted_at), "DATE_FORMAT")
    return str(WHY[row.redacted_for]) % {"day": day}
