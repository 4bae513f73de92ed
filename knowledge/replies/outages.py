"""What keeps approved replies from being sent right now, in words for the people who approved them.

An upstream that failed twice in a row while a reply waits for it: a single failed call is retried within seconds and is no
news. Replies that are held are the same to a customer, so they are listed here too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from webhooks.accounts import access
from webhooks.models import Delivery, Source, Upstream

from ..models import Draft
from . import notices

FAILURES = 2
STATUS = re.compile(r"\b([45]\d\d)\b")
ON_THE_WAY = (Draft.Status.APPROVED, Draft.Status.SENDING)
REPLY = {"event": "reply.send", "lane": "send", "direction": "OUT"}
HELD = {
    "paused": gettext_lazy("%(source)s is not active, so nothing is sent."),
    "credentials": gettext_lazy("%(source)s refuses this site's access token."),
    "rule": gettext_lazy("Approved replies are held until somebody releases them."),
}


@dataclass(frozen=True)
class Outage:
    """waiting: approved replies. next_try None: there is none before a person acts. upstream None: they are held."""

    cause: str
    waiting: int
    next_try: datetime | None = None
    upstream: Upstream | None = None

    @property
    def replies(self) -> str:
        return ngettext("%(n)s approved reply waits", "%(n)s approved replies wait", self.waiting) % {
            "n": self.waiting
        }


def concern(user: User | AnonymousUser) -> bool:
    """People who answer customers, and people who keep deliveries running: an alert opens minutes later."""
    return access.may(user, "drafts") or access.may(user, "deliveries")


def current(user: User, *, now: datetime) -> list[Outage]:
    """Those that concern this person's inboxes; all of them for an Operator, who has none."""
    mine = user if access.may(user, "drafts") else None
    rows = (
        Source.objects.filter(inboxes__in=access.inboxes_of(user)).distinct()
        if mine
        else Source.objects.all()
    )
    sources = list(rows.only("slug", "mode").order_by("pk")) if concern(user) else []
    one = Source.objects.count() == 1
    return [found for source in sources for found in _of(source, mine, name=_name(source, one=one), now=now)]


def _name(source: Source, *, one: bool) -> str:
    return "Chatwoot" if one else f"Chatwoot ({source})"


def _of(source: Source, user: User | None, *, name: str, now: datetime) -> Iterator[Outage]:
    upstream = failing(source)
    if upstream:
        waiting = _waiting(source, user, now=now).count()
        first = Delivery.objects.filter(source=source, status="PENDING", **REPLY).aggregate(
            at=Min("next_attempt_at")
        )
        yield Outage(_cause(upstream, name), waiting, first["at"] if waiting else upstream.probe_at, upstream)
    held = Delivery.objects.filter(source=source, status="HELD", **REPLY).order_by("held_for")
    for why in held.values_list("held_for", flat=True).distinct():
        numbers = held.filter(held_for=why).values("conversation_id")
        waiting = _waiting(source, user, now=now).filter(conversation__display_id__in=numbers).count()
        if waiting:
            yield Outage(HELD[why] % {"source": name}, waiting)


def failing(source: Source) -> Upstream | None:
    """A source's Chatwoot, while it does not answer."""
    upstream = Upstream.objects.filter(source=source, failures__gte=FAILURES).select_related("source").first()
    if upstream is None or upstream.opened_at or _is_needed(source):
        return upstream
    return None


def _is_needed(source: Source) -> bool:
    """A single note or read that fails concerns no customer; a reply does."""
    replies = Delivery.objects.filter(source=source, status="PENDING", next_attempt_at__isnull=False, **REPLY)
    return replies.exclude(last_error="").exists()


def _waiting(source: Source, user: User | None, *, now: datetime) -> QuerySet[Draft]:
    rows = Draft.objects.filter(conversation__source=source, status__in=ON_THE_WAY, send_after__lte=now)
    return rows.filter(access.in_inboxes_of(user, path="conversation__inbox")) if user else rows


def _cause(upstream: Upstream, name: str) -> str:
    status = STATUS.search(upstream.last_error)
    if status is None:
        return _("%(name)s is not answering.") % {"name": name}
    return _("%(name)s is not answering (%(status)s).") % {"name": name, "status": status[1]}


def watch(*, now: datetime) -> None:
    """A chore: notifies the people who approve, once per outage, if approved replies wait for it."""
    one = Source.objects.count() == 1
    for upstream in Upstream.objects.filter(opened_at__isnull=False, source__isnull=False).select_related(
        "source"
    ):
        source = upstream.source
        waiting = _waiting(source, None, now=now).count() if source else 0
        if source and waiting:
            text = partial(_news, upstream, source, one=one, waiting=waiting)
            notices.outage(upstream, approvers(source), text=text, now=now)


def _news(upstream: Upstream, source: Source, *, one: bool, waiting: int) -> str:
    found = Outage(_cause(upstream, _name(source, one=one)), waiting)
    return f"{found.cause} {found.replies}."


def approvers(source: Source) -> QuerySet[User]:
    """Who decides on replies of this source."""
    people = User.objects.filter(is_active=True, groups__name__in=access.RIGHTS["decide"])
    sees = people.filter(membership__all_inboxes=True) | people.filter(membership__inboxes__source=source)
    return sees.distinct().order_by("pk")
