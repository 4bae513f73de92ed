"""Legacy mode: what Chatwoot sent goes on to the previous handler, body and headers as they came.

That one may answer customers by itself, so an event that it may have had already is not given to it again (the policy
gives up on Unknown); X-Chatwoot-Delivery tells it which is which.
"""

from datetime import datetime, timedelta
from typing import Any

import certifi
import urllib3
from django.conf import settings
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from . import addresses, bodies, policies
from .chatwoot import within
from .errors import NotSent, Permanent, Retryable, Unknown
from .models import Attempt, Delivery

CONNECT_S = 5
# What a full or starting server says before it does anything.
REFUSED = (429, 503)


def handle(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """One POST. Raises NotSent, Retryable (it says itself that it failed), Permanent or Unknown."""
    original = Delivery.objects.get(pk=payload["delivery"])
    if gone := bodies.why_gone(original):
        raise Permanent(f"{gone}: there is nothing left to forward.")
    _check_age(delivery, now=now)
    if _died_while_calling(delivery):
        raise Unknown("A worker died while it forwarded this: it may have arrived.")
    if not delivery.source.legacy_url:
        raise Permanent(f"{delivery.source} has no previous handler.")
    where = addresses.target(delivery.source.legacy_url)
    late = Unknown(
        f"{where.host} did not answer within {settings.OUT_CALL_S} s; it may have acted all the same."
    )
    within(settings.OUT_CALL_S, lambda: _judge(_post(where, original), where.host), late)


def _check_age(delivery: Delivery, *, now: datetime) -> None:
    max_age = policies.current(delivery).max_age
    if max_age is not None and now > delivery.due_since + timedelta(seconds=max_age):
        raise Permanent(
            f"Too old: over {max_age} s, the previous handler might answer what a person has answered."
        )


def _died_while_calling(delivery: Delivery) -> bool:
    crashed = delivery.attempt_log.filter(outcome=Attempt.Outcome.CRASHED)
    return crashed.filter(number__gt=delivery.budget_from).exists()


def _post(where: addresses.Target, original: Delivery) -> urllib3.BaseHTTPResponse:
    wait = urllib3.Timeout(connect=CONNECT_S, read=settings.OUT_CALL_S)
    pool: urllib3.HTTPConnectionPool
    if where.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            where.address, where.port, timeout=wait, server_hostname=where.host, assert_hostname=where.host,
            ca_certs=certifi.where(),
        )  # fmt: skip
    else:
        pool = urllib3.HTTPConnectionPool(where.address, where.port, timeout=wait)
    try:
        return pool.urlopen(
            "POST", where.path, body=bytes(original.body), headers=original.headers | {"Host": where.netloc},
            retries=False, redirect=False, assert_same_host=False, preload_content=False,
        )  # fmt: skip
    except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
        raise NotSent(f"{where.host} could not be reached: {type(error).__name__}.") from error
    except HTTPError as error:
        raise Unknown(f"The answer of {where.host} was lost: {type(error).__name__}.") from error
    finally:
        pool.close()


def _judge(answer: urllib3.BaseHTTPResponse, host: str) -> None:
    status, wait = answer.status, answer.headers.get("Retry-After", "")
    answer.close()
    if status in REFUSED or status >= 500:
        kind = NotSent if status in REFUSED else Retryable
        after = float(wait) if wait.isdecimal() else None
        raise kind(f"{host} answered {status}.", http_status=status, retry_after=after)
    if not 200 <= status < 300:
        raise Permanent(f"{host} answered {status}.", http_status=status)
