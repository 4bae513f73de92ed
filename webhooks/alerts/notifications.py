"""Sends an alert's notifications: an email to the people its rule names, or a chat message. One delivery for each channel."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.text import Truncator

from ..display import formats
from ..errors import NotYet, Overtaken
from ..models import Alert, AlertRule, Delivery, alert_kinds
from ..outbound import mail, slack
from . import rules

Note = Callable[[], str]
SUBJECT = 59  # characters: what a phone shows


def handle(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Note | None:
    """Postponed in quiet hours; cancelled if the alert is resolved by then or its rule no longer uses this channel."""
    alert = Alert.objects.get(pk=payload["alert"])
    over, channel = payload["what"] == "closed", payload["channel"]
    if alert.closed_at and not over:
        raise Overtaken("The alert was resolved before the notification was sent.")
    rule = rules.of(alert.kind)
    if channel not in rules.channels(rule):
        raise Overtaken("Its rule no longer uses this channel.")
    if until := rules.quiet_until(rule, now=now):
        raise NotYet("These are quiet hours.", until=until)
    if channel == "email":
        return _send_email(delivery, rule, alert, over=over)
    _send_chat_message(rule, alert, over=over)
    return None


def _send_chat_message(rule: AlertRule, alert: Alert, *, over: bool) -> None:
    lines = [
        f"*{slack.plain(subject(alert, over=over))}*",
        slack.plain(alert.text),
        _who_waits(),
        _address(alert),
    ]
    text = "\n".join(lines)
    slack.post(rule.chat_url, text)


def _send_email(delivery: Delivery, rule: AlertRule, alert: Alert, *, over: bool) -> Note | None:
    addresses = rules.recipients(rule)
    if not addresses:
        return lambda: "Nobody has an email address: shown on the dashboard only."
    mail.send(_email(delivery, rule, alert, over=over, addresses=addresses))
    return None


def _email(
    delivery: Delivery, rule: AlertRule, alert: Alert, *, over: bool, addresses: list[str]
) -> EmailMultiAlternatives:
    kind, times = alert_kinds.of(alert.kind), f"Since {alert.opened_at:%-d %b %Y, %H:%M} UTC"
    lines = [
        alert.text,
        _who_waits(),
        "",
        f"{times}; seen {alert.count} times." if alert.count > 1 else f"{times}.",
    ]
    if alert.closed_at:
        lines.append(f"Resolved at {alert.closed_at:%-d %b %Y, %H:%M} UTC.")
    elif kind.todo:
        page = settings.PUBLIC_URL.rstrip("/") + reverse("docs", args=[formats.runbook_page(kind.section)])
        lines[:0] = [f"What to do: {kind.todo}", page, ""]
    stops = reverse("admin:webhooks_alertrule_change", args=[rule.pk]) if rule.pk else ""
    return mail.compose(
        delivery, kind="alerts", to=addresses, subject=subject(alert, over=over),
        body="\n".join([*lines, "", _address(alert)]), unsubscribe=stops,
    )  # fmt: skip


def subject(alert: Alert, *, over: bool) -> str:
    """Under 60 characters: what is wrong, where, and how many customers wait if there is room."""
    where = f" ({alert.source})" if alert.source else ""
    text = f"{'Resolved' if over else 'Alert'}: {alert_kinds.of(alert.kind).name}{where}"
    waiting, _ = _waiting()
    longer = (
        text
        if over or not waiting
        else f"{text}, {waiting:,} {'customer waits' if waiting == 1 else 'customers wait'}"
    )
    return Truncator(longer if len(longer) <= SUBJECT else text).chars(SUBJECT)


def _who_waits() -> str:
    waiting, unsent = _waiting()
    customers = f"{waiting:,} {'customer waits' if waiting == 1 else 'customers wait'} for an answer"
    replies = f"{unsent:,} approved {'reply is' if unsent == 1 else 'replies are'} not sent yet"
    return f"{customers}; {replies}."


def _waiting() -> tuple[int, int]:
    found: tuple[int, int] = import_string(settings.CUSTOMERS_WAITING)()
    return found


def _address(alert: Alert) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("admin:webhooks_alert_change", args=[alert.pk])
