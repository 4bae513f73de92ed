"""Verbs on alerts: open one, close it, keep them as a watch finds them. One open alert a key, however often it is met.

Telling goes out as deliveries, one a channel (alert_telling.py), so it is tried again like anything else; the dashboard shows
an alert either way.
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
TELLING = ("mail", "post")


def open_(kind: str, *, key: str, text: str, now: datetime, source: Source | None = None) -> bool:
    """Whether it is a new trouble; a known one is counted, and says what it says now."""
    seen = {"count": F("count") + 1, "last_seen_at": now, "text": text[:500]}
    if _opened(key).update(**seen):
        return False
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                kind=kind, key=key[:200], source=source, text=text[:500], opened_at=now, last_seen_at=now
            )
            for channel in rules.channels(rules.of(kind)):
                _post(alert, "opened", channel, now=now)
    except IntegrityError:  # somebody met it in the same moment
        _opened(key).update(**seen)
        return False
    return True


def watched(kind: str, *, key: str, text: str, now: datetime, source: Source | None = None) -> None:
    """As a watch finds it, look after look: open as long as there is a text. Seeing it again is no new meeting."""
    if not text:
        close(key, now=now)
    elif not _opened(key).update(last_seen_at=now, text=text[:500]):
        open_(kind, key=key, text=text, now=now, source=source)


def keep(
    kind: str, found: Mapping[str, str], *, now: datetime, sources: Mapping[str, Source] | None = None
) -> None:
    """All that a watch finds of a kind, key → text: that is open, and nothing else of it."""
    for key, text in found.items():
        watched(kind, key=key, text=text, now=now, source=(sources or {}).get(key))
    gone = Alert.objects.filter(kind=kind, closed_at=None).exclude(key__in=[key[:200] for key in found])
    for key in gone.values_list("key", flat=True):
        close(key, now=now)


def close(key: str, *, now: datetime) -> bool:
    """Whether there was one. Its end is told to those who heard of it."""
    with transaction.atomic():
        alert = _opened(key).select_for_update(of=("self",)).first()
        if alert is None:
            return False
        Alert.objects.filter(pk=alert.pk).update(closed_at=now)
        for channel in TELLING:
            if _was_told(alert, channel, now=now):
                _post(alert, "closed", channel, now=now)
    return True


def _opened(key: str) -> Any:
    return Alert.objects.filter(key=key[:200], closed_at=None)


def _post(alert: Alert, what: str, channel: str, *, now: datetime) -> None:
    """By way of its own source where that is active: what a paused one sends waits, and this must not."""
    # Without their tokens: one that cannot be read must not keep the alert about it from being sent.
    sources = list(
        Source.objects.filter(Q(mode=Source.Mode.ACTIVE) | Q(pk=alert.source_id)).only("mode").order_by("pk")
    )
    if not sources:
        return  # nothing is connected yet: it is only shown
    carrier = max(
        sources, key=lambda row: (row.mode == Source.Mode.ACTIVE, row.pk == alert.source_id, -row.pk)
    )
    payload = {"alert": alert.pk, "what": what, "channel": channel}
    at = rules.quiet_until(rules.of(alert.kind), now=now) or now
    deliveries.post(
        carrier, event=EVENT, key=_key(alert, what, channel), lane="slow", payload=payload, at=at, now=now
    )


def _key(alert: Alert, what: str, channel: str) -> str:
    return f"{EVENT}:{alert.pk}:{what}:{channel}"


def _was_told(alert: Alert, channel: str, *, now: datetime) -> bool:
    """Over before it was told: then that channel need not hear of its end either."""
    key = _key(alert, "opened", channel)
    telling = Delivery.objects.filter(direction="OUT", delivery_key=key).select_related("source").first()
    if telling is None or telling.status in ("DEAD", "CANCELLED"):
        return False
    return not deliveries.cancel(telling.source, key, now=now)
