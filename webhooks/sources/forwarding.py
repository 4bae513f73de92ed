"""Legacy mode: forwards what Chatwoot sent to the previous handler, with body and headers unchanged.

The previous handler may answer customers by itself, so an event that it may already have is never sent twice (the policy
gives up on Unknown). X-Chatwoot-Delivery identifies each event.
"""

from datetime import datetime, timedelta
from typing import Any

from ..deliveries import policies, redaction
from ..errors import Permanent, Unknown
from ..models import Attempt, Delivery
from ..outbound import allowed_addresses, http_post


def handle(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """One POST. Raises NotSent, Retryable (it reports a failure itself), Permanent or Unknown."""
    original = Delivery.objects.get(pk=payload["delivery"])
    if gone := redaction.why_gone(original):
        raise Permanent(f"{gone}: there is nothing left to forward.")
    _check_age(delivery, now=now)
    if _died_while_calling(delivery):
        raise Unknown("A worker died while forwarding this event: it may have arrived.")
    if not delivery.source.legacy_url:
        raise Permanent(f"{delivery.source} has no previous handler.")
    where = allowed_addresses.target(delivery.source.legacy_url)
    http_post.post(where, body=bytes(original.body), headers=original.headers)


def _check_age(delivery: Delivery, *, now: datetime) -> None:
    max_age = policies.current(delivery).max_age
    if max_age is not None and now > delivery.due_since + timedelta(seconds=max_age):
        raise Permanent(
            f"Older than {max_age} s: a person may have answered, and the previous handler must not answer again."
        )


def _died_while_calling(delivery: Delivery) -> bool:
    crashed = delivery.attempt_log.filter(outcome=Attempt.Outcome.CRASHED)
    return crashed.filter(number__gt=delivery.budget_from).exists()
