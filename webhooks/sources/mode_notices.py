"""Leads hear of a switch of a source's mode: a row that they acknowledge, and a mail each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.urls import reverse

from .. import deliveries
from ..accounts import access
from ..errors import Overtaken
from ..models import Delivery, ModeChange, ModeNotice, Source
from ..outbound import mail

EVENT = "mode.notify"
TELLS = {
    "active": "Work goes on.",
    "paused": "What arrives is kept and waits; nothing is drafted, and approved replies wait. Answer customers in Chatwoot.",
    "legacy": "The previous handler gets what arrives; nothing is drafted here, and approved replies wait.",
}


def told(source: Source) -> QuerySet[User]:
    """The source's named leads; where nobody is named, every Lead and Manager who sees one of its inboxes."""
    people = User.objects.filter(is_active=True)
    named = people.filter(pk__in=source.leads.values("pk"))
    if named.exists():
        return named.order_by("username")
    sees = Q(membership__all_inboxes=True) | Q(membership__inboxes__source=source)
    return people.filter(sees, groups__name__in=(access.LEAD, access.MANAGER)).distinct().order_by("username")


def tell(change: ModeChange, *, now: datetime) -> None:
    """In the transaction of the switch. Whoever switched it knows."""
    for user in told(change.source).exclude(pk=change.by_id or 0):
        notice = ModeNotice.objects.create(change=change, user=user)
        deliveries.post(
            change.source, event=EVENT, key=f"{EVENT}:{notice.pk}", lane="slow", payload={"notice": notice.pk}, at=now, now=now
        )  # fmt: skip


def acknowledge(change: ModeChange, *, by: User, now: datetime) -> bool:
    """Whether there was something to acknowledge."""
    return bool(change.notices.filter(user=by, acknowledged_at=None).update(acknowledged_at=now))


def open_for(user: User) -> ModeNotice | None:
    """The newest that this person has not acknowledged."""
    notices = ModeNotice.objects.filter(user=user, acknowledged_at=None).order_by("-pk")
    return notices.select_related("change__source", "change__by").first()


def handle_notify(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """One mail to one person."""
    notice = ModeNotice.objects.select_related("change__source", "change__by", "user").get(
        pk=payload["notice"]
    )
    if notice.acknowledged_at:
        raise Overtaken("It was read before the mail could go.")
    if not notice.user.email:
        return lambda: "This person has no e-mail address: it is shown on the dashboard alone."
    mail.send(_mail(delivery, notice))
    return None


def _mail(delivery: Delivery, notice: ModeNotice) -> EmailMultiAlternatives:
    change = notice.change
    page = reverse("admin:webhooks_modechange_change", args=[change.pk])
    lines = [
        f"{change.source} is {change.mode} since {change.at:%d %b %Y, %H:%M} UTC, by {change.by or 'a command'}.",
        f"Reason: {change.reason}", "", TELLS[change.mode], "",
        f"Say that you have read this: {settings.PUBLIC_URL.rstrip('/')}{page}",
    ]  # fmt: skip
    return mail.letter(
        delivery, kind="source-modes", to=[notice.user.email], subject=f"{change.source} is {change.mode}: {change.reason}",
        body="\n".join(lines),
    )  # fmt: skip
