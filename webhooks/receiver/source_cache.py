"""What the receiver needs of each source, cached in each web process, so that it can verify while the database is down."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..database import outage
from ..models import Source, SourceSecret

logger = logging.getLogger(__name__)
FRESH_S = 1.0
MINUTE = timedelta(minutes=1)


class CacheEmpty(Exception):
    """Nothing is cached yet, and the database does not answer."""


@dataclass(frozen=True)
class Secret:
    id: int
    secret: str
    expires_at: datetime | None


@dataclass(frozen=True)
class Known:
    id: int
    slug: str
    secrets: tuple[Secret, ...]
    unsigned_token: str

    def usable(self, now: datetime) -> list[Secret]:
        return [one for one in self.secrets if one.expires_at is None or one.expires_at > now]


class _Memory:
    def __init__(self) -> None:
        self.reading = threading.Lock()
        self.sources: dict[str, Known] | None = None
        self.read_at = 0.0
        self.matched: dict[int, datetime] = {}


_memory = _Memory()


def find(slug: str, *, fresh: bool = False) -> Known | None:
    """The source of that name, as of a second ago; fresh: as of now. Raises CacheEmpty.

    While the database is down, the last known state is used.
    """
    old = _memory.read_at if not fresh else float("-inf")
    if time.monotonic() - old >= FRESH_S and _memory.reading.acquire(
        blocking=_memory.sources is None or fresh
    ):
        try:
            _read()
        except outage.DatabaseUnavailable:
            if _memory.sources is None:
                raise CacheEmpty from None
        finally:
            _memory.reading.release()
    return (_memory.sources or {}).get(slug)


def _read() -> None:
    began = time.monotonic()
    _memory.sources = outage.ask(_all)
    _memory.read_at = began


def _all() -> dict[str, Known]:
    rows = Source.objects.only("slug", "unsigned_token").prefetch_related("secrets")
    return {
        row.slug: Known(
            row.pk,
            row.slug,
            tuple(Secret(one.pk, one.secret, one.expires_at) for one in row.secrets.all()),
            row.unsigned_token,
        )
        for row in rows
    }


def matched(secret: Secret, *, now: datetime) -> None:
    """Note which secret is in use, to the minute, since one write for each request would be too many."""
    if now - _memory.matched.get(secret.id, now - MINUTE) < MINUTE:
        return
    _memory.matched[secret.id] = now
    SourceSecret.objects.filter(pk=secret.id).update(last_matched_at=now)


def forget() -> None:
    """As after a start."""
    _memory.sources, _memory.read_at, _memory.matched = None, 0.0, {}
