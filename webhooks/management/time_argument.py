"""A time or day as a person types it to a command."""

from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


def read(text: str) -> datetime:
    """A day is its beginning; without an offset it is in TIME_ZONE. Raises ValueError with words for whoever typed it."""
    try:
        at, day = parse_datetime(text), parse_date(text)
    except ValueError:
        at = day = None
    if at is None and day is not None:
        at = datetime.combine(day, datetime.min.time())
    if at is None:
        raise ValueError(f"{text!r} is no time such as 2026-11-22T10:00.")
    return at if timezone.is_aware(at) else timezone.make_aware(at)
