"""Since when each value of a conversation is known: newer payloads repeat it, and must not move an unreported change. Pure.

Each is a register of the fold, ordered by the earliest sight.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from . import identities
from .payloads import moment

PREFIX = "first_seen:"
FIELDS = ("status", "assignee_key", "team_key", "labels", "priority", "inbox_id")


def registers(seen: dict[str, list], version: float) -> dict[str, list]:
    """None of payloads without a version of their own: their last activity is not the time of a change."""
    if not version:
        return {}
    fields = [*FIELDS, *(one for one in seen if one.startswith(f"{identities.TEAM}/"))]
    return dict(register(field, seen[field][1], version) for field in fields if field in seen)


def register(field: str, value: Any, version: float) -> tuple[str, list]:
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
    return f"{PREFIX}{field}:{digest}", [-version, value]


def of(known: dict[str, list], field: str) -> list[tuple[datetime, Any]]:
    """(when, value) of each that it had, by when it was first seen."""
    found = [one for name, one in known.items() if name.startswith(f"{PREFIX}{field}:")]
    return [(moment(-version), value) for version, value in sorted(found, key=lambda one: -one[0])]
