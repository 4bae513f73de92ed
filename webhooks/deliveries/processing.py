"""One try at a claimed row, to its end."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
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
    """To done, retried later, held, cancelled or dead. Raises nothing but a bug of ours, or that the database is away.

    now: a moment that stands still, for tests.
    """
    began = time.monotonic()
    tell: Callable[[], datetime] = clock.now if now is None else lambda: now
    with structlog.contextvars.bound_contextvars(delivery=row.pk, delivery_key=row.delivery_key):
        with reachability.observing() as observed:
            _try(row, tell, began)
        circuits.learn(row, observed, now=tell())


def _try(row: Delivery, tell: Callable[[], datetime], began: float) -> None:
    try:
        (_run_in if row.direction == "IN" else _run_out)(row, tell, began)
    except NotYet as not_yet:
        _postpone(row, not_yet, now=tell(), began=began)
    except LeaseLost:
        logger.warning("delivery.lease_lost", extra={"delivery": row.pk, "attempt": row.attempts})
    except Exception as error:
        finishing.fail(row, error, now=tell(), began=began)


def _run_in(row: Delivery, tell: Callable[[], datetime], began: float) -> None:
    now = tell()
    mode_gate.check(row, now=now)
    try:
        payload = row.payload()
    except parsing.NotAnEvent as error:  # kept DEAD, and replayed all the same
        raise Permanent(str(error)) from error
    _check_account(row.source, payload)
    handlers = settings.IN_HANDLERS.get(row.event, ())
    with transaction.atomic():
        conversation = None
        if handlers and row.conversation_id is not None:
            conversation = Conversation.objects.locked(row.source, row.conversation_id)
        known, redact = payload, False
        for path in settings.PAYLOAD_FILTERS:
            known, removed = import_string(path)(row, conversation, known, now=now)
            redact = redact or removed
        original = _semantic_original(row)
        if original is None:
            for path in handlers:
                import_string(path)(row, known, now=now)
        if redact:
            redaction.remove(Delivery.objects.filter(pk=row.pk), why=Delivery.Redacted.ERASURE, now=now)
        finishing.finish(row, now=tell(), began=began, duplicate_of=original)


def _run_out(row: Delivery, tell: Callable[[], datetime], began: float) -> None:
    """The handler makes one write to the outside, and hands back what our database should do about it.

    That may hand back a note for the log, where something is to be said of a try that went well.
    """
    now = tell()
    path = settings.OUT_HANDLERS.get(row.event)
    if path is None:
        raise Permanent(f"No handler for {row.event}.")
    mode_gate.check(row, now=now)
    circuits.check(row, now=now)
    commit: Commit | None = import_string(path)(row, row.payload(), now=now)
    with transaction.atomic():
        note = commit() if commit else None
        finishing.finish(row, now=tell(), began=began, note=note or "")


def _postpone(row: Delivery, not_yet: NotYet, *, now: datetime, began: float) -> None:
    """Nothing waits past its age in silence: what could only be tried too late is given up now."""
    if finishing.is_too_late(row, not_yet.until):
        finishing.fail(row, Permanent(f"{not_yet} The next try would be too late."), now=now, began=began)
        return
    claiming.release(row, at=not_yet.until)
    if isinstance(not_yet, CircuitOpen):
        circuits.look_again(row, not_yet.until, now=now)


def _check_account(source: Source, payload: dict[str, Any]) -> None:
    """Of every event, whether anybody handles it or not: a secret may have been copied to another account's webhook."""
    account = payload.get("account")
    named = account.get("id") if isinstance(account, dict) else None
    if named is not None and named != source.account_id:
        raise Permanent(
            f"account.id is {named}, this source is account {source.account_id}: the webhook of another account."
        )


def _semantic_original(row: Delivery) -> int | None:
    """The id of the DONE row that already told us this. Judged under the conversation's lock, so only one of two can win."""
    if not row.semantic_key:
        return None
    same = Delivery.objects.filter(
        semantic_key=row.semantic_key, source=row.source_id, status=Delivery.Status.DONE, duplicate_of=None
    ).exclude(pk=row.pk)
    # There is one at most, so no order: for its sake SQLite would read the whole table.
    return next(iter(same.values_list("pk", flat=True)[:1]), None)
