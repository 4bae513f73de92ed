"""An alert is told: a mail to those whom its rule names, or a message to a chat. One delivery a channel, of either alone."""

import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from ..display import formats
from ..errors import NotYet, Overtaken, Retryable
from ..models import Alert, AlertRule, Delivery, alert_kinds
from ..outbound import slack
from . import rules

Note = Callable[[], str]


def handle(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Note | None:
    """In quiet hours later; not at all where it is over by then, or its rule tells nobody any more."""
    alert = Alert.objects.get(pk=payload["alert"])
    over, channel = payload["what"] == "closed", payload.get("channel", "mail")
    if alert.closed_at and not over:
        raise Overtaken("It was over before it could be told.")
    rule = rules.of(alert.kind)
    if channel not in rules.channels(rule):
        raise Overtaken("Its rule does not tell this way any more.")
    if until := rules.quiet_until(rule, now=now):
        raise NotYet("These are quiet hours.", until=until)
    if channel == "mail":
        return _mail(rule, alert, over=over)
    _post(rule, alert, over=over)
    return None


def _post(rule: AlertRule, alert: Alert, *, over: bool) -> None:
    text = f"*{_heading(alert, over=over)}*\n{slack.plain(alert.text)}\n{_address(alert)}"
    slack.post(rule.post_url, text)


def _mail(rule: AlertRule, alert: Alert, *, over: bool) -> Note | None:
    addresses = rules.told(rule)
    if not addresses:
        return lambda: "Nobody has an e-mail address: shown on the dashboard alone."
    try:
        _letter(alert, over=over, addresses=addresses).send()
    except (smtplib.SMTPException, OSError) as error:  # its words may name addresses
        raise Retryable(f"The mail could not be handed over: {type(error).__name__}.") from error
    return None


def _letter(alert: Alert, *, over: bool, addresses: list[str]) -> EmailMessage:
    kind, times = alert_kinds.of(alert.kind), f"Since {alert.opened_at:%-d %b %Y, %H:%M} UTC"
    lines = [alert.text, "", f"{times}; seen {alert.count} times." if alert.count > 1 else f"{times}."]
    if alert.closed_at:
        lines.append(f"Over since {alert.closed_at:%-d %b %Y, %H:%M} UTC.")
    elif kind.todo:
        page = settings.PUBLIC_URL.rstrip("/") + reverse("docs", args=[formats.RUNBOOK_PAGE])
        lines += ["", kind.todo, f"{page}#{kind.section}"]
    return EmailMessage(
        subject=" ".join(f"{_heading(alert, over=over)}: {alert.text}".split())[:150],
        body="\n".join([*lines, "", _address(alert)]),
        to=addresses,
        connection=get_connection(timeout=settings.OUT_CALL_S),
    )


def _heading(alert: Alert, *, over: bool) -> str:
    return "Over" if over else "Alert"


def _address(alert: Alert) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("admin:webhooks_alert_change", args=[alert.pk])
