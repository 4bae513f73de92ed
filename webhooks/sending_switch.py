"""Verbs on the installation's kill switch. The gate itself stands in the send path (SendingSwitch.is_stopped)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from .models import Delivery, SendingSwitch


def stop(*, by: User, reason: str, now: datetime) -> None:
    _flip(stopped=True, by=by, reason=reason, now=now)


def resume(*, by: User, reason: str, now: datetime) -> int:
    """Sending goes on; the number of replies that waited for it and are due now, their age counted from now."""
    with transaction.atomic():
        _flip(stopped=False, by=by, reason=reason, now=now)
        return Delivery.objects.filter(event="reply.send", status="HELD", held_for="rule").update(
            status="PENDING", held_for="", due_since=now, next_attempt_at=now
        )


def _flip(*, stopped: bool, by: User, reason: str, now: datetime) -> None:
    facts = {"stopped": stopped, "reason": reason[:200], "changed_at": now, "changed_by": by}
    SendingSwitch.objects.update_or_create(pk=1, defaults=facts)
