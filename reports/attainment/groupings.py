"""How a report groups its clocks: the columns to read, the groups of a row, and the rows of one group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractHour
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks.mirror import identities
from webhooks.mirror import names as known_names
from webhooks.models import Inbox, Source

from ..models import PRIORITY_NAMES, SLAPolicy
from ..sla.metrics import UNASSIGNED

DESK = "desk"  # the kind of an approver's key who has no user in that account
Key = Any  # None: the group of clocks without one
Group = tuple[Key, str]
Row = Mapping[str, Any]
Names = Mapping[Any, Group]
Rows = Callable[[QuerySet, str], QuerySet]


def _priorities(row: Row, names: Names) -> list[Group]:
    key = row["priority"] or None
    return [(key, str(PRIORITY_NAMES.get(key, key) if key else _("no priority")))]


def _of_priority(found: QuerySet, key: str) -> QuerySet:
    return found.filter(priority=key) if key else found.filter(Q(priority="") | Q(priority=None))


def _related(column: str, without: Promise, names: Callable[[], Names], rows: "Rows") -> "Grouping":
    """For rows that may be renamed: read by primary key, shown under their current name."""

    def groups(row: Row, names: Names) -> list[Group]:
        return [names.get(row[column], (None, str(without)))]

    return Grouping((column,), groups, rows, names=names)


def _inboxes() -> Names:
    found = Inbox.objects.values_list("pk", "source__slug", "inbox_id", "name")
    return {pk: (f"{slug}/{number}", name) for pk, slug, number, name in found}


def _identified(column: str, names: Callable[[], Names], without: Promise) -> "Grouping":
    """Of people and teams: by who they are, told by what they are called now. Two of one name are two rows."""

    def groups(row: Row, names: Names) -> list[Group]:
        key = row[column]
        return [names.get(key, (key, key))] if key else [(None, str(without))]

    def rows(found: QuerySet, key: str) -> QuerySet:
        if not key:
            return found.filter(Q(**{column: None}) | Q(**{column: ""}))
        slug, _, who = key.partition("/")
        source = Source.objects.filter(slug=slug).first() if "/" in who else None
        return found.filter(**{column: f"{source.pk}/{who}" if source else key})

    return Grouping((column,), groups, rows, names=names)


def _people() -> Names:
    """By identity: acme/user/3 for the account's user 3, desk/7 for a colleague who has no user in that account."""
    found = known_names.newest(*identities.PEOPLE)
    called = {name for _, name in found.values()}
    desk: dict[str, Group] = {}
    for user in User.objects.only("pk", "first_name", "last_name", "username"):
        name = str(user)
        desk[f"{DESK}/{user.pk}"] = (
            f"{DESK}/{user.pk}",
            gettext("%(name)s (desk)") % {"name": name} if name in called else name,
        )
    return found | desk | {UNASSIGNED: (UNASSIGNED, gettext("unassigned"))}


def _teams() -> Names:
    return known_names.newest(identities.TEAM)


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
    return [(label, label) for label in row["labels"]] or [(None, gettext("no label"))]


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
    "inbox": _related("inbox", _("no inbox"), _inboxes, _of_inbox),
    "agent": _identified("person", _people, _("nobody yet")),
    "team": _identified("team_key", _teams, _("no team")),
    "label": Grouping(("labels",), _labels, _of_label),
    "priority": Grouping(("priority",), _priorities, _of_priority),
    "policy": _related("policy", _("no policy"), _policies, _of_policy),
    "hour": Grouping(
        ("hour",), _hours, _of_hour, lambda zone: {"hour": ExtractHour("started_at", tzinfo=zone)}
    ),
}
