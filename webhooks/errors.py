"""How an attempt at a delivery can fail. The place that raises knows best, so it decides the class; retry.py only counts."""

import builtins
from datetime import datetime

from django.db import utils as database


class DeliveryError(Exception):
    """http_status: of the response, if there was one. after: exact seconds until the next look-up, if the raiser knows.

    tries: how many of the attempts were real, if the raiser also made look-ups in between.
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
    """Certainly not sent: nothing left this machine, or the upstream refused it before doing anything (429)."""


class Permanent(DeliveryError):
    """Trying again cannot help."""

    outcome = "permanent"


class Unknown(DeliveryError):
    """Bytes were sent and no usable answer came back: it may or may not have taken effect."""

    outcome = "unknown"

    def __init__(self, message: str, *, http_status: int | None = None, after: float | None = None) -> None:
        super().__init__(message, http_status=http_status)
        self.after = after


class Hold(DeliveryError):
    """Not now: held until it is released. held_for: paused, credentials or rule."""

    def __init__(self, message: str, *, held_for: str, http_status: int | None = None) -> None:
        super().__init__(message, http_status=http_status)
        self.held_for = held_for


class Unconfirmed(Hold):
    """Its source is at another address than before, and nobody has confirmed yet that this is the same Chatwoot."""


class NotYet(DeliveryError):
    """Postponed without using an attempt: due again at `until`, or given up if that is past its maximum age."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class CircuitOpen(NotYet):
    """Its upstream does not answer: due at once where it answers before `until`."""


class Overtaken(DeliveryError):
    """No longer needed: the row becomes CANCELLED, which is not a failure."""

    outcome = "ok"


# Error names that a policy may list: ours, and those that Python and the database raise for a bug.
OURS = (NotSent, Retryable, Permanent, Unknown, Hold)
KNOWN = {error.__name__ for error in OURS} | {
    name
    for module in (builtins, database)
    for name, thing in vars(module).items()
    if isinstance(thing, type) and issubclass(thing, Exception)
}


class LeaseLost(Exception):
    """Another worker has claimed the row meanwhile: everything in this worker's transaction must roll back."""
