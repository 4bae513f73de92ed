"""How an attempt ends. Everything here is fenced: it changes the row only while the caller still holds it."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from ..errors import Hold, LeaseLost, Overtaken
from ..models import Attempt, Delivery
from . import failure_text, mode_gate, policies, retry

logger = logging.getLogger(__name__)
Status = Delivery.Status
DEAD_LETTER_AGAIN = timedelta(seconds=60)
FINAL = {"next_attempt_at": None, "running_since": None, "running_on": ""}


def ours(row: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        pk=row.pk, status=Status.PENDING, attempts=row.attempts, running_since__isnull=False
    )


# Every successful row ends with these two. Raw SQL, because building them with the ORM cost as much as running them.
SET_DONE = """
    UPDATE webhooks_delivery SET status = 'DONE', finished_at = %s, duplicate_of_id = %s, last_error = '',
        error_fingerprint = '', next_attempt_at = NULL, running_since = NULL, running_on = ''
    WHERE id = %s AND attempts = %s AND status = 'PENDING' AND running_since IS NOT NULL"""
LOG_OK = """
    UPDATE webhooks_attempt SET finished_at = %s, duration_ms = %s, outcome = 'ok', message = %s
    WHERE delivery_id = %s AND number = %s AND finished_at IS NULL"""
BOTH = f"WITH done AS ({SET_DONE} RETURNING id), logged AS ({LOG_OK}) SELECT id FROM done"  # noqa: S608  (constants)


def finish(
    row: Delivery, *, now: datetime, began: float, duplicate_of: int | None = None, note: str = ""
) -> None:
    """The last step of the transaction: if the row is no longer ours, LeaseLost rolls back everything before it."""
    at = connection.ops.adapt_datetimefield_value(now)
    done = [at, duplicate_of, row.pk, row.attempts]
    logged = [at, _ms_since(began), note[:2000], row.pk, row.attempts]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # in one round trip
            cursor.execute(BOTH, [*done, *logged])
        else:
            cursor.execute(LOG_OK, logged)
            cursor.execute(SET_DONE, done)
        if not cursor.rowcount:
            raise LeaseLost(row.pk)


def fail(row: Delivery, error: Exception, *, now: datetime, began: float) -> None:
    """Cancelled, held, retried or given up, by the policy as it is now and not as it was at the start."""
    policy, text = policies.current(row), failure_text.describe(error)
    expected = isinstance(error, Overtaken | Hold)
    logger.log(
        logging.INFO if expected else logging.WARNING,
        "delivery.not_now" if expected else "delivery.failed",
        extra={"delivery": row.pk, "attempt": row.attempts, "error": text},
    )
    with transaction.atomic():
        _log(
            row, now=now, began=began, outcome=getattr(error, "outcome", "retryable"), message=text,
            error_class=type(error).__name__, http_status=getattr(error, "http_status", None),
            policy_version=policy.stamp,
        )  # fmt: skip
        verdict = retry.verdict(policy, error)
        if isinstance(error, Overtaken):
            ours(row).update(status=Status.CANCELLED, finished_at=now, last_error=text, **FINAL)
        elif verdict == retry.HOLD:
            _hold(row, text, error, now=now)
        elif verdict == retry.RETRY and (at := _next_attempt(row, policy, error, now=now)):
            _wait(row, text, next_attempt_at=at)
        else:
            dead_letter(row, now=now, error=text)


def is_too_late(row: Delivery, at: datetime) -> bool:
    """Whether an attempt at that time would be past its maximum age, by the current policy."""
    return retry.is_too_late(policies.current(row), at, due_since=row.due_since)


def _next_attempt(row: Delivery, policy: retry.Policy, error: Exception, *, now: datetime) -> datetime | None:
    used = getattr(error, "tries", None) or row.budget_used
    return retry.next_attempt(policy, used=used, error=error, due_since=row.due_since, now=now)


def _hold(row: Delivery, text: str, error: Exception, *, now: datetime) -> None:
    held_for = getattr(error, "held_for", "rule")
    if mode_gate.is_over(row, error):  # nothing would release the row any more
        ours(row).update(last_error=text, budget_from=row.budget_from + 1, **FINAL | {"next_attempt_at": now})
        return
    ours(row).update(
        status=Status.HELD, held_for=held_for, last_error=text, error_fingerprint=failure_text.fingerprint(row.event, text),
        budget_from=row.budget_from + 1,  # being held does not use an attempt
        **FINAL,
    )  # fmt: skip


def _wait(row: Delivery, text: str, *, next_attempt_at: datetime) -> None:
    waiting = FINAL | {"next_attempt_at": next_attempt_at}
    ours(row).update(last_error=text, error_fingerprint=failure_text.fingerprint(row.event, text), **waiting)


def dead_letter(row: Delivery, *, now: datetime, error: str) -> None:
    """DEAD together with its ON_DEAD_LETTER handler, or neither.

    If the handler fails, the row stays like a crashed one: claimed alone in a minute, and given up once more.
    """
    try:
        with transaction.atomic():
            dead = ours(row).update(
                status=Status.DEAD, finished_at=now, last_error=error,
                error_fingerprint=failure_text.fingerprint(row.event, error), **FINAL,
            )  # fmt: skip
            if dead and row.event in settings.ON_DEAD_LETTER:
                import_string(settings.ON_DEAD_LETTER[row.event])(row, error=error, now=now)
    except Exception as handler_error:
        why = failure_text.describe(handler_error)
        logger.error(
            "delivery.give_up_failed", extra={"delivery": row.pk, "attempt": row.attempts, "error": why}
        )
        text = f"{error} Recording the failure failed and will be retried: {why}"
        ours(row).update(
            next_attempt_at=now + DEAD_LETTER_AGAIN, running_on="", last_error=text,
            error_fingerprint=failure_text.fingerprint(row.event, text),
        )  # fmt: skip


def _log(row: Delivery, *, now: datetime, began: float, **facts: Any) -> None:
    # finished_at=None: an attempt that outlived its lease was recorded as crashed by the next claimer, and stays so.
    Attempt.objects.filter(delivery=row, number=row.attempts, finished_at=None).update(
        finished_at=now, duration_ms=_ms_since(began), **facts
    )


def _ms_since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
