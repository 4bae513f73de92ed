"""Expires proposals that nobody decided within 48 business hours. Their customers stay in the queue without a draft."""

import logging
from datetime import datetime, timedelta

from ..business_time.arithmetic import business_seconds
from ..calendars import inbox_calendars
from ..models import Draft, draft_texts
from . import states

logger = logging.getLogger(__name__)
LASTS_H = 48
BATCH = 500
WHY = draft_texts.NOT_DECIDED % {"n": LASTS_H}


def expire_drafts(*, now: datetime) -> int:
    """How many expired. A chore: safe to run at any time, on several hosts."""
    calendar = inbox_calendars.in_force().default
    # Business time never runs faster than the clock: only these can be old enough.
    old = Draft.objects.filter(status=Draft.Status.PROPOSED, created_at__lte=now - timedelta(hours=LASTS_H))
    expired = 0
    for draft in old.order_by("created_at", "pk").select_related("decided_by")[:BATCH]:
        if business_seconds(calendar, draft.created_at, now) < LASTS_H * 3600:
            break  # the rest is younger still
        expired += _expire(draft, now=now)
    if expired:
        logger.info("drafts.expired", extra={"count": expired})
    return expired


def _expire(draft: Draft, *, now: datetime) -> bool:
    try:
        states.transition(draft, Draft.Status.EXPIRED, now=now, action="expired", detail=WHY, why=WHY)
    except states.Refused:
        return False  # decided in the meantime
    return True
