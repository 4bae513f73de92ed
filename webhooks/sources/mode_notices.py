"""Notifies Leads when a source's mode is switched: an email, and a notice on the dashboard that each of them confirms."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import deliveries
from ..accounts import access, profiles
from ..display import formats
from ..errors import Overtaken
from ..models import Delivery, ModeChange, ModeNotice, Source
from ..outbound import mail

EVENT = "mode.notify"
EFFECTS = {
    "active": gettext_lazy("Events are processed and replies are sent again."),
    "paused": gettext_lazy(
        "Events are received and held. Nothing is drafted, and approved replies wait. Answer customers in Chatwoot."
    ),
    "legacy": gettext_lazy(
        "Events are forwarded to the previous handler. Nothing is drafted here, and approved replies wait."
    ),
}


def recipients(source: Source) -> QuerySet[User]:
    """The people named for the source; if nobody is named, every Lead and Manager who sees one of its inboxes."""
    people = User.objects.filter(is_active=True)
    named = people.filter(pk__in=source.leads.values("pk"))
    if named.exists():
        return named.order_by("username")
    sees = Q(membership__all_inboxes=True) | Q(membership__inboxes__source=source)
    return people.filter(sees, groups__name__in=(access.LEAD, access.MANAGER)).distinct().order_by("username")


def notify(change: ModeChange, *, now: datetime) -> None:
    """Within the transaction of the switch. The person who switched it is not notified."""
    for user in recipients(change.source).exclude(pk=change.by_id or 0):
        notice = ModeNotice.objects.create(change=change, user=user)
        deliveries.enqueue(
            change.source, event=EVENT, key=f"{EVENT}:{notice.pk}", lane="slow", payload={"notice": notice.pk}, at=now, now=now
        )  # fmt: skip


def acknowledge(change: ModeChange, *, by: User, now: datetime) -> bool:
    """Whether there was a notice to acknowledge."""
    return bool(change.notices.filter(user=by, acknowledged_at=None).update(acknowledged_at=now))


def open_for(user: User) -> ModeNotice | None:
    """The newest that this person has not acknowledged."""
    notices = ModeNotice.objects.filter(user=user, acknowledged_at=None).order_by("-pk")
    return notices.select_related("change__source", "change__by").first()


def handle_notify(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """One email to one person."""
    notice = ModeNotice.objects.select_related("change__source", "change__by", "user").get(
        pk=payload["notice"]
    )
    if notice.acknowledged_at:
        raise Overtaken("The notice was read before the email was sent.")
    if not notice.user.email:
        return lambda: "This person has no email address: the notice is shown on the dashboard only."
    with profiles.in_language_of(notice.user):
        mail.send(_email(delivery, notice))
    return None


def _email(delivery: Delivery, notice: ModeNotice) -> EmailMultiAlternatives:
    change = notice.change
    page = reverse("admin:webhooks_modechange_change", args=[change.pk])
    facts = {
        "source": change.source, "mode": formats.mode(change.mode), "by": change.by or _("a command"),
        "at": formats.minute(change.at), "reason": change.reason, "link": f"{settings.PUBLIC_URL.rstrip('/')}{page}",
    }  # fmt: skip
    lines = [
        _("%(source)s was switched to %(mode)s at %(at)s UTC by %(by)s.") % facts,
        _("Reason: %(reason)s") % facts, "", str(EFFECTS[change.mode]), "",
        _("Confirm that you have read this: %(link)s") % facts,
    ]  # fmt: skip
    subject = Truncator(_("%(source)s is now %(mode)s") % facts).chars(59)
    return mail.compose(
        delivery, kind="source-modes", to=[notice.user.email], subject=subject, body="\n".join(lines)
    )
