"""A source or an inbox from which nothing comes for longer than somebody said is usual, in its business time."""

from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.utils.module_loading import import_string

from . import alerts
from .models import Conversation, Delivery, Inbox, Source


def check(*, now: datetime) -> None:
    """Every minute."""
    for source in Source.objects.exclude(silence_minutes=None):
        _judge(f"{source}", source, None, source.silence_minutes or 0, _last_webhook(source), now=now)
    for inbox in Inbox.objects.exclude(silence_minutes=None).select_related("source"):
        name = f"{inbox.name} ({inbox.source})"
        _judge(name, inbox.source, inbox, inbox.silence_minutes or 0, _last_activity(inbox), now=now)
    _close_unwatched(now=now)


def _judge(
    name: str, source: Source, inbox: Inbox | None, minutes: int, last: datetime | None, *, now: datetime
) -> None:
    quiet_s = open_seconds(inbox, last or source.created_at, now)
    if quiet_s < minutes * 60:
        alerts.close(key(source, inbox), now=now)
        return
    text = f"Nothing came from {name} for {quiet_s / 60:,.0f} minutes of its opening hours (alert from {minutes})."
    alerts.open_("silence", key=key(source, inbox), text=text, now=now, source=source)


def open_seconds(inbox: Inbox | None, start: datetime, end: datetime) -> float:
    """Business time between two moments, by the inbox's calendar; without one by the default."""
    return import_string(settings.OPEN_SECONDS)(inbox and inbox.pk, start, end)


def _last_webhook(source: Source) -> datetime | None:
    rows = Delivery.objects.filter(source=source, direction="IN", origin="webhook").order_by("-received_at")
    return rows.values_list("received_at", flat=True).first()


def _last_activity(inbox: Inbox) -> datetime | None:
    return Conversation.objects.filter(inbox=inbox).aggregate(at=Max("last_activity_at"))["at"]


def _close_unwatched(*, now: datetime) -> None:
    for source in Source.objects.filter(silence_minutes=None, alerts__kind="silence", alerts__closed_at=None):
        alerts.close(key(source, None), now=now)
    silent = Inbox.objects.filter(
        silence_minutes=None, source__alerts__kind="silence", source__alerts__closed_at=None
    )
    for inbox in silent.select_related("source").distinct():
        alerts.close(key(inbox.source, inbox), now=now)


def key(source: Source, inbox: Inbox | None) -> str:
    return f"silence:{source.pk}:{inbox.pk if inbox else 'all'}"
