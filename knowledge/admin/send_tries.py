"""The tries to send an approved reply, on its page: what failed, and when the next one is."""

from dataclasses import dataclass
from datetime import datetime

from webhooks.models import Attempt, Delivery

from ..models import Draft

UNSETTLED = (Draft.Status.APPROVED, Draft.Status.SENDING, Draft.Status.PARKED)
MOST = 8


@dataclass(frozen=True)
class Tries:
    """failed: newest last. earlier: how many more there were. next_try None: running, or none without a person."""

    failed: list[Attempt]
    earlier: int
    next_try: datetime | None
    held: bool


def of(draft: Draft) -> Tries | None:
    """None where nothing has failed so far, or it does not matter any more."""
    if draft.status not in UNSETTLED:
        return None
    row = Delivery.objects.filter(
        source=draft.conversation.source_id, direction="OUT", delivery_key=draft.send_key
    ).first()
    failed = row and row.attempt_log.exclude(outcome__in=["", "ok"]).order_by("-number")
    if not row or not failed:
        return None
    shown = list(failed[:MOST])
    waits = row.next_attempt_at if row.running_since is None else None
    return Tries(shown[::-1], failed.count() - len(shown), waits, row.status == Delivery.Status.HELD)
