"""Names for the reasons of refused requests, and what to check. Pure: no database, no clock, no HTML."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Rejection
from .formats import span

STALE = "timestamp_stale"  # correctly signed: the body of these is stored
# Reason → its name, and what to check. Any other reason is shown by its code.
REASONS = {
    "signature_missing": (
        gettext_lazy("No signature"),
        gettext_lazy(
            "Chatwoot signs webhooks since 4.11.2: update an older one, or accept unsigned webhooks. A proxy in front must "
            "pass on the X-Chatwoot-* headers. Browsers and scanners that open the URL are counted here too."
        ),
    ),
    "signature_mismatch": (
        gettext_lazy("Unknown signature"),
        gettext_lazy(
            "It was signed with none of the source's secrets. Was the webhook's secret reset in Chatwoot? Does an API inbox or "
            "a bot post here with its own secret? Does a proxy change the body?"
        ),
    ),
    "too_large": (
        gettext_lazy("Too large"),
        gettext_lazy(
            "Longer than WEBHOOK_MAX_BYTES, and lost: Chatwoot does not send it again. Raise the limit if Chatwoot sent it; "
            "anyone else can post here too."
        ),
    ),
    STALE: (
        gettext_lazy("Wrong timestamp"),
        gettext_lazy(
            "Signed by Chatwoot, but more than 5 min off our clock: check that both machines keep time (NTP). The event is "
            "stored and waits for you, because Chatwoot does not send it again."
        ),
    ),
}  # fmt: skip


def reason(code: str) -> tuple[str, str]:
    """Its name and what to check."""
    name, check = REASONS.get(code, (code.replace("_", " ").capitalize(), ""))
    return str(name), str(check)


def clock(row: Rejection) -> str:
    """their clock is 7 min ahead"""
    difference = row.clock_difference_s
    if difference is None:
        return _("no timestamp")
    if abs(difference) < 1:
        return _("clocks agree")
    facts = {"span": apart(difference)}
    return (
        _("their clock is %(span)s ahead") if difference > 0 else _("their clock is %(span)s behind")
    ) % facts


def apart(seconds: float) -> str:
    """7 min: seconds only matter below a minute."""
    size = abs(seconds)
    return span(round(size / 60) * 60 if size >= 60 else size)
