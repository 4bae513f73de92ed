"""Policies and calendars as rows → what sla.clocks calculates with: each version, and since when. And verbs on policies."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from knowledge.business_time.arithmetic import Calendar
from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar, InboxHours

from .. import sla
from ..models import ALWAYS_BEFORE, CONDITIONS, Recalculation, SLAPolicy
from .policy_inboxes import NONE, PolicyInboxes

HOUR = 3600
LATELY = timedelta(minutes=5)  # what counts as now, since the caller's clock may be off
FACTS = (
    "name", "order", "conditions", "calendar", "first_response_s", "next_response_s", "resolution_s", "at_risk_share",
    "valid_from",
)  # fmt: skip
Own = dict[int, tuple[tuple[datetime, sla.Versions | None], ...]]


class VersionChanged(Exception):
    def __init__(self, version: int) -> None:
        super().__init__(f"The policy is at version {version} by now: read it again.")


def seed() -> None:
    """Business time: 60 min to the first response, 240 min to the next, 24 h to the resolution."""
    calendar = BusinessCalendar.objects.filter(is_default=True).first()
    if not SLAPolicy.objects.exists():
        SLAPolicy.objects.create(
            name="Standard", order=1000, calendar=calendar, first_response_s=HOUR, next_response_s=4 * HOUR,
            resolution_s=24 * HOUR, valid_from=ALWAYS_BEFORE,
        )  # fmt: skip


class InThePast(Exception):
    def __init__(self) -> None:
        super().__init__(_("Clocks that were decided do not change any more: choose now or a later time."))


def change(
    policy: SLAPolicy, facts: dict[str, Any], *, now: datetime, version: int | None = None
) -> SLAPolicy:
    """A new version, if anything changes: from now on, or from its `valid_from`.

    Raises VersionChanged, where `version` is no longer the newest, and InThePast.
    """
    with transaction.atomic():
        row = SLAPolicy.objects.select_for_update().get(pk=policy.pk)
        if version not in (None, row.version):
            raise VersionChanged(row.version)
        if any(getattr(row, name) != value for name, value in facts.items()):
            facts = {"valid_from": now} | facts
            if facts["valid_from"] < now - LATELY:
                raise InThePast
            for name, value in facts.items():
                setattr(row, name, value)
            row.version += 1
            row.save()
    return row


# Rows are only ever added to these, so the newest of each and how many there are tell whether anything changed.
TABLES = (
    "reports_historicalslapolicy",
    "knowledge_historicalbusinesscalendar",
    "knowledge_historicalinboxhours",
)
STAMPS = {
    **dict.fromkeys(TABLES, ("max(history_id)", "max(history_date)", "count(*)")),
    "reports_recalculation": ("max(id)", "max(at)"),
    "webhooks_inbox": ("max(id)", "count(*)"),
    "webhooks_source": ("min(slug)", "max(slug)", "count(*)"),
}
ASKED = [f"(SELECT {what} FROM {table})" for table, asked in STAMPS.items() for what in asked]  # noqa: S608
STAMP = f"SELECT {', '.join(ASKED)}"
_known: tuple[str, tuple[sla.Policy, ...]] | None = None


def forget() -> None:
    """As after a start."""
    global _known
    _known = None


def stamped() -> tuple[str, tuple[sla.Policy, ...]]:
    """What is in force, and a text that changes with it. One read, unless something changed since this process read it."""
    global _known
    with connection.cursor() as cursor:
        cursor.execute(STAMP)
        stamp = str(cursor.fetchone())
    known = _known
    if known is None or known[0] != stamp:
        known = _known = stamp, _read()
    return known


def all_versions(*recalculations: Recalculation) -> tuple[sla.Policy, ...]:
    """Each version of each policy, with the versions of its calendar; `recalculations` as if they were kept."""
    return _read(*recalculations) if recalculations else stamped()[1]


def _read(*recalculations: Recalculation) -> tuple[sla.Policy, ...]:
    """Six reads."""
    kept: Any = SLAPolicy.history  # the library's descriptor has no types
    calendars = _calendars()
    for one in (*Recalculation.objects.order_by("pk"), *recalculations):
        calendars[one.calendar_id] = _recomputed(calendars[one.calendar_id], one)
    hours = _hours(calendars)
    newest: dict[tuple[int, int], Any] = {}
    made: dict[tuple[int, int], datetime] = {}
    for row in kept.exclude(history_type="-").order_by("history_id"):
        newest[row.id, row.version] = row
        made.setdefault((row.id, row.version), row.history_date)
    inboxes = PolicyInboxes()
    return tuple(_policy(row, made[key], hours, inboxes) for key, row in newest.items())


def _policy(row: Any, made_at: datetime, hours: dict[int, sla.Hours], inboxes: PolicyInboxes) -> sla.Policy:
    listed = {name: frozenset(row.conditions.get(name, [])) for name in CONDITIONS}
    return sla.Policy(
        number=row.id,
        version=row.version,
        valid_from=row.valid_from,
        targets={metric: getattr(row, f"{metric}_s") for metric in sla.METRICS},
        order=row.order,
        conditions=sla.Conditions(**listed | {"inbox_ids": inboxes.keys(listed["inbox_ids"])}),
        hours=hours[row.calendar_id] if row.calendar_id else sla.Hours(),
        at_risk_share=row.at_risk_share,
        made_at=made_at,
    )


def _calendars() -> dict[int, sla.Versions]:
    """By calendar: its first version serves all the time before it, too."""
    kept: Any = BusinessCalendar.history
    versions: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in kept.exclude(history_type="-").order_by("history_id"):
        since = versions[row.id][row.version].since if row.version in versions[row.id] else row.history_date
        row.since = since
        versions[row.id][row.version] = row
    return {number: _steps(found.values()) for number, found in versions.items()}


def _steps(rows: Iterable[Any]) -> sla.Versions:
    first, *later = sorted(rows, key=lambda row: row.version)
    return sla.Steps(
        (first.version, inbox_calendars.compiled(first)),
        tuple((row.since, (row.version, inbox_calendars.compiled(row))) for row in later),
    )


def _recomputed(versions: sla.Versions, one: Recalculation) -> sla.Versions:
    """That version from `since` on: instead of what was in force, until a version that is newer still."""
    pairs = [versions.first, *(pair for _, pair in versions.changes)]
    wanted = next(pair for pair in pairs if pair[0] == one.calendar_version)
    before = [change for change in versions.changes if change[0] < one.since]
    newer = [change for change in versions.changes if change[1][0] > one.calendar_version]
    later = [(max(at, one.since), pair) for at, pair in newer]
    return sla.Steps(versions.first, (*before, (one.since, wanted), *later))


def _hours(calendars: dict[int, sla.Versions]) -> dict[int, sla.Hours]:
    """By calendar. Which one is the default, and which an inbox keeps, has versions too: later ones decide nothing again."""
    own = _own_hours(calendars)
    kept: Any = BusinessCalendar.history
    flags: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    rows = kept.exclude(history_type="-").order_by("history_date", "history_id")
    for number, at, flag in rows.values_list("id", "history_date", "is_default"):
        if not flags[number] or flags[number][-1][1] != flag:
            flags[number].append((at, flag))
    return {
        number: sla.Hours(versions, own, sla.Steps(flags[number][0][1], tuple(flags[number][1:])))
        for number, versions in calendars.items()
    }


def _own_hours(calendars: dict[int, sla.Versions]) -> Own:
    """By our key of the inbox: when it was given which calendar. None: the default again."""
    kept: Any = InboxHours.history
    found: dict[int, list[tuple[datetime, sla.Versions | None]]] = defaultdict(list)
    rows = kept.order_by("history_date", "history_id").values_list(
        "inbox_id", "calendar_id", "history_type", "history_date"
    )
    for inbox, calendar, kind, at in rows:
        found[inbox].append((at, None if kind == "-" else calendars[calendar]))
    return {inbox: tuple(assigned) for inbox, assigned in found.items()}


def closed_hours(policy: SLAPolicy) -> str:
    """Why its targets count hours in which no desk calendar is open, or nothing. In words for the person."""
    if policy.calendar_id is not None:
        return ""
    in_force = inbox_calendars.in_force()
    served = PolicyInboxes().keys(policy.conditions.get("inbox_ids", [])) - NONE
    used = [in_force.of(inbox) for inbox in served] or [in_force.default, *in_force.own.values()]
    if any(_never_closes(calendar) for calendar in used):
        return ""
    return _(
        "It counts every hour, also those in which no desk calendar is open: a customer who writes at night is late before"
        " anybody is there. Give it a calendar, unless somebody answers day and night."
    )


def _never_closes(calendar: Calendar) -> bool:
    return (
        sum(end - start for ranges in calendar.week for start, end in ranges)
        >= timedelta(days=7).total_seconds()
    )
