"""Service levels: facts of a conversation + policies + calendars → clocks. No database, no clock of its own.

The rules, numbered as in docs/sla_rules.md, are kept in cases.py (when a clock starts and stops) and clock.py (how its
time is calculated). Only what happened until `as_of` counts. resuming.py goes on from a memory of what was walked through:
calculated from scratch equals kept up event by event, in whatever order the events arrived.
"""

from .cases import clocks
from .clock import Clock
from .facts import (
    BOT,
    CUSTOMER,
    NOBODY,
    PERSON,
    Conditions,
    Facts,
    Hours,
    Named,
    Policy,
    Said,
    Steps,
    Versions,
)
from .metrics import FIRST_RESPONSE, METRICS, NEXT_RESPONSE, RESOLUTION, State
from .resuming import Memory, from_scratch, go_on
from .segments import Segment

__all__ = [
    "BOT",
    "CUSTOMER",
    "FIRST_RESPONSE",
    "METRICS",
    "NEXT_RESPONSE",
    "NOBODY",
    "PERSON",
    "RESOLUTION",
    "Clock",
    "Conditions",
    "Facts",
    "Hours",
    "Memory",
    "Named",
    "Policy",
    "Said",
    "Segment",
    "State",
    "Steps",
    "Versions",
    "clocks",
    "from_scratch",
    "go_on",
]  # fmt: skip
