"""Verbs on the installation's sending switch and its caps. The gate itself is in the send path (knowledge)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from ..alerts import alerts
from ..models import Alert, Delivery, SendingSwitch

NO_REASON = "No reason given"


def stop(*, by: User, reason: str = "", now: datetime) -> None:
    """Takes effect at once, since each call checks the switch immediately before it is made. A reason is optional."""
    _flip(stopped=True, by=by, reason=reason.strip() or NO_REASON, now=now)


def resume(*, by: User, reason: str, now: datetime) -> int:
    """Resume sending. Returns how many waiting replies are now due; their age counts from now."""
    with transaction.atomic():
        _flip(stopped=False, by=by, reason=reason, now=now)
        return release(now=now)


def release(*, now: datetime) -> int:
    """Release what the switch or a cap holds. Replies that are still over a cap are held again."""
    with transaction.atomic():
        for key in Alert.objects.filter(kind="send_cap", closed_at=None).values_list("key", flat=True):
            alerts.close(key, now=now)
        return Delivery.objects.filter(event="reply.send", status="HELD", held_for="rule").update(
            status="PENDING", held_for="", due_since=now, next_attempt_at=now
        )


def limit(*, most_an_hour: int | None, most_a_conversation: int | None) -> None:
    facts = {"most_an_hour": most_an_hour, "most_a_conversation": most_a_conversation}
    SendingSwitch.objects.update_or_create(pk=1, defaults=facts)


def _flip(*, stopped: bool, by: User, reason: str, now: datetime) -> None:
    facts = {"stopped": stopped, "reason": reason[:200], "changed_at": now, "changed_by": by}
    SendingSwitch.objects.update_or_create(pk=1, defaults=facts)
