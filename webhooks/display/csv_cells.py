"""Cells of CSV files: what a spreadsheet would run as a formula is kept a text."""

from datetime import datetime
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value: Any) -> Any:
    """Numbers stay numbers, times are ISO 8601, a list is one text; a text that looks like a formula gets an apostrophe."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
