"""A time or date as a person types it on the command line."""

from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


def read(text: str) -> datetime:
    """A date means its start; without an offset it is in TIME_ZONE. Raises ValueError with a message for the user."""
    try:
        at, day = parse_datetime(text), parse_date(text)
    except ValueError:
        at = day = None
    if at is None and day is not None:
        at = datetime.combine(day, datetime.min.time())
    if at is None:
        raise ValueError(f"{text!r} is not a time. Write it like 2026-11-22T10:00.")
    return at if timezone.is_aware(at) else timezone.make_aware(at)
