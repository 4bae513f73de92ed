"""Whether a row may run in the mode its source has now: active, paused or legacy (docs/runbooks/support_webhooks.md)."""

from datetime import datetime

from ..errors import Hold, Overtaken
from ..models import Delivery, Source
from .recording import post

Mode = Source.Mode
FORWARD = "event.forward"
# Told to people, not done for a source: these must not wait for what they are about.
IN_ANY_MODE = {"alert.notify", "mode.notify", "weekly.notify"}


def check(row: Delivery, *, now: datetime) -> None:
    """Raises Hold, or Overtaken. In legacy mode, what comes in is also put in line for the previous handler.

    IN goes by the mode it was claimed in: a batch in hand is finished. OUT reads it once more.
    """
    if row.event in IN_ANY_MODE:
        return
    mode = row.source.mode if row.direction == "IN" else _mode(row)
    if row.event == FORWARD and mode == Mode.ACTIVE:
        raise Overtaken("The source is active again: what it kept is decided here.")
    if row.direction == "IN" and mode == Mode.LEGACY and row.origin == "webhook":
        _forward(row, now=now)
    if _holds(row, mode):
        raise Hold(f"The source is {mode}.", held_for="paused")


def still_holds(row: Delivery) -> bool:
    """Within the transaction that holds it: a switch waits for this, and then finds the row held."""
    return _holds(row, _mode(row, lock=True))


def _holds(row: Delivery, mode: str) -> bool:
    return mode == Mode.PAUSED if row.event == FORWARD else mode != Mode.ACTIVE


def _mode(row: Delivery, *, lock: bool = False) -> str:
    sources = Source.objects.filter(pk=row.source_id)
    return (sources.select_for_update(no_key=True) if lock else sources).values_list("mode", flat=True).get()


def _forward(row: Delivery, *, now: datetime) -> None:
    """Its age counts from the event's: what waited for long is not given to the previous handler by itself."""
    post(
        row.source, event=FORWARD, key=f"{FORWARD}:{row.pk}", lane="slow", payload={"delivery": row.pk}, at=row.due_since,
        now=now, conversation_id=row.conversation_id, message_id=row.message_id,
    )  # fmt: skip
