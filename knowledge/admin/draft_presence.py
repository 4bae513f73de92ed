"""Who has a draft's page open. That claims nothing: the first edit, grade or “Take the next” does."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from ..models import Draft, DraftReader
from ..replies.guards import LIVE

STILL_THERE = timedelta(seconds=30)  # an open page asks for its state every 5 s
NOTED_EVERY = timedelta(seconds=10)
AWAY = timedelta(minutes=10)  # longer, and it counts as opened again


def note(draft: Draft, *, by: User, now: datetime) -> None:
    known = DraftReader.objects.filter(draft=draft, user=by)
    if known.filter(seen_at__gt=now - NOTED_EVERY).exists():
        return
    if not known.filter(seen_at__gt=now - AWAY).update(seen_at=now):
        DraftReader.objects.update_or_create(
            draft=draft, user=by, defaults={"opened_at": now, "seen_at": now}
        )


def others(draft: Draft, *, than: User, now: datetime) -> list[str]:
    reading = DraftReader.objects.filter(draft=draft, seen_at__gt=now - STILL_THERE).exclude(user=than)
    return [str(row.user) for row in reading.order_by("opened_at").select_related("user")]


def said(names: list[str]) -> str:
    """Mark Owen and Lena Novak are viewing this draft. Empty for nobody."""
    if not names:
        return ""
    *others, last = names
    if not others:
        return _("%(name)s is viewing this draft.") % {"name": last}
    return _("%(names)s and %(last)s are viewing this draft.") % {"names": ", ".join(others), "last": last}


def by_draft(drafts: Iterable[Draft], *, than: User, now: datetime) -> dict[int, list[str]]:
    """Draft → who else views it now, in one query."""
    reading = DraftReader.objects.filter(
        draft__in=[draft.pk for draft in drafts], seen_at__gt=now - STILL_THERE
    ).exclude(user=than)
    found: dict[int, list[str]] = {}
    for row in reading.order_by("opened_at").select_related("user"):
        found.setdefault(row.draft_id, []).append(str(row.user))
    return found


def is_anothers(draft: Draft, user: User, now: datetime) -> bool:
    held = draft.claimed_by_id not in (None, user.pk) and draft.claimed_until and draft.claimed_until > now
    return bool(held and draft.status in LIVE)
