"""Names for the reasons of refused requests, and what to check. Pure: no database, no clock, no HTML."""

from ..models import Rejection
from .formats import span

STALE = "timestamp_stale"  # correctly signed: the body of these is stored
# Reason → its name, and what to check. Any other reason is shown by its code.
REASONS = {
    "signature_missing": (
        "No signature",
        "Chatwoot signs webhooks since 4.11.2: update an older one, or accept unsigned webhooks. A proxy in front must "
        "pass on the X-Chatwoot-* headers. Browsers and scanners that open the URL are counted here too.",
    ),
    "signature_mismatch": (
        "Unknown signature",
        "It was signed with none of the source's secrets. Was the webhook's secret reset in Chatwoot? Does an API inbox or "
        "a bot post here with its own secret? Does a proxy change the body?",
    ),
    "too_large": (
        "Too large",
        "Longer than WEBHOOK_MAX_BYTES, and lost: Chatwoot does not send it again. Raise the limit if Chatwoot sent it; "
        "anyone else can post here too.",
    ),
    STALE: (
        "Wrong timestamp",
        "Signed by Chatwoot, but more than 5 min off our clock: check that both machines keep time (NTP). The event is "
        "stored and waits for you, because Chatwoot does not send it again.",
    ),
}  # fmt: skip


def reason(code: str) -> tuple[str, str]:
    """Its name and what to check."""
    return REASONS.get(code, (code.replace("_", " ").capitalize(), ""))


def clock(row: Rejection) -> str:
    """their clock is 7 min ahead"""
    difference = row.clock_difference_s
    if difference is None:
        return "no timestamp"
    if abs(difference) < 1:
        return "clocks agree"
    return f"their clock is {apart(difference)} {'ahead' if difference > 0 else 'behind'}"


def apart(seconds: float) -> str:
    """7 min: seconds only matter below a minute."""
    size = abs(seconds)
    return span(round(size / 60) * 60 if size >= 60 else size)
