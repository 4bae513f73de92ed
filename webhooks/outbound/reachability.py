"""Whether an upstream answered, noted for each call while a delivery runs. The circuit breaker goes by it.

A refusal (4xx) is an answer and concerns one delivery. No answer, 5xx and "slow down" (429) concern all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ..errors import DeliveryError, Retryable, Unknown


@dataclass
class Observed:
    """last: whether the last call was answered (None: there was no call). failure: why not."""

    last: bool | None = None
    failure: str = ""


_observed: ContextVar[Observed | None] = ContextVar("observed", default=None)


@contextmanager
def observing() -> Iterator[Observed]:
    observed = Observed()
    token = _observed.set(observed)
    try:
        yield observed
    finally:
        _observed.reset(token)


@contextmanager
def call() -> Iterator[None]:
    """Around each call, in the thread that runs the delivery."""
    observed = _observed.get() or Observed()
    try:
        yield
    except DeliveryError as error:
        observed.last = not is_failure(error)
        observed.failure = "" if observed.last else str(error)
        raise
    observed.last, observed.failure = True, ""


def is_failure(error: DeliveryError) -> bool:
    status = error.http_status
    refused = status is not None and 400 <= status < 500 and status != 429
    return isinstance(error, Retryable | Unknown) and not refused
