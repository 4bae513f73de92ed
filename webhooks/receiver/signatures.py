"""Which secret, if any, signed this body. Pure. Chatwoot's scheme is HMAC-SHA256 over timestamp + "." + raw body."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime


class Rejected(Exception):
    """code: signature_missing, signature_mismatch or timestamp_stale; the text says how to fix it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def sign(body: bytes, *, secret: str, timestamp: str) -> str:
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return "sha256=" + digest.hexdigest()


def verify(
    body: bytes, *, timestamp: str, signature: str, secrets: Iterable[str], now: datetime, window_s: int
) -> int:
    """The index of the secret that signed the body. Raises Rejected. Compares in constant time, every secret always."""
    if not timestamp or not signature:
        raise Rejected(
            "signature_missing",
            "X-Chatwoot-Signature or X-Chatwoot-Timestamp is missing: Chatwoot signs webhooks since 4.11.2.",
        )
    given = signature.encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(sign(body, secret=secret, timestamp=timestamp).encode(), given)
        for secret in secrets
    ]
    if not any(matches):
        raise Rejected(
            "signature_mismatch",
            "No secret of this source matches the signature: compare it with the webhook's secret.",
        )
    difference = clock_difference(timestamp, now=now)
    if difference is None or abs(difference) > window_s:
        raise Rejected(
            "timestamp_stale",
            f"The timestamp is more than {window_s} s off our clock: check both clocks (NTP).",
        )
    return matches.index(True)


def clock_difference(timestamp: str, *, now: datetime) -> float | None:
    """Seconds by which the sender's clock is ahead of this host's; None if it sent no timestamp."""
    if not timestamp.isascii() or not timestamp.isdigit():
        return None
    return int(timestamp[:15]) - now.timestamp()
