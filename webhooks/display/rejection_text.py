"""What a refused request is called, and what to check. Pure: no database, no clock, no HTML."""

from ..models import Rejection
from .formats import span

STALE = "timestamp_stale"  # rightly signed: of these the body is kept
# Reason → its name, and what to check. Anything else the receiver may say shows by its code.
REASONS = {
    "signature_missing": (
        "No signature",
        "Chatwoot signs since 4.11.2: an older one needs an update, or unsigned webhooks to be accepted. A proxy in front "
        "must pass on the X-Chatwoot-* headers. Browsers and scanners that open the address count here too.",
    ),
    "signature_mismatch": (
        "Unknown signature",
        "None of the source's secrets signed it. Was the webhook's secret reset in Chatwoot? Does an API inbox or a bot post "
        "here, with a secret of its own? Does a proxy change what it passes on?",
    ),
    "too_large": (
        "Too large",
        "Longer than WEBHOOK_MAX_BYTES, and lost: Chatwoot does not send it again. Raise that limit where Chatwoot sent it; "
        "anybody else can post here, too.",
    ),
    STALE: (
        "Wrong time",
        "Signed by Chatwoot, but more than 5 min from our clock: check that both machines keep time (NTP). Such an event is "
        "kept and waits for you, because Chatwoot does not send it again.",
    ),
}  # fmt: skip


def reason(code: str) -> tuple[str, str]:
    """Its name and what to check."""
    return REASONS.get(code, (code.replace("_", " ").capitalize(), ""))


def clock(row: Rejection) -> str:
    """their clock is 7 min ahead"""
    difference = row.clock_difference_s
    if difference is None:
        return "no time given"
    if abs(difference) < 1:
        return "clocks agree"
    return f"their clock is {apart(difference)} {'ahead' if difference > 0 else 'behind'}"


def apart(seconds: float) -> str:
    """7 min: seconds matter below a minute alone."""
    size = abs(seconds)
    return span(round(size / 60) * 60 if size >= 60 else size)
