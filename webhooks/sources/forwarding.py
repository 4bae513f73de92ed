"""Legacy mode: what Chatwoot sent goes on to the previous handler, body and headers as they came.

That one may answer customers by itself, so an event that it may have had already is not given to it again (the policy
gives up on Unknown); X-Chatwoot-Delivery tells it which is which.
"""

from datetime import datetime, timedelta
from typing import Any

from ..deliveries import policies, redaction
from ..errors import Permanent, Unknown
from ..models import Attempt, Delivery
from ..outbound import allowed_addresses, http_post


def handle(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """One POST. Raises NotSent, Retryable (it says itself that it failed), Permanent or Unknown."""
    original = Delivery.objects.get(pk=payload["delivery"])
    if gone := redaction.why_gone(original):
        raise Permanent(f"{gone}: there is nothing left to forward.")
    _check_age(delivery, now=now)
    if _died_while_calling(delivery):
        raise Unknown("A worker died while it forwarded this: it may have arrived.")
    if not delivery.source.legacy_url:
        raise Permanent(f"{delivery.source} has no previous handler.")
    where = allowed_addresses.target(delivery.source.legacy_url)
    http_post.post(where, body=bytes(original.body), headers=original.headers)


def _check_age(delivery: Delivery, *, now: datetime) -> None:
    max_age = policies.current(delivery).max_age
    if max_age is not None and now > delivery.due_since + timedelta(seconds=max_age):
        raise Permanent(
            f"Too old: over {max_age} s, the previous handler might answer what a person has answered."
        )


def _died_while_calling(delivery: Delivery) -> bool:
    crashed = delivery.attempt_log.filter(outcome=Attempt.Outcome.CRASHED)
    return crashed.filter(number__gt=delivery.budget_from).exists()
