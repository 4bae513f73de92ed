"""Cells of CSV files that people open in Excel: text that a spreadsheet would run as a formula stays text."""

import re
import unicodedata
from datetime import datetime
from typing import Any

BOM = "\ufeff"  # starts a file: without it, Excel reads UTF-8 in a legacy encoding
BEGINS = ("=", "+", "-", "@", "\u2212")
FILLERS = "\u115f\u1160\u3164\uffa0"  # letters of Hangul that nobody sees
# Where Excel ends a cell in some countries, or when pasting; a quote in the middle of its cell does not hold it together.
SEPARATORS = re.compile(r"([;\t\r\n])")
# Not part of anyone's text: some programs drop them and then see what follows.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def safe(value: Any) -> Any:
    """Numbers stay numbers, times become ISO 8601, a list becomes one text; what looks like a formula gets a '."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if isinstance(value, str):
        return _defused(CONTROL.sub("", value))
    return "" if value is None else value


def _defused(text: str) -> str:
    """The cell, and each part of it that is a cell of its own where other separators count."""
    parts = SEPARATORS.split(text)  # every second one is a separator
    parts[::2] = [f"'{part}" if looks_like_a_formula(part) else part for part in parts[::2]]
    whole = "".join(parts)
    return f"'{whole}" if text.startswith(("\t", "\r", "\n")) else whole  # some drop them and read on


def looks_like_a_formula(text: str) -> bool:
    """A spreadsheet reads full-width signs as signs, and skips white space and what nobody sees before them."""
    first = unicodedata.normalize("NFKC", next((letter for letter in text if not _is_skipped(letter)), ""))
    return first.startswith(BEGINS)


def _is_skipped(letter: str) -> bool:
    return letter.isspace() or letter in FILLERS or unicodedata.category(letter) in ("Cc", "Cf", "Mn", "Me")
