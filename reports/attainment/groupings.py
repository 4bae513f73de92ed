"""How a report groups its clocks: the columns to read, the groups of a row, and the rows of one group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import ExtractHour

from webhooks.models import Inbox

from ..models import SLAPolicy

Key = Any  # None: the group of clocks without one
Group = tuple[Key, str]
Row = Mapping[str, Any]
Names = Mapping[Any, Group]
Rows = Callable[[QuerySet, str], QuerySet]


def _plain(column: str, without: str) -> "Grouping":
    def groups(row: Row, names: Names) -> list[Group]:
        return [(row[column] or None, str(row[column] or without))]

    def rows(found: QuerySet, key: str) -> QuerySet:
        return (
            found.filter(**{column: key})
            if key
            else found.filter(**{f"{column}__in": [""]}) | (found.filter(**{f"{column}__isnull": True}))
        )

    return Grouping((column,), groups, rows)


def _related(column: str, without: str, names: Callable[[], Names], rows: "Rows") -> "Grouping":
    """For rows that may be renamed: read by primary key, shown under their current name."""

    def groups(row: Row, names: Names) -> list[Group]:
        return [names.get(row[column], (None, without))]

    return Grouping((column,), groups, rows, names=names)


def _inboxes() -> Names:
    found = Inbox.objects.values_list("pk", "source__slug", "inbox_id", "name")
    return {pk: (f"{slug}/{number}", name) for pk, slug, number, name in found}


def _policies() -> Names:
    return {pk: (name, name) for pk, name in SLAPolicy.objects.values_list("pk", "name")}


def _of_policy(found: QuerySet, key: str) -> QuerySet:
    return found.filter(policy__name=key) if key else found.filter(policy=None)


def _of_inbox(found: QuerySet, key: str) -> QuerySet:
    slug, _, number = key.rpartition("/")
    if not key:
        return found.filter(inbox=None)
    return (
        found.filter(inbox__source__slug=slug, inbox__inbox_id=number) if number.isdecimal() else found.none()
    )


def _labels(row: Row, names: Names) -> list[Group]:
    """A conversation with two labels counts in both of their groups."""
    return [(label, label) for label in row["labels"]] or [(None, "no label")]


def _of_label(found: QuerySet, key: str) -> QuerySet:
    """SQLite and PostgreSQL search JSON lists differently, so the few distinct lists are compared in Python."""
    listed = [
        labels for labels in found.order_by().values_list("labels", flat=True).distinct() if key in labels
    ]
    return found.filter(labels__in=listed) if key else found.filter(labels=[])


def _hours(row: Row, names: Names) -> list[Group]:
    """The hour in which the clock started, in the report's time zone."""
    hour = row["hour"]
    return [(hour, f"{hour:02}:00-{hour + 1:02}:00")]


def _of_hour(found: QuerySet, key: str) -> QuerySet:
    return found.filter(hour=int(key)) if key.isdecimal() and len(key) < 3 else found.none()


@dataclass(frozen=True)
class Grouping:
    columns: tuple[str, ...]
    groups: Callable[[Row, Names], list[Group]]
    rows: Rows  # of the group with this key ("": the group without one)
    annotations: Callable[[ZoneInfo], dict[str, Any]] = field(default=lambda zone: {})
    names: Callable[[], Names] = field(default=lambda: {})


GROUPINGS: dict[str, Grouping] = {
    "inbox": _related("inbox", "no inbox", _inboxes, _of_inbox),
    "agent": _plain("attributed_to", "unassigned"),
    "team": _plain("team", "no team"),
    "label": Grouping(("labels",), _labels, _of_label),
    "priority": _plain("priority", "no priority"),
    "policy": _related("policy", "no policy", _policies, _of_policy),
    "hour": Grouping(
        ("hour",), _hours, _of_hour, lambda zone: {"hour": ExtractHour("started_at", tzinfo=zone)}
    ),
}
