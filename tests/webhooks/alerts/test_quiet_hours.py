"""When quiet hours end, in their own zone, over midnight and over the changes of the clock."""

from datetime import UTC, datetime, time

import pytest

from webhooks.alerts import quiet_hours

pytestmark = pytest.mark.once
NIGHT = (time(22), time(7))
BERLIN = "Europe/Berlin"
CASES = {
    "before the night": (NIGHT, "UTC", "2026-11-23 21:59", None),
    "as it begins": (NIGHT, "UTC", "2026-11-23 22:00", "2026-11-24 07:00"),
    "before midnight": (NIGHT, "UTC", "2026-11-23 23:59", "2026-11-24 07:00"),
    "after midnight": (NIGHT, "UTC", "2026-11-24 00:00", "2026-11-24 07:00"),
    "as it ends": (NIGHT, "UTC", "2026-11-24 07:00", None),
    "within a day": ((time(12), time(13)), "UTC", "2026-11-23 12:30", "2026-11-23 13:00"),
    "after it, within a day": ((time(12), time(13)), "UTC", "2026-11-23 13:30", None),
    "in another zone": (NIGHT, BERLIN, "2026-11-23 21:30", "2026-11-24 06:00"),
    "in another zone, not yet": (NIGHT, BERLIN, "2026-11-23 20:30", None),
    "until an hour that is skipped": ((time(22), time(2, 30)), BERLIN, "2026-03-29 00:50", "2026-03-29 01:30"),
    "until an hour that comes twice": ((time(22), time(2, 30)), BERLIN, "2026-10-25 00:15", "2026-10-25 01:30"),
    "in the second of the two": ((time(22), time(2, 30)), BERLIN, "2026-10-25 01:15", "2026-10-25 01:30"),
}  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("case", CASES)
def test_quiet_hours_end(case):
    (start, end), zone, now, wanted = CASES[case]

    assert quiet_hours.ends(start, end, zone, now=utc(now)) == (utc(wanted) if wanted else None)


def test_without_hours_it_is_never_quiet():
    assert quiet_hours.ends(None, None, "UTC", now=utc("2026-11-23 23:00")) is None
