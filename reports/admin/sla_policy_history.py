"""The versions of an SLA policy, each as what it changed, in a person's words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.models import BusinessCalendar

from ..models import CONDITIONS, SLAPolicy
from ..policies.policy_inboxes import PolicyInboxes
from .sla_policy_form import in_hours

FIELDS = {
    "name": "name", "order": "order", "calendar_id": "hours", "first_response_s": "first response",
    "next_response_s": "next response", "resolution_s": "resolution", "at_risk_share": "at risk after",
}  # fmt: skip


@dataclass(frozen=True)
class Version:
    """changes: (field's label, before, after); none where it is the first."""

    number: int
    at: datetime
    valid_from: datetime
    by: str
    changes: list[tuple[str, str, str]]


def versions(policy: SLAPolicy) -> list[Version]:
    """The newest first."""
    kept: Any = policy.history  # the library's descriptor has no types
    rows = list(kept.select_related("history_user").order_by("-history_id"))
    calendars = dict(BusinessCalendar.objects.values_list("pk", "name"))
    return [
        Version(
            row.version, row.history_date, row.valid_from, str(row.history_user or "the installation"),
            _changes(row, older, calendars),
        )
        for row, older in zip(rows, [*rows[1:], None], strict=True)
    ]  # fmt: skip


def _changes(row: Any, older: Any, calendars: dict[int, str]) -> list[tuple[str, str, str]]:
    if older is None:
        return []
    found = []
    for name, label in FIELDS.items():
        before, after = getattr(older, name), getattr(row, name)
        if before != after:
            found.append((label, _said(name, before, calendars), _said(name, after, calendars)))
    for name in CONDITIONS:
        read = PolicyInboxes().called if name == "inbox_ids" else str
        before, after = (", ".join(map(read, one.conditions.get(name, []))) or "all" for one in (older, row))
        if before != after:
            found.append((name.replace("inbox_ids", "inboxes"), before, after))
    return found


def _said(name: str, value: Any, calendars: dict[int, str]) -> str:
    if name == "calendar_id":
        return calendars.get(value, "a calendar that is gone") if value else "every hour"
    return in_hours(value) if name.endswith("_s") else str(value)
