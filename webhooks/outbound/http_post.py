"""One POST to a URL that a person entered, if allowed_addresses.py allows it: no redirects, a wall-clock deadline.

Raises NotSent, Retryable (the server itself reports a failure), Permanent or Unknown. Errors only name the host, since a
path may be a secret.
"""

import certifi
import urllib3
from django.conf import settings
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from ..errors import NotSent, Permanent, Retryable, Unknown
from . import retry_after
from .allowed_addresses import Target
from .bounded import within

CONNECT_S = 5
# What an overloaded or starting server answers before doing anything.
REFUSED = (429, 503)


def post(where: Target, *, body: bytes, headers: dict[str, str]) -> None:
    late = Unknown(
        f"{where.host} did not answer within {settings.OUT_CALL_S} s; the request may have taken effect anyway."
    )
    within(settings.OUT_CALL_S, lambda: _judge(_call(where, body, headers), where.host), late)


def _call(where: Target, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
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
            "POST", where.path, body=body, headers=headers | {"Host": where.netloc}, retries=False, redirect=False,
            assert_same_host=False, preload_content=False,
        )  # fmt: skip
    except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
        raise NotSent(f"{where.host} could not be reached: {type(error).__name__}.") from error
    except HTTPError as error:
        raise Unknown(f"The answer from {where.host} was lost: {type(error).__name__}.") from error
    finally:
        pool.close()


def _judge(answer: urllib3.BaseHTTPResponse, host: str) -> None:
    status, wait = answer.status, retry_after.seconds(answer.headers)
    answer.close()
    if status in REFUSED or status >= 500:
        kind = NotSent if status in REFUSED else Retryable
        raise kind(f"{host} answered {status}.", http_status=status, retry_after=wait)
    if not 200 <= status < 300:
        raise Permanent(f"{host} answered {status}.", http_status=status)
