"""The weekly support health report: a week's figures, counted from rows, kept as a snapshot, and told in words."""

from .snapshots import Unavailable, due_at, make, make_due, of_week
from .weeks import BadWeek, named, parse

__all__ = ["BadWeek", "Unavailable", "due_at", "make", "make_due", "named", "of_week", "parse"]
