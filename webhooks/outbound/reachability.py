"""Whether the other side answered, noted call by call while one delivery is run: what rests a party goes by it.

A refusal (4xx) is an answer: it concerns one delivery. No answer, 5xx and "slow down" (429) concern all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ..errors import DeliveryError, Retryable, Unknown


@dataclass
class Heard:
    """last: whether the last call was answered; None: there was none. failure: why not."""

    last: bool | None = None
    failure: str = ""


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[Heard]:
    heard = Heard()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


@contextmanager
def call() -> Iterator[None]:
    """Around each call, in the thread that runs the delivery."""
    heard = _heard.get() or Heard()
    try:
        yield
    except DeliveryError as error:
        heard.last = not is_failure(error)
        heard.failure = "" if heard.last else str(error)
        raise
    heard.last, heard.failure = True, ""


def is_failure(error: DeliveryError) -> bool:
    status = error.http_status
    refused = status is not None and 400 <= status < 500 and status != 429
    return isinstance(error, Retryable | Unknown) and not refused
