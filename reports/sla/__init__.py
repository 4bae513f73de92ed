"""Service levels: facts of a conversation + policies + calendars → clocks. No database, no clock of its own.

The rules, numbered as in docs/sla_rules.md, are kept in cases.py (when a clock starts and stops) and clock.py (how its
time is reckoned). Only what happened until `as_of` counts, and nothing is remembered between two calls: reckoned from
scratch equals kept up event by event, in whatever order the events arrived.
"""

from .cases import clocks
from .clock import Clock, Segment
from .facts import BOT, CUSTOMER, PERSON, Conditions, Facts, Hours, Policy, Said, Steps
from .metrics import FIRST_RESPONSE, METRICS, NEXT_RESPONSE, RESOLUTION, State

__all__ = [
    "BOT", "CUSTOMER", "FIRST_RESPONSE", "METRICS", "NEXT_RESPONSE", "PERSON", "RESOLUTION", "Clock", "Conditions", "Facts",
    "Hours", "Policy", "Said", "Segment", "State", "Steps", "clocks",
]  # fmt: skip
