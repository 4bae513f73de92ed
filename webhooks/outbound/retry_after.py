"""The Retry-After header in each form that servers send: seconds, seconds with a fraction, an HTTP date. Pure."""

import math
import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)


def seconds(headers: Mapping[str, str]) -> float | None:
    """How long the server wants us to wait, at least 0; None where it does not say, or not in a form that can be read.

    RFC 9110, 10.2.3. A date counts from the answer's own Date, so that two clocks that differ do not matter.
    """
    value = headers.get("Retry-After", "").strip()
    if SECONDS.fullmatch(value):
        return float(value)
    until = _moment(value)
    if until is None:
        return None
    since = _moment(headers.get("Date", ""))
    return max(0.0, math.ceil(until - (time.time() if since is None else since)))


def _moment(value: str) -> float | None:
    """Unix seconds. A date without a zone is in UTC, as HTTP's are."""
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
