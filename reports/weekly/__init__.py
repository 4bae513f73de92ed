"""The weekly support health report: figures of a week, saved as a snapshot, summarised in sentences, exported and sent."""

from .iso_week import BadWeek, named, parse
from .snapshots import Unavailable, calculated, changed_since, due_at, make, make_due, read

__all__ = [
    "BadWeek",
    "Unavailable",
    "calculated",
    "changed_since",
    "due_at",
    "make",
    "make_due",
    "named",
    "parse",
    "read",
]
