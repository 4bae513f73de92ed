"""What the receiver needs of each source, cached in each web process, so that it can verify while the database is down."""

import logging
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db.models import TextField
from django.db.models.functions import Cast

from ..database import encryption, outage
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
    unreadable: int = 0  # secrets that this process has no key for: it cannot call a signature wrong

    def usable(self, now: datetime) -> list[Secret]:
        return [one for one in self.secrets if one.expires_at is None or one.expires_at > now]


class _Memory:
    def __init__(self) -> None:
        self.reading = threading.Lock()
        self.sources: dict[str, Known] | None = None
        self.read_at = 0.0
        self.matched: dict[int, datetime] = {}
        self.unreadable_of: set[str] = set()
        self.said: set[int] = set()


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
        except Exception as error:
            # What was known goes on counting, whatever the trouble is: an event refused over it is lost.
            if not isinstance(error, outage.DatabaseUnavailable):
                logger.exception("sources.unreadable")
            if _memory.sources is None:
                raise CacheEmpty from error
        finally:
            _memory.reading.release()
    return (_memory.sources or {}).get(slug)


def _read() -> None:
    began = time.monotonic()
    _memory.sources = outage.ask(_all)
    _memory.read_at = began


def _all() -> dict[str, Known]:
    """Each secret is read by itself: one that cannot be read is its own source's trouble."""
    before = {secret.id: secret for source in (_memory.sources or {}).values() for secret in source.secrets}
    secrets, unreadable = defaultdict(list), Counter[int]()
    sealed = SourceSecret.objects.order_by("pk").annotate(sealed=Cast("secret", TextField()))
    for pk, source, text, expires_at in sealed.values_list("pk", "source", "sealed", "expires_at"):
        try:
            secrets[source].append(Secret(pk, encryption.read(text), expires_at))
        except ImproperlyConfigured as error:
            unreadable[source] += 1
            _say_once(source, pk, error)
            if pk in before:
                secrets[source].append(replace(before[pk], expires_at=expires_at))
    rows = Source.objects.values_list("pk", "slug", "unsigned_token")
    _memory.unreadable_of = {slug for pk, slug, _ in rows if unreadable[pk]}
    return {slug: Known(pk, slug, tuple(secrets[pk]), token, unreadable[pk]) for pk, slug, token in rows}


def _say_once(source: int, secret: int, error: Exception) -> None:
    if secret not in _memory.said:
        _memory.said.add(secret)
        logger.error(
            "source.secret_unreadable", extra={"source": source, "secret": secret, "error": str(error)}
        )


def unreadable() -> set[str]:
    """Slugs of sources with a secret that this process has no key for."""
    return _memory.unreadable_of


def matched(secret: Secret, *, now: datetime) -> None:
    """Note which secret is in use, to the minute, since one write for each request would be too many."""
    if now - _memory.matched.get(secret.id, now - MINUTE) < MINUTE:
        return
    _memory.matched[secret.id] = now
    SourceSecret.objects.filter(pk=secret.id).update(last_matched_at=now)


def forget() -> None:
    """As after a start."""
    _memory.sources, _memory.read_at, _memory.matched = None, 0.0, {}
    _memory.unreadable_of, _memory.said = set(), set()
