"""How a try at a delivery can fail. The place that raises knows best, so it decides the class; retry.py only counts."""

import builtins
from datetime import datetime

from django.db import utils as database


class DeliveryError(Exception):
    """http_status: what answered, if anything did. after: seconds until the next look, exact, where the raiser knows.

    tries: how many of the attempts were real tries, where the raiser also made look-ups in between.
    """

    outcome = "retryable"

    def __init__(
        self, message: str, *, http_status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.retry_after = retry_after
        self.after: float | None = None
        self.tries: int | None = None


class Retryable(DeliveryError):
    """Failed; trying again later makes sense."""


class NotSent(Retryable):
    """Surely nothing left this machine, or the other side refused it before doing anything (429)."""


class Permanent(DeliveryError):
    """Trying again cannot help."""

    outcome = "permanent"


class Unknown(DeliveryError):
    """Bytes left without a usable answer: it may or may not have happened."""

    outcome = "unknown"

    def __init__(self, message: str, *, http_status: int | None = None, after: float | None = None) -> None:
        super().__init__(message, http_status=http_status)
        self.after = after


class Hold(DeliveryError):
    """Not now: kept until somebody releases it. held_for: paused, credentials or rule."""

    def __init__(self, message: str, *, held_for: str, http_status: int | None = None) -> None:
        super().__init__(message, http_status=http_status)
        self.held_for = held_for


class NotYet(DeliveryError):
    """Given back with its attempt, for it was not tried: due again at `until`, given up where that is past its age."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class CircuitOpen(NotYet):
    """Its upstream does not answer: due at once where it answers before `until`."""


class Overtaken(DeliveryError):
    """Not wanted any more: the row is CANCELLED, which is no failure."""

    outcome = "ok"


# What a try can end with, by name: ours, and what Python and the database raise at a bug. A policy may list them.
OURS = (NotSent, Retryable, Permanent, Unknown, Hold)
KNOWN = {error.__name__ for error in OURS} | {
    name
    for room in (builtins, database)
    for name, thing in vars(room).items()
    if isinstance(thing, type) and issubclass(thing, Exception)
}


class LeaseLost(Exception):
    """Another worker owns the row by now: whatever this one did in its transaction must roll back."""
