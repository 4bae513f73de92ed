"""Sends notices: to each person one digest per channel, at most one within the person's quiet time, never the same twice.

1. A notice rests a minute, so that what its person settles at once, or what comes with others, is no email of its own.
2. A chore queues one delivery for each channel, and marks the notices in the same transaction.
3. The delivery sends what still holds then, and is cancelled if nothing does.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import deliveries
from ..accounts import profiles
from ..errors import Overtaken
from ..models import Delivery, Notice, Profile, notice_kinds
from ..outbound import mail, slack
from . import preferences

EVENT = "person.notify"
RESTS = timedelta(minutes=1)
MOST_LINES = 40
SUBJECT = 59


def send_due(*, now: datetime) -> int:
    """A chore, safe on several hosts. Returns how many people a digest was queued for."""
    waiting = Notice.objects.filter(queued_at=None).values("user").annotate(first=Min("at")).order_by("user")
    due = [row["user"] for row in waiting if row["first"] <= now - RESTS]
    return sum(_queue(User.objects.get(pk=user), now=now) for user in due)


def _queue(user: User, *, now: datetime) -> bool:
    Profile.objects.get_or_create(user=user)
    with transaction.atomic():
        profile = Profile.objects.select_for_update(of=("self",)).select_related("user").get(user=user)
        if profile.digest_at and now < profile.digest_at + preferences.quiet(profile):
            return False
        rows = list(Notice.objects.filter(user=user, queued_at=None).select_related("source").order_by("pk"))
        Notice.objects.filter(pk__in=[row.pk for row in rows]).update(queued_at=now)
        queued = [_enqueue(profile, channel, rows, now=now) for channel in notice_kinds.CHANNELS]
        if any(queued):
            Profile.objects.filter(pk=profile.pk).update(digest_at=now)
    return any(queued)


def _enqueue(profile: Profile, channel: str, rows: list[Notice], *, now: datetime) -> bool:
    theirs = [row for row in rows if channel in preferences.wanted(profile, row.kind)]
    if not theirs:
        return False
    key = f"{EVENT}:{profile.user_id}:{theirs[0].pk}:{channel}"
    payload = {"user": profile.user_id, "channel": channel, "notices": [row.pk for row in theirs]}
    deliveries.enqueue(theirs[0].source, event=EVENT, key=key, lane="slow", payload=payload, at=now, now=now)
    return True


def handle(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> Callable[[], str] | None:
    """One email or one chat message to one person."""
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    rows = [row for row in _newest(payload) if _still_holds(row)]
    if user is None or not rows:
        raise Overtaken("All of it was settled before the digest was sent.")
    profile, channel = preferences.of(user), payload["channel"]
    rows = [row for row in rows if channel in preferences.wanted(profile, row.kind)]
    if not rows:
        raise Overtaken("This person no longer receives these notices on this channel.")
    with profiles.in_language_of(user):
        if channel == notice_kinds.CHAT:
            slack.post(profile.chat_url, _chat(rows))
        else:
            mail.send(_email(delivery, user, rows))
    return None


def _newest(payload: dict[str, Any]) -> list[Notice]:
    """Newest first. Of several about the same thing, such as comments on one escalation, the newest."""
    rows = Notice.objects.filter(pk__in=payload["notices"], user=payload["user"]).order_by("pk")
    found = {(row.kind, row.about): row for row in rows}
    return sorted(found.values(), key=lambda row: -row.pk)


def _still_holds(row: Notice) -> bool:
    """What a notice is about belongs to an app above, which knows (settings.NOTICE_HOLDS)."""
    return bool(import_string(settings.NOTICE_HOLDS)(row))


def subject(rows: list[Notice]) -> str:
    """Under 60 characters: the notice itself, or how many of which kind."""
    if len(rows) == 1:
        return Truncator(rows[0].text).chars(SUBJECT)
    counts = Counter(row.kind for row in rows)
    parts = [notice_kinds.KINDS[kind].count % {"count": number} for kind, number in counts.items()]
    return Truncator(_("Needs you: %(counts)s") % {"counts": ", ".join(parts)}).chars(SUBJECT)


def _email(delivery: Delivery, user: User, rows: list[Notice]) -> Any:
    settings_page = reverse("admin:webhooks_profile_notifications")
    lines = [line for row in rows[:MOST_LINES] for line in (row.text, f"  {_base()}{row.page}", "")]
    left = len(rows) - MOST_LINES
    more = (
        [ngettext("And %(count)s more.", "And %(count)s more.", left) % {"count": left}, ""]
        if left > 0
        else []
    )
    end = _("Choose what you receive, and how often: %(link)s") % {"link": f"{_base()}{settings_page}"}
    return mail.compose(
        delivery, kind="notices", to=[user.email], subject=subject(rows), body="\n".join([*lines, *more, end]),
        unsubscribe=settings_page,
    )  # fmt: skip


def _chat(rows: list[Notice]) -> str:
    lines = [f"• <{_base()}{row.page}|{slack.plain(row.text)}>" for row in rows[:MOST_LINES]]
    return "\n".join([f"*{slack.plain(subject(rows))}*", *lines])


def _base() -> str:
    return settings.PUBLIC_URL.rstrip("/")
