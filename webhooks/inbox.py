"""Verbs on deliveries: record, post, claim, process, release, replay. The row is the truth; queues only wake.

There is no RUNNING state. A claim counts the attempt, opens its log row and moves next_attempt_at to the end of a
lease, all in one transaction; finishing is fenced by the attempt's number (design, section 3).
"""

import itertools
import json
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from . import clock, failures, parsing, policies, retry
from .errors import Hold, LeaseLost, Overtaken, Permanent
from .models import Attempt, Conversation, Delivery, DeliveryAudit, Source

logger = logging.getLogger(__name__)
Status = Delivery.Status


class CannotReplay(Exception):
    """The text says why, for a person."""


def record(
    source: Source, *, body: bytes, headers: dict[str, str], key: str, now: datetime, origin: str = "webhook"
) -> tuple[Delivery, bool]:
    """Keep what came in as one row. Returns (row, created): created is False where this delivery key is known."""
    row = Delivery(
        source=source, direction="IN", lane="in", delivery_key=key or f"local-{uuid.uuid4()}", body=body,
        headers=headers, origin=origin, received_at=now, due_since=now, next_attempt_at=now,
    )  # fmt: skip
    try:
        seen = parsing.columns(parsing.parse(body))
        row.event, row.conversation_id, row.message_id = seen.event, seen.conversation_id, seen.message_id
        row.semantic_key = seen.semantic_key
    except parsing.NotAnEvent as error:
        row.status, row.next_attempt_at, row.finished_at, row.last_error = Status.DEAD, None, now, str(error)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        known = Delivery.objects.filter(source=source, direction="IN", delivery_key=row.delivery_key).first()
        if known is None:
            raise
        return known, False
    return row, True


