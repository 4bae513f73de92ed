"""One request as it arrived, handled by the receiver at once or by the spool's import later."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.crypto import constant_time_compare

from .. import deliveries, parsing
from ..database import clock
from ..models import Delivery
from . import rejections, signatures, source_cache
from .source_cache import Known, Secret

STORED_HEADERS = (
    "X-Chatwoot-Delivery",
    "X-Chatwoot-Timestamp",
    "X-Chatwoot-Signature",
    "User-Agent",
    "Content-Type",
)
UNKNOWN_SECRET = "signature_mismatch"  # noqa: S105  (a code of the answer)


@dataclass(frozen=True)
class Arrival:
    """key: fixed on arrival, so that a row and a spool file of the same request count as one."""

    slug: str
    token: str  # from the URL's path, for a source that accepts unsigned webhooks
    body: bytes
    headers: dict[str, str]
    key: str
    remote: str
    at: datetime

    @property
    def timestamp(self) -> str:
        return self.headers.get("X-Chatwoot-Timestamp", "")


def delivery_key(given: str) -> str:
    """Unchanged if the column can hold it. A longer one is hashed, so that two with the same beginning stay distinct."""
    key = str(parsing.clean(given))
    if not key:
        return f"local-{uuid.uuid4()}"
    return key if len(key) <= 200 else "sha256-" + hashlib.sha256(key.encode()).hexdigest()


def verify(arrival: Arrival, source: Known) -> Secret | None:
    """The secret that signed it; None for the path token of an unsigned source. Raises signatures.Rejected."""
    if arrival.token and opens_unsigned(source, arrival.token):
        return None
    usable = source.usable(arrival.at)
    index = signatures.verify(
        arrival.body,
        timestamp=arrival.timestamp,
        signature=arrival.headers.get("X-Chatwoot-Signature", ""),
        secrets=[one.secret for one in usable],
        now=arrival.at,
        window_s=settings.SIGNATURE_WINDOW_S,
    )
    return usable[index]


def opens_unsigned(source: Known, token: str) -> bool:
    return bool(source.unsigned_token) and constant_time_compare(token, source.unsigned_token)


def record(
    arrival: Arrival, source: Known, secret: Secret | None, *, spooled: bool = False
) -> tuple[Delivery, bool]:
    """(row, created): created is False if this delivery ID is known."""
    recorded = deliveries.record(
        source.id,
        body=arrival.body,
        headers=arrival.headers,
        key=arrival.key,
        now=clock.to_database_time(
            arrival.at
        ),  # with this host's clock it might not be due yet for workers on other hosts
        spooled=spooled,
    )
    if secret:
        source_cache.matched(secret, now=arrival.at)
    return recorded


def refuse(arrival: Arrival, source: Known, error: signatures.Rejected) -> None:
    """Count it, and store what helps to find out why."""
    rejections.record(
        source.id,
        code=error.code,
        detail=error.detail,
        headers=arrival.headers,
        key=arrival.key,
        remote=arrival.remote,
        body=arrival.body,
        clock_difference_s=signatures.clock_difference(arrival.timestamp, now=arrival.at),
        now=arrival.at,
    )
