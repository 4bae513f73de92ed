"""The versions of a calendar, each as what it changed, in the words of the form."""

from typing import Any

from webhooks.admin.policy_history import Version

from ..business_time import hours
from ..calendars import display
from ..models import BusinessCalendar

LABELS = {
    "weekly": "Hours of a week", "holidays_country": "Public holidays", "holidays_subdivision": "Region", "zone": "Time zone",
    "openings": "Special openings",
}  # fmt: skip


def versions(calendar: BusinessCalendar) -> list[Version]:
    """The newest first."""
    kept: Any = calendar.history  # the library's descriptor has no types
    rows = list(kept.select_related("history_user").order_by("-history_date", "-history_id"))
    return [
        Version(
            row.version, row.history_date, str(row.history_user or "the installation"), _changes(row, older)
        )
        for row, older in zip(rows, [*rows[1:], None], strict=True)
    ]


def _changes(row: Any, older: Any) -> list[tuple[str, str, str]]:
    if older is None:
        return []
    return [
        (_label(change.field), _said(change.field, change.old), _said(change.field, change.new))
        for change in row.diff_against(older).changes
        if change.field != "version"
    ]


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _said(name: str, value: Any) -> str:
    if name == "weekly":
        return display.week(False, value)
    if not value:
        return "no" if isinstance(value, bool) else "nothing"
    if name == "closures":
        return ", ".join(f"{entry['date']} {entry.get('name', '')}".strip() for entry in value)
    if name == "openings":
        return ", ".join(f"{entry['date']} {hours.written(entry['ranges'])}" for entry in value)
    return "yes" if value is True else str(value)
