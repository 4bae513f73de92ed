"""Records what comes in, and enqueues what is to go out, as one row each."""

import contextlib
import json
import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from .. import parsing
from ..database import inserts
from ..models import Delivery, Source
from . import failure_text

Status = Delivery.Status


def record(
    source_id: int,
    *,
    body: bytes,
    headers: dict[str, str],
    key: str,
    now: datetime,
    origin: str = "webhook",
    spooled: bool = False,
) -> tuple[Delivery, bool]:
    """Record what came in as one row. Returns (row, created): created is False if this delivery key is known."""
    values: dict[str, Any] = {
        "source_id": source_id, "direction": "IN", "lane": "in", "delivery_key": key or f"local-{uuid.uuid4()}",
        "body": body, "headers": headers, "origin": origin, "spooled": spooled, "received_at": now, "due_since": now,
    }  # fmt: skip
    try:
        values |= vars(parsing.read_columns(body)) | {"next_attempt_at": now}
    except parsing.NotAnEvent as error:
        why = str(error)
        values |= {"status": Status.DEAD, "finished_at": now, "last_error": why}
        values["error_fingerprint"] = failure_text.fingerprint("", why)
    # Outside a transaction the INSERT commits itself: BEGIN and COMMIT would be two more round trips.
    alone = transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext()
    row = Delivery(**values)
    try:
        with alone:
            inserts.insert(row)
    except IntegrityError:
        known = Delivery.objects.filter(
            source=source_id, direction="IN", delivery_key=values["delivery_key"]
        ).first()
        if known is None:
            raise
        return known, False
    return row, True


def enqueue(
    source: Source,
    *,
    event: str,
    key: str,
    lane: str,
    payload: dict[str, Any],
    at: datetime,
    now: datetime,
    conversation_id: int | None = None,
    message_id: int | None = None,
    variant: str = "",
) -> None:
    """Add one OUT row, due at `at`. The key is derived from the cause, so enqueuing it twice makes one row."""
    row = Delivery(
        source=source, direction="OUT", lane=lane, event=event, variant=variant, delivery_key=key,
        body=json.dumps(payload).encode(), conversation_id=conversation_id, message_id=message_id,
        origin="desk", received_at=now, due_since=at, next_attempt_at=at,
    )  # fmt: skip
    inserts.insert(row, unless_known=True)


def cancel(source: Source, key: str, *, now: datetime) -> bool:
    """Cancel an OUT row that no worker holds. False if it is too late."""
    return bool(
        Delivery.objects.filter(
            source=source,
            direction="OUT",
            delivery_key=key,
            running_since=None,
            status__in=[Status.PENDING, Status.HELD],
        ).update(status=Status.CANCELLED, held_for="", next_attempt_at=None, finished_at=now)
    )
