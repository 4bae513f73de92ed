"""Alerts when nothing arrives from a source or inbox for longer than its limit, counted in its business hours."""

from datetime import datetime

from django.conf import settings
from django.db.models import Max, Q
from django.utils.module_loading import import_string

from ..alerts import alerts
from ..display import formats
from ..models import Conversation, Delivery, Inbox, Source

HAS_LIMIT = Q(silence_minutes__gt=0)  # 0 means no alert, like an empty value


def check(*, now: datetime) -> None:
    """Every minute."""
    for source in Source.objects.filter(HAS_LIMIT):
        _check_one(f"{source}", source, None, source.silence_minutes or 0, _last_webhook(source), now=now)
    for inbox in Inbox.objects.filter(HAS_LIMIT).select_related("source"):
        name = f"{inbox.name} ({inbox.source})"
        _check_one(name, inbox.source, inbox, inbox.silence_minutes or 0, _last_activity(inbox), now=now)
    _close_without_limit(now=now)


def _check_one(
    name: str, source: Source, inbox: Inbox | None, minutes: int, last: datetime | None, *, now: datetime
) -> None:
    quiet_s = open_seconds(inbox, last or source.created_at, now)
    if quiet_s < minutes * 60:
        alerts.close(key(source, inbox), now=now)
        return
    quiet, allowed = formats.span(quiet_s // 60 * 60), formats.span(minutes * 60)
    text = f"No webhooks from {name} for {quiet} of its business hours (alert after {allowed})."
    alerts.update("silence", key=key(source, inbox), text=text, now=now, source=source)


def open_seconds(inbox: Inbox | None, start: datetime, end: datetime) -> float:
    """Business time between two moments, by the inbox's calendar or else the default one."""
    return import_string(settings.OPEN_SECONDS)(inbox and inbox.pk, start, end)


def _last_webhook(source: Source) -> datetime | None:
    rows = Delivery.objects.filter(source=source, direction="IN", origin="webhook").order_by("-received_at")
    return rows.values_list("received_at", flat=True).first()


def _last_activity(inbox: Inbox) -> datetime | None:
    return Conversation.objects.filter(inbox=inbox).aggregate(at=Max("last_activity_at"))["at"]


def _close_without_limit(*, now: datetime) -> None:
    alerted = Source.objects.filter(alerts__kind="silence", alerts__closed_at=None).distinct()
    for source in alerted.exclude(HAS_LIMIT):
        alerts.close(key(source, None), now=now)
    for inbox in Inbox.objects.filter(source__in=alerted).exclude(HAS_LIMIT).select_related("source"):
        alerts.close(key(inbox.source, inbox), now=now)


def key(source: Source, inbox: Inbox | None) -> str:
    return f"silence:{source.pk}:{inbox.pk if inbox else 'all'}"
