"""Retry-After is read in each form that servers send, by all calls to other systems."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from webhooks.outbound import retry_after

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def http(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 30 ", 30.0),
        ("1.5", 1.5),
        ("0.25", 0.25),
        (http(AT + timedelta(seconds=40)), 40.0),
        ("Mon, 23 Nov 2026 09:00:40 -0000", 40.0),
        ("Monday, 23-Nov-26 09:00:40 GMT", 40.0),
        (http(AT - timedelta(hours=1)), 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("٣", None),
        ("Infinity", None),
        ("Mon, 99 Nov 2026 99:00:40 GMT", None),
    ],
)
def test_each_form_is_read(value, seconds):
    assert retry_after.seconds({"Retry-After": value, "Date": http(AT)}) == seconds


def test_a_date_without_the_servers_own_clock_counts_from_ours():
    at = datetime.now(UTC) + timedelta(seconds=60)

    assert 55 <= retry_after.seconds({"Retry-After": http(at)}) <= 61


def test_without_the_header_the_policy_decides():
    assert retry_after.seconds({}) is None
