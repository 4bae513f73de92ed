"""Records what comes in, and enqueues what is to go out, as one row each."""

import contextlib
import functools
import json
import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Field

from .. import parsing
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
    try:
        with alone:
            row = _insert(values)
    except IntegrityError:
        known = Delivery.objects.filter(
            source=source_id, direction="IN", delivery_key=values["delivery_key"]
        ).first()
        if known is None:
            raise
        return known, False
    return row, True


def _insert(values: dict[str, Any]) -> Delivery:
    """Like Delivery.objects.create, but with a cached statement: building it for 30 columns took half the receiver's time
    (decision 0018)."""
    own = transaction.get_connection()  # the connection itself: `connection` looks it up at each use
    statement, fields, defaults = _statement(own.vendor)
    row_values = defaults | {
        name: fields[name].get_db_prep_save(value, own) for name, value in values.items()
    }
    # On PostgreSQL this sends the body as binary data instead of as text inside the statement.
    with getattr(own, "binding_cursor", own.cursor)() as cursor:
        cursor.execute(statement, list(row_values.values()))
        (number,) = cursor.fetchone()
    row = Delivery(id=number, **values)
    row._state.adding, row._state.db = False, own.alias
    return row


@functools.cache
def _statement(vendor: str) -> tuple[str, dict[str, Field], dict[str, Any]]:
    """The INSERT statement, its columns in order, and each column's default."""
    name = connection.ops.quote_name
    fields = {field.attname: field for field in Delivery._meta.concrete_fields if not field.primary_key}
    columns = ", ".join(name(str(field.column)) for field in fields.values())
    places = ", ".join("%s" for _ in fields)
    table = name(Delivery._meta.db_table)
    defaults = {
        attname: field.get_db_prep_save(field.get_default(), connection) for attname, field in fields.items()
    }
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id", fields, defaults  # noqa: S608


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
    Delivery.objects.bulk_create([row], ignore_conflicts=True)


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
