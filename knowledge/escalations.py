"""Verbs on escalations: somebody in particular should look."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from . import guards, outgoing
from .models import Draft, DraftEvent, Escalation
from .moves import Refused


def escalate(
    draft: Draft, *, by: User, reason: str, owner: User | None, now: datetime, level: int = Escalation.Level.SECOND
) -> Escalation:  # fmt: skip
    """The draft stays proposed; Chatwoot gets a private note with a link, and whom the inbox assigns such to."""
    guards.may_decide(by)
    guards.undecided(draft)
    reason = reason.strip()[:500]
    if not reason:
        raise Refused("reason_required", "Say why, for whoever takes it.")
    with transaction.atomic():
        row = Escalation.objects.create(
            conversation=draft.conversation, draft=draft, reason=reason, owner=owner or by, raised_by=by, raised_at=now,
            level=level,
        )  # fmt: skip
        DraftEvent.objects.create(
            draft=draft, at=now, by=by, action="escalated", before=draft.status, after=draft.status, detail=reason
        )  # fmt: skip
        outgoing.tell_of(row, now=now)
    return row
