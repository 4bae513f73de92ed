"""Whether a row may run in the mode its source has now: active, paused or legacy (docs/runbooks/a-source-is-paused.md)."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from ..errors import Hold, Overtaken, Unconfirmed
from ..models import Delivery, Source
from ..outbound import chatwoot
from .recording import enqueue

Mode = Source.Mode
FORWARD = "event.forward"
ASKS_NO_CHATWOOT = {FORWARD, "draft.request"}
# Notifications to people must not wait for the source they are about.
IN_ANY_MODE = frozenset(settings.NOTICES)


def check(row: Delivery, *, now: datetime) -> None:
    """Raises Hold, or Overtaken. In legacy mode, incoming events are also enqueued for the previous handler.

    IN uses the mode at the time of the claim, so a claimed batch is finished. OUT reads the mode again. While a move is not
    confirmed, events wait too: what another Chatwoot calls conversation 7 must not be folded into ours.
    """
    if row.event in IN_ANY_MODE:
        return
    source = row.source if row.direction == "IN" else _now(row).get()
    if row.event not in ASKS_NO_CHATWOOT:
        chatwoot.check_installation(source)
    mode = source.mode
    if row.event == FORWARD and mode == Mode.ACTIVE:
        raise Overtaken("The source is active again: its events are handled here.")
    if row.direction == "IN" and mode == Mode.LEGACY and row.origin == "webhook":
        _forward(row, now=now)
    if _holds(row, mode):
        raise Hold(f"The source is {mode}.", held_for="paused")


def is_over(row: Delivery, error: Exception) -> bool:
    """Whether what holds the row has ended since its claim. Called within the transaction that holds it: what ends it waits
    for that and then finds the row held."""
    if isinstance(error, Unconfirmed):
        return not _locked(row).moved_from
    paused = isinstance(error, Hold) and error.held_for == Delivery.HeldFor.PAUSED
    return paused and not _holds(row, _locked(row).mode)


def _locked(row: Delivery) -> Source:
    return _now(row).select_for_update(no_key=True).get()


def _holds(row: Delivery, mode: str) -> bool:
    return mode == Mode.PAUSED if row.event == FORWARD else mode != Mode.ACTIVE


def _now(row: Delivery) -> QuerySet[Source]:
    """Its source as it is now: row.source was read when a batch was claimed."""
    return Source.objects.filter(pk=row.source_id).only("slug", "mode", "moved_from")


def _forward(row: Delivery, *, now: datetime) -> None:
    """Its age counts from the event's, so that an event that waited long is not forwarded automatically."""
    enqueue(
        row.source, event=FORWARD, key=f"{FORWARD}:{row.pk}", lane="slow", payload={"delivery": row.pk}, at=row.due_since,
        now=now, conversation_id=row.conversation_id, message_id=row.message_id,
    )  # fmt: skip
