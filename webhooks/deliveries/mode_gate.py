"""Whether a row may run in the mode its source has now: active, paused or legacy (docs/runbooks/a-source-is-paused.md)."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from ..errors import Hold, Overtaken
from ..models import Delivery, Source
from .recording import enqueue

Mode = Source.Mode
FORWARD = "event.forward"
# Notifications to people must not wait for the source they are about.
ASKS_NO_CHATWOOT = {FORWARD, "draft.request"}
IN_ANY_MODE = frozenset(settings.NOTICES)


def check(row: Delivery, *, now: datetime) -> None:
    """Raises Hold, or Overtaken. In legacy mode, incoming events are also enqueued for the previous handler.

    IN uses the mode at the time of the claim, so a claimed batch is finished. OUT reads the mode again.
    """
    if row.event in IN_ANY_MODE:
        return
    source = row.source if row.direction == "IN" else _now(row).get()
    if row.direction == "OUT" and row.event not in ASKS_NO_CHATWOOT:
        check_installation(source)
    mode = source.mode
    if row.event == FORWARD and mode == Mode.ACTIVE:
        raise Overtaken("The source is active again: its events are handled here.")
    if row.direction == "IN" and mode == Mode.LEGACY and row.origin == "webhook":
        _forward(row, now=now)
    if _holds(row, mode):
        raise Hold(f"The source is {mode}.", held_for="paused")


def check_installation(source: Source) -> None:
    """A source is bound to its Chatwoot: at another address, the same numbers are other people. Raises Hold."""
    if source.moved_from:
        raise Hold(
            f"{source} was connected to {source.moved_from} before. Confirm on its page that this is the same Chatwoot.",
            held_for="rule",
        )


def still_holds(row: Delivery) -> bool:
    """Called within the transaction that holds the row: a switch waits for it and then finds the row held."""
    return _holds(row, _now(row).select_for_update(no_key=True).get().mode)


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
