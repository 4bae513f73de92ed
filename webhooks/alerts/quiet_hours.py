"""Quiet hours. Pure: (from, to, zone, now) → when they end, or None outside of them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def ends(start: time | None, end: time | None, zone: str, *, now: datetime) -> datetime | None:
    """22:00 to 07:00 spans midnight. Where a clock change shows the end twice or skips it, the later moment counts."""
    if start is None or end is None:
        return None
    here = now.astimezone(ZoneInfo(zone or "UTC"))
    time_of_day = here.time()
    within = start <= time_of_day < end if start < end else time_of_day >= start or time_of_day < end
    if not within:
        return None
    day = here.date() + timedelta(days=time_of_day >= end)
    both = (
        datetime.combine(day, end.replace(fold=fold), tzinfo=here.tzinfo).astimezone(UTC) for fold in (0, 1)
    )
    return max(both)
