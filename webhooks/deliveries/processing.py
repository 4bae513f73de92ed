"""One attempt at a claimed row, from start to end."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from .. import parsing
from ..database import clock
from ..errors import CircuitOpen, LeaseLost, NotYet, Permanent
from ..models import Conversation, Delivery, Source
from ..outbound import reachability
from . import circuits, claiming, finishing, mode_gate, redaction

logger = logging.getLogger(__name__)
Commit = Callable[[], str | None]


def process(row: Delivery, *, now: datetime | None = None) -> None:
    """Ends in done, retry, held, cancelled or dead. Only raises for a bug in this module or an unavailable database.

    now: a fixed time, for tests.
    """
    began = time.monotonic()
    read_clock: Callable[[], datetime] = clock.now if now is None else lambda: now
    with structlog.contextvars.bound_contextvars(delivery=row.pk, delivery_key=row.delivery_key):
        with reachability.observing() as observed:
            _try(row, read_clock, began)
        circuits.record_result(row, observed, now=read_clock())


def _try(row: Delivery, read_clock: Callable[[], datetime], began: float) -> None:
    try:
        (_run_in if row.direction == "IN" else _run_out)(row, read_clock, began)
    except NotYet as not_yet:
        _postpone(row, not_yet, now=read_clock(), began=began)
    except LeaseLost:
        logger.warning("delivery.lease_lost", extra={"delivery": row.pk, "attempt": row.attempts})
    except Exception as error:
        finishing.fail(row, error, now=read_clock(), began=began)


def _run_in(row: Delivery, read_clock: Callable[[], datetime], began: float) -> None:
    now = read_clock()
    mode_gate.check(row, now=now)
    try:
        payload = row.payload()
    except parsing.NotAnEvent as error:  # stored as DEAD, and someone replayed it anyway
        raise Permanent(str(error)) from error
    _check_account(row.source, payload)
    handlers = settings.IN_HANDLERS.get(row.event, ())
    with transaction.atomic():
        conversation = None
        if handlers and row.conversation_id is not None:
            conversation = row.conversation = Conversation.objects.locked(row.source, row.conversation_id)
        known, redact = payload, False
        for path in settings.PAYLOAD_FILTERS:
            known, removed = import_string(path)(row, conversation, known, now=now)
            redact = redact or removed
        original = _semantic_original(row)
        if original is None:
            for path in handlers:
                import_string(path)(row, known, now=now)
        if conversation is not None:
            conversation.save_changes()
        if redact:
            redaction.remove(Delivery.objects.filter(pk=row.pk), why=Delivery.Redacted.ERASURE, now=now)
        finishing.finish(row, now=read_clock(), began=began, duplicate_of=original)


def _run_out(row: Delivery, read_clock: Callable[[], datetime], began: float) -> None:
    """The handler makes one call to the outside and may return a function that commits the result to our database.

    That function may return a note for the log of a successful attempt.
    """
    now = read_clock()
    path = settings.OUT_HANDLERS.get(row.event)
    if path is None:
        raise Permanent(f"No handler for {row.event}.")
    mode_gate.check(row, now=now)
    circuits.check(row, now=now)
    commit: Commit | None = import_string(path)(row, row.payload(), now=now)
    with transaction.atomic():
        note = commit() if commit else None
        finishing.finish(row, now=read_clock(), began=began, note=note or "")


def _postpone(row: Delivery, not_yet: NotYet, *, now: datetime, began: float) -> None:
    """A row that could only be tried past its maximum age is given up now instead of waiting."""
    if finishing.is_too_late(row, not_yet.until):
        finishing.fail(row, Permanent(f"{not_yet} The next attempt would be too late."), now=now, began=began)
        return
    claiming.release(row, at=not_yet.until)
    if isinstance(not_yet, CircuitOpen):
        circuits.recheck_postponed(row, not_yet.until, now=now)


def _check_account(source: Source, payload: dict[str, Any]) -> None:
    """For every event, even without a handler: a secret may have been copied to another account's webhook."""
    account = payload.get("account")
    named = account.get("id") if isinstance(account, dict) else None
    if named is not None and named != source.account_id:
        raise Permanent(
            f"account.id is {named}, but this source is account {source.account_id}: another account's webhook posts here."
        )


# There is one at most. Without ORDER BY, since SQLite would read the whole table for it.
SAME_CHANGE = """SELECT id FROM webhooks_delivery
    WHERE semantic_key = %s AND source_id = %s AND status = 'DONE' AND duplicate_of_id IS NULL AND id <> %s LIMIT 1"""


def _semantic_original(row: Delivery) -> int | None:
    """The id of the DONE row for the same change, if any. Checked under the conversation's lock, so only one of two can win."""
    if not row.semantic_key:
        return None
    with connection.cursor() as cursor:
        cursor.execute(SAME_CHANGE, [row.semantic_key, row.source_id, row.pk])
        found = cursor.fetchone()
    return found[0] if found else None
