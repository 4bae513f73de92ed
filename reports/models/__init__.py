"""The tables of the reports, one file for each noun."""

from .daily import DayChange, DayTally
from .sla import (
    ALWAYS_BEFORE,
    CONDITIONS,
    PRIORITIES,
    PRIORITY_NAMES,
    Clock,
    Recalculation,
    SLAAlert,
    SLAPolicy,
)
from .weekly import WeeklyNote, WeeklyRecipient, WeeklyReport

__all__ = [
    "ALWAYS_BEFORE", "CONDITIONS", "PRIORITIES", "PRIORITY_NAMES", "Clock", "DayChange", "DayTally", "Recalculation", "SLAAlert",
    "SLAPolicy",
    "WeeklyNote", "WeeklyRecipient", "WeeklyReport",
]  # fmt: skip
