"""Reopens deliveries: because a person replays them, or because the reason they were held is gone."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from ..errors import Unconfirmed
from ..models import Delivery, DeliveryAudit, Source
from . import redaction

Status = Delivery.Status


class CannotReplay(Exception):
    """The text says why, for a person."""


def replay(row: Delivery, *, by: User | None, reason: str, now: datetime, also_done: bool = False) -> None:
    """Reopen a row with a fresh budget of attempts. Raises CannotReplay."""
    if row.event == "reply.send":
        raise CannotReplay(_("A reply is never replayed: open its draft and choose there."))
    if row.status == Status.PENDING:
        raise CannotReplay(_("This delivery is still being retried."))
    if row.status == Status.DONE and row.event in settings.NOTICES:
        raise CannotReplay(_("This message was sent. A replay never repeats messages to people."))
    if row.status == Status.DONE and not also_done:
        raise CannotReplay(_("This delivery is already done. Confirm explicitly to run it again."))
    if gone := redaction.why_gone(row):
        raise CannotReplay(_("%(gone)s: there is nothing left to run again.") % {"gone": gone})
    if not reason.strip():
        raise CannotReplay(_("Enter a reason for the log."))
    with transaction.atomic():
        still = Delivery.objects.filter(pk=row.pk, status=row.status, attempts=row.attempts, redacted_at=None)
        changed = still.update(
            status=Status.PENDING, held_for="", budget_from=row.attempts, due_since=now, next_attempt_at=now,
            finished_at=None, running_on="", duplicate_of=None,
        )  # fmt: skip
        if not changed:
            raise CannotReplay(_("The delivery has changed since you opened it: reload to see its state."))
        DeliveryAudit.objects.create(delivery=row, at=now, by=by, action="replay", reason=reason[:500])
    row.refresh_from_db()


def settle(source: Source, key: str, *, by: User | None, why: str, now: datetime) -> None:
    """A dead letter that somebody dealt with elsewhere, such as a parked reply: it needs nobody any more."""
    row = Delivery.objects.filter(
        source=source, direction="OUT", delivery_key=key, status=Status.DEAD
    ).first()
    if row is None:
        return
    with transaction.atomic():
        settled = Delivery.objects.filter(pk=row.pk, status=Status.DEAD).update(status=Status.CANCELLED)
        if settled and by:
            DeliveryAudit.objects.create(delivery=row, at=now, by=by, action="settle", reason=why[:500])


def release_held(source: Source, *, held_for: str, now: datetime, event: str = "") -> int:
    """Release what is held for this reason, of one event or all. Its age counts from now."""
    held = Delivery.objects.filter(source=source, status=Status.HELD, held_for=held_for)
    return (held.filter(event=event) if event else held).update(
        status=Status.PENDING, held_for="", due_since=now, next_attempt_at=now
    )


# Held because nobody has confirmed that the source's new address is the same Chatwoot; not for a rule of a policy.
UNCONFIRMED = Q(
    status=Status.HELD, attempt_log__number=F("attempts"), attempt_log__error_class=Unconfirmed.__name__
)


def release_unconfirmed(source: Source, *, now: datetime) -> int:
    held = Delivery.objects.filter(UNCONFIRMED, source=source).values("pk")
    return Delivery.objects.filter(pk__in=held).update(
        status=Status.PENDING, held_for="", due_since=now, next_attempt_at=now
    )


def cancel_unconfirmed(source: Source, *, why: str, now: datetime) -> int:
    """Chatwoot's events alone, with those that nobody began. They stay replayable by a person who knows better."""
    failed_before = Q(attempts__gt=0, running_since=None)
    waiting = UNCONFIRMED | (Q(status=Status.PENDING) & ~failed_before)
    found = Delivery.objects.filter(waiting, source=source, direction="IN").values("pk")
    return Delivery.objects.filter(pk__in=found).update(
        status=Status.CANCELLED, held_for="", next_attempt_at=None, running_since=None, running_on="", finished_at=now,
        last_error=why, error_fingerprint="",
    )  # fmt: skip
