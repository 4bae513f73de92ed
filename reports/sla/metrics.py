"""The names of what is measured, and of how it can stand. They are the API's, and the database's."""

from enum import StrEnum

FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = METRICS = ("first_response", "next_response", "resolution")
UNASSIGNED = "unassigned"


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"  # may still be open: stopped_at tells
    CANCELLED = "cancelled"
    NOT_APPLICABLE = "not_applicable"
