"""Verbs on alerts: open one, close it, tell people. One open alert a key, however often its trouble is met.

Telling goes out as a delivery, so it is tried again like anything else; the dashboard shows an alert either way.
"""

import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from . import inbox
from .errors import Overtaken, Retryable
from .models import Alert, Delivery, Source

EVENT = "alert.notify"
TOLD_GROUPS = ("Operator", "Manager")
Note = Callable[[], str]


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
            _post(alert, "opened", now=now)
    except IntegrityError:  # somebody met it in the same moment
        _opened(key).update(**seen)
        return False
    return True


def close(key: str, *, now: datetime) -> bool:
    """Whether there was one. Its end is told to those who heard of it."""
    with transaction.atomic():
        alert = _opened(key).select_for_update(of=("self",)).first()
        if alert is None:
            return False
        Alert.objects.filter(pk=alert.pk).update(closed_at=now)
        if not _take_back(alert, now=now):
            _post(alert, "closed", now=now)
    return True


def _opened(key: str) -> Any:
    return Alert.objects.filter(key=key[:200], closed_at=None)


def _post(alert: Alert, what: str, *, now: datetime) -> None:
    """By way of its own source where that is active: what a paused one sends waits, and this must not."""
    sources = list(Source.objects.filter(Q(mode=Source.Mode.ACTIVE) | Q(pk=alert.source_id)).order_by("pk"))
    if not sources:
        return  # nothing is connected yet: it is only shown
    carrier = max(
        sources, key=lambda row: (row.mode == Source.Mode.ACTIVE, row.pk == alert.source_id, -row.pk)
    )
    payload = {"alert": alert.pk, "what": what}
    inbox.post(carrier, event=EVENT, key=_key(alert, what), lane="slow", payload=payload, at=now, now=now)


def _key(alert: Alert, what: str) -> str:
    return f"{EVENT}:{alert.pk}:{what}"


def _take_back(alert: Alert, *, now: datetime) -> bool:
    """Over before anybody was told: then nobody need hear of its end either."""
    return any(inbox.cancel(source, _key(alert, "opened"), now=now) for source in Source.objects.all())


def handle_notify(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Note | None:
    """One mail to those who mend things."""
    alert = Alert.objects.select_related("source").get(pk=payload["alert"])
    over = payload["what"] == "closed"
    if alert.closed_at and not over:
        raise Overtaken("It was over before it could be told.")
    addresses = told()
    if not addresses:
        return lambda: "Nobody has an e-mail address: shown on the dashboard alone."
    try:
        _mail(alert, over=over, addresses=addresses).send()
    except (smtplib.SMTPException, OSError) as error:  # its words may name addresses
        raise Retryable(f"The mail could not be handed over: {type(error).__name__}.") from error
    return None


def told() -> list[str]:
    """The addresses of active superusers, Operators and Managers."""
    people = User.objects.filter(Q(is_superuser=True) | Q(groups__name__in=TOLD_GROUPS), is_active=True)
    return list(people.exclude(email="").order_by("email").values_list("email", flat=True).distinct())


def _mail(alert: Alert, *, over: bool, addresses: list[str]) -> EmailMessage:
    times = f"Since {alert.opened_at:%d %b %Y, %H:%M} UTC"
    lines = [alert.text, "", f"{times}; seen {alert.count} times." if alert.count > 1 else f"{times}."]
    if alert.closed_at:
        lines.append(f"Over since {alert.closed_at:%d %b %Y, %H:%M} UTC.")
    return EmailMessage(
        subject=" ".join(f"{'Over' if over else 'Alert'}: {alert.text}".split())[:150],
        body="\n".join([*lines, "", settings.PUBLIC_URL.rstrip("/") + "/admin/webhooks/alert/"]),
        to=addresses,
        connection=get_connection(timeout=settings.OUT_CALL_S),
    )
