"""Autosave: a person's text is kept beside the draft until they save or decide. It never changes the draft itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from ..models import Draft, UnsavedText
from ..replies import decisions
from ..replies.states import Refused

MOST = 150_000  # characters, Chatwoot's own limit


@dataclass(frozen=True)
class Kept:
    saved_at: datetime
    holder: str  # who has claimed the draft, if that is another person


def keep(
    draft: Draft, *, by: User, text: str, revision: int, note: str, grades: Mapping[str, Any], now: datetime
) -> Kept:
    """Also after another person decided: it is still this person's text. Typing renews the claim."""
    typed = {
        "text": text[:MOST],
        "revision": revision,
        "note": note[:MOST],
        "grades": dict(grades),
        "saved_at": now,
    }
    UnsavedText.objects.update_or_create(draft=draft, user=by, defaults=typed)
    return Kept(saved_at=now, holder=_renew(draft, by=by, now=now))


def _renew(draft: Draft, *, by: User, now: datetime) -> str:
    if draft.status not in decisions.LIVE:
        return ""
    try:
        decisions.claim(draft, by=by, now=now)
    except Refused:
        return str(draft.claimed_by)
    return ""


def found(draft: Draft, *, by: User) -> UnsavedText | None:
    """This person's unsaved text, if it differs from the draft."""
    row = _mine(draft, by).first()
    if row is None or (row.text == draft.body and not row.note and not any(row.grades.values())):
        return None
    return row


def left_to(draft: Draft, *, by: User) -> list[UnsavedText]:
    """What others had typed, for the person who has claimed the draft since: taking over must not cost a customer their work."""
    if draft.claimed_by_id != by.pk:
        return []
    texts = draft.unsaved.exclude(user=by).exclude(text__in=["", draft.body]).select_related("user")
    return list(texts.order_by("-saved_at"))


def forget(draft: Draft, *, by: User) -> None:
    _mine(draft, by).delete()


def _mine(draft: Draft, by: User) -> QuerySet[UnsavedText]:
    return UnsavedText.objects.filter(draft=draft, user=by)
