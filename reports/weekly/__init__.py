"""The weekly support health report: a week's figures, counted from rows, kept as a snapshot, told in words and sent."""

from .iso_week import BadWeek, named, parse
from .snapshots import Unavailable, changed_since, due_at, make, make_due, read

__all__ = ["BadWeek", "Unavailable", "changed_since", "due_at", "make", "make_due", "named", "parse", "read"]
