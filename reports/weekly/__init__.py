"""The weekly support health report: a week's figures, counted from rows, kept as a snapshot, told in words and sent."""

from .snapshots import Unavailable, changed_since, due_at, make, make_due, read
from .weeks import BadWeek, named, parse

__all__ = ["BadWeek", "Unavailable", "changed_since", "due_at", "make", "make_due", "named", "parse", "read"]
