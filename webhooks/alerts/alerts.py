"""Verbs on alerts: open one, close it, keep them in step with what a monitor finds. One open alert for each key.

Notifications go out as deliveries, one for each channel (notifications.py), so they are retried like anything else. The
dashboard shows an alert either way.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from .. import deliveries
from ..models import Alert, Delivery, Source
from . import rules

EVENT = "alert.notify"
CHANNELS = ("email", "chat")


def open_(kind: str, *, key: str, text: str, now: datetime, source: Source | None = None) -> bool:
    """Whether it is new. An alert that is already open is counted and gets the new text."""
    seen = {"count": F("count") + 1, "last_seen_at": now, "text": text[:500]}
    if _opened(key).update(**seen):
        return False
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                kind=kind, key=key[:200], source=source, text=text[:500], opened_at=now, last_seen_at=now
            )
            for channel in rules.channels(rules.of(kind)):
                _enqueue(alert, "opened", channel, now=now)
    except IntegrityError:  # another process opened it at the same moment
        _opened(key).update(**seen)
        return False
    return True


def update(kind: str, *, key: str, text: str, now: datetime, source: Source | None = None) -> None:
    """For a monitor that looks again and again: open while there is a text, closed when it is empty. Not counted each time."""
    if not text:
        close(key, now=now)
    elif not _opened(key).update(last_seen_at=now, text=text[:500]):
        open_(kind, key=key, text=text, now=now, source=source)


def sync(
    kind: str, found: Mapping[str, str], *, now: datetime, sources: Mapping[str, Source] | None = None
) -> None:
    """All that a monitor finds of a kind, key → text: exactly these alerts are open afterwards."""
    for key, text in found.items():
        update(kind, key=key, text=text, now=now, source=(sources or {}).get(key))
    gone = Alert.objects.filter(kind=kind, closed_at=None).exclude(key__in=[key[:200] for key in found])
    for key in gone.values_list("key", flat=True):
        close(key, now=now)


def close(key: str, *, now: datetime) -> bool:
    """Whether there was an open one. Everyone who was notified of it is notified that it is resolved."""
    with transaction.atomic():
        alert = _opened(key).select_for_update(of=("self",)).first()
        if alert is None:
            return False
        Alert.objects.filter(pk=alert.pk).update(closed_at=now)
        for channel in CHANNELS:
            if _was_notified(alert, channel, now=now):
                _enqueue(alert, "closed", channel, now=now)
    return True


def _opened(key: str) -> Any:
    return Alert.objects.filter(key=key[:200], closed_at=None)


def _enqueue(alert: Alert, what: str, channel: str, *, now: datetime) -> None:
    """Sent on behalf of its own source if that is active: deliveries of a paused source wait, and an alert must not."""
    # Without their tokens: an unreadable one must not prevent the alert about it.
    sources = list(
        Source.objects.filter(Q(mode=Source.Mode.ACTIVE) | Q(pk=alert.source_id)).only("mode").order_by("pk")
    )
    if not sources:
        return  # nothing is connected yet: the alert is only shown
    carrier = max(
        sources, key=lambda row: (row.mode == Source.Mode.ACTIVE, row.pk == alert.source_id, -row.pk)
    )
    payload = {"alert": alert.pk, "what": what, "channel": channel}
    at = rules.quiet_until(rules.of(alert.kind), now=now) or now
    deliveries.enqueue(
        carrier, event=EVENT, key=_key(alert, what, channel), lane="slow", payload=payload, at=at, now=now
    )


def _key(alert: Alert, what: str, channel: str) -> str:
    return f"{EVENT}:{alert.pk}:{what}:{channel}"


def _was_notified(alert: Alert, channel: str, *, now: datetime) -> bool:
    """False where it was resolved before the notification went out: that one is cancelled, and no second one is needed."""
    key = _key(alert, "opened", channel)
    notification = Delivery.objects.filter(direction="OUT", delivery_key=key).select_related("source").first()
    if notification is None or notification.status in ("DEAD", "CANCELLED"):
        return False
    return not deliveries.cancel(notification.source, key, now=now)
