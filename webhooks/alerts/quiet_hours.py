"""Quiet hours. Pure: (from, to, zone, now) → when they end, or None outside of them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def ends(start: time | None, end: time | None, zone: str, *, now: datetime) -> datetime | None:
    """From 22:00 to 07:00 runs over midnight. Where the clock shows the end twice, or never, the later moment counts."""
    if start is None or end is None:
        return None
    here = now.astimezone(ZoneInfo(zone or "UTC"))
    told = here.time()
    within = start <= told < end if start < end else told >= start or told < end
    if not within:
        return None
    day = here.date() + timedelta(days=told >= end)
    both = (
        datetime.combine(day, end.replace(fold=fold), tzinfo=here.tzinfo).astimezone(UTC) for fold in (0, 1)
    )
    return max(both)