def post(
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
    """Put one OUT row in, due at `at`. The key derives from the cause, so doing it twice makes one row."""
    row = Delivery(
        source=source, direction="OUT", lane=lane, event=event, variant=variant, delivery_key=key,
        body=json.dumps(payload).encode(), conversation_id=conversation_id, message_id=message_id,
        origin="desk", received_at=now, due_since=at, next_attempt_at=at,
    )  # fmt: skip
    Delivery.objects.bulk_create([row], ignore_conflicts=True)


def cancel(source: Source, key: str, *, now: datetime) -> bool:
    """Take an OUT row back that nobody is working on. False where it is too late."""
    return bool(
        Delivery.objects.filter(
            source=source,
            direction="OUT",
            delivery_key=key,
            running_since=None,
            status__in=[Status.PENDING, Status.HELD],
        ).update(status=Status.CANCELLED, held_for="", next_attempt_at=None, finished_at=now)
    )


def claim(lane: str, *, now: datetime, limit: int | None = None) -> list[Delivery]:
    """Take due rows of a lane for this worker: IN in batches, OUT one at a time, a crashed row always alone."""
    limit = limit or (settings.CLAIM_BATCH if lane == "in" else 1)
    with transaction.atomic():
        # SQLite has no row locks and needs none: its transactions begin IMMEDIATE.
        due = list(
            Delivery.objects.filter(lane=lane, next_attempt_at__lte=now)
            .select_related("source")
            .order_by("next_attempt_at")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        if due and due[0].running_since:
            rows = _claim_crashed(due[0], now=now)
        else:
            rows = list(itertools.takewhile(lambda row: not row.running_since, due))
            _lease(rows, now=now)
    # Nothing to hand out although something was due: a row was given up, and more may wait behind it.
    return claim(lane, now=now, limit=limit) if due and not rows else rows


def _claim_crashed(row: Delivery, *, now: datetime) -> list[Delivery]:
    """Its last worker never came back. Say so in the log; it may have spent its budget that way."""
    policy = policies.current(row)
    Attempt.objects.filter(delivery=row, number=row.attempts, finished_at=None).update(
        finished_at=now,
        outcome="crashed",
        message="The worker did not come back.",
        policy_version=policy.stamp,
    )
    if row.budget_used >= policy.max_attempts:
        _give_up(row, now=now, error="Crashed its worker at every attempt.")
        return []
    _lease([row], now=now)
    return [row]


def _lease(rows: list[Delivery], *, now: datetime) -> None:
    for row in rows:
        row.attempts += 1
        row.running_since = now
        row.next_attempt_at = now + timedelta(
            seconds=settings.LANE_TIMEOUT_S[row.lane] + settings.LEASE_MARGIN_S
        )
    Delivery.objects.bulk_update(rows, ["attempts", "running_since", "next_attempt_at"])
    Attempt.objects.bulk_create(Attempt(delivery=row, number=row.attempts, started_at=now) for row in rows)


def extend_lease(row: Delivery, *, now: datetime) -> None:
    """Once more the whole lease, if it is still ours. Raises LeaseLost."""
    row.next_attempt_at = now + timedelta(seconds=settings.LANE_TIMEOUT_S[row.lane] + settings.LEASE_MARGIN_S)
    if not _ours(row).update(next_attempt_at=row.next_attempt_at):
        raise LeaseLost(row.pk)


def release(row: Delivery, *, now: datetime) -> None:
    """Give back a claimed row that was never started, and its attempt with it."""
    with transaction.atomic():
        if _ours(row).update(attempts=row.attempts - 1, running_since=None, next_attempt_at=now):
            Attempt.objects.filter(delivery=row, number=row.attempts).delete()


def process(row: Delivery, *, now: datetime | None = None) -> None:
    """One try at a claimed row, to its end: done, retried later, held or dead. Raises nothing but a bug of ours."""
    began = time.monotonic()
    try:
        (_run_in if row.direction == "IN" else _run_out)(row, now=now, began=began)
    except LeaseLost:
        logger.warning("delivery.lease_lost", extra={"delivery": row.pk, "attempt": row.attempts})
    except Exception as error:
        _fail(row, error, now=now or clock.now(), began=began)


def _run_in(row: Delivery, *, now: datetime | None, began: float) -> None:
    at = now or clock.now()
    _check_mode(row)
    try:
        payload = row.payload()
    except parsing.NotAnEvent as error:  # kept DEAD, and replayed all the same
        raise Permanent(str(error)) from error
    with transaction.atomic():
        handlers = settings.IN_HANDLERS.get(row.event, ())
        if handlers and row.conversation_id is not None:
            Conversation.objects.locked(row.source, row.conversation_id)
        original = _semantic_original(row)
        if original is None:
            for path in handlers:
                import_string(path)(row, payload, now=at)
        _finish(row, now=now or clock.now(), began=began, status=Status.DONE, duplicate_of=original)


def _run_out(row: Delivery, *, now: datetime | None, began: float) -> None:
    """The handler makes one write to the outside, and hands back what our database should do about it."""
    at = now or clock.now()
    path = settings.OUT_HANDLERS.get(row.event)
    if path is None:
        raise Permanent(f"No handler for {row.event}.")
    _check_mode(row)
    commit: Callable[[], None] | None = import_string(path)(row, row.payload(), now=at)
    with transaction.atomic():
        if commit:
            commit()
        _finish(row, now=now or clock.now(), began=began, status=Status.DONE)


def _check_mode(row: Delivery) -> None:
    if row.source.mode != Source.Mode.ACTIVE:
        raise Hold(f"The source is {row.source.mode}.", held_for="paused")


def _semantic_original(row: Delivery) -> Delivery | None:
    """The DONE row that already told us this. Judged under the conversation's lock, so only one of two can win."""
    if not row.semantic_key:
        return None
    same = Delivery.objects.filter(
        source=row.source,
        direction="IN",
        semantic_key=row.semantic_key,
        status=Status.DONE,
        duplicate_of=None,
    )
    return same.exclude(pk=row.pk).order_by("pk").first()


def _ours(row: Delivery) -> Any:
    return Delivery.objects.filter(
        pk=row.pk, status=Status.PENDING, attempts=row.attempts, running_since__isnull=False
    )


def _finish(
    row: Delivery, *, now: datetime, began: float, status: str, duplicate_of: Delivery | None = None
) -> None:
    """The last statement of the transaction: when the row is no longer ours, everything before it rolls back."""
    _log(row, now=now, began=began, outcome="ok")
    done = _ours(row).update(
        status=status, next_attempt_at=None, running_since=None, finished_at=now, last_error="", error_fingerprint="",
        duplicate_of=duplicate_of,
    )  # fmt: skip
    if not done:
        raise LeaseLost(row.pk)


def _fail(row: Delivery, error: Exception, *, now: datetime, began: float) -> None:
    policy = policies.current(row)
    text, verdict = failures.describe(error), retry.verdict(policy, error)
    wanted = isinstance(error, Overtaken | Hold)
    logger.log(
        logging.INFO if wanted else logging.WARNING,
        "delivery.not_now" if wanted else "delivery.failed",
        extra={"delivery": row.pk, "attempt": row.attempts, "error": text},
    )
    with transaction.atomic():
        _log(
            row, now=now, began=began, outcome=getattr(error, "outcome", "retryable"), message=text,
            error_class=type(error).__name__, http_status=getattr(error, "http_status", None),
            policy_version=policy.stamp,
        )  # fmt: skip
        if isinstance(error, Overtaken):
            _ours(row).update(
                status=Status.CANCELLED,
                next_attempt_at=None,
                running_since=None,
                finished_at=now,
                last_error=text,
            )
            return
        changes: dict[str, Any] = {
            "running_since": None,
            "last_error": text,
            "error_fingerprint": failures.fingerprint(row.event, text),
        }
        if verdict == retry.HOLD:
            changes |= {
                "status": Status.HELD,
                "held_for": getattr(error, "held_for", "rule"),
                "next_attempt_at": None,
                "budget_from": row.budget_from + 1,  # being held is no failure
            }
            _ours(row).update(**changes)
            return
        at = None
        if verdict == retry.RETRY:
            used = getattr(error, "tries", None) or row.budget_used
            at = retry.next_attempt(policy, used=used, error=error, due_since=row.due_since, now=now)
        if at is None:
            _give_up(row, now=now, error=text)
        else:
            _ours(row).update(next_attempt_at=at, **changes)


def _give_up(row: Delivery, *, now: datetime, error: str) -> None:
    dead = _ours(row).update(
        status=Status.DEAD, next_attempt_at=None, running_since=None, finished_at=now, last_error=error,
        error_fingerprint=failures.fingerprint(row.event, error),
    )  # fmt: skip
    if dead and row.event in settings.ON_GIVE_UP:
        import_string(settings.ON_GIVE_UP[row.event])(row, error=error, now=now)


def _log(row: Delivery, *, now: datetime, began: float, **facts: Any) -> None:
    duration = int((time.monotonic() - began) * 1000)
    # finished_at: one that outlived its lease was closed as crashed by the next claimer, and stays so.
    Attempt.objects.filter(delivery=row, number=row.attempts, finished_at=None).update(
        finished_at=now, duration_ms=duration, **facts
    )


def replay(row: Delivery, *, by: User | None, reason: str, now: datetime, also_done: bool = False) -> None:
    """Re-open a row with a fresh budget. Raises CannotReplay."""
    if row.event == "reply.send":
        raise CannotReplay("A reply is never replayed: open its draft and choose there.")
    if row.status == Status.PENDING:
        raise CannotReplay("This delivery is still being tried.")
    if row.status == Status.DONE and not also_done:
        raise CannotReplay("This delivery is done; say so explicitly to run it again.")
    if not reason.strip():
        raise CannotReplay("Say why, for whoever reads the log.")
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=row.pk, status=row.status, attempts=row.attempts).update(
            status=Status.PENDING, held_for="", budget_from=row.attempts, due_since=now, next_attempt_at=now,
            finished_at=None, duplicate_of=None,
        )  # fmt: skip
        if not changed:
            raise CannotReplay("Somebody was first: reload to see its state.")
        DeliveryAudit.objects.create(delivery=row, at=now, by=by, action="replay", reason=reason[:500])
    row.refresh_from_db()


def release_held(source: Source, *, held_for: str, now: datetime) -> int:
    """Let what was held for this cause go on. Its age counts from now."""
    return Delivery.objects.filter(source=source, status=Status.HELD, held_for=held_for).update(
        status=Status.PENDING, held_for="", due_since=now, next_attempt_at=now
    )
