"""Recalculates clocks after hours were entered late, such as a forgotten holiday. The changes can be previewed.

A recalculation is a permanent row: from its `since` on, the later version of the calendar counts as in force, so a clock
that is calculated from scratch still equals the saved one. It sends no alerts.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from knowledge.models import BusinessCalendar, InboxHours
from webhooks.display import charts
from webhooks.models import Conversation

from .. import sla
from ..models import Recalculation, SLAPolicy
from ..policies import versions
from . import breach_digest, clocks

MOST = 5000  # conversations, because a page waits for the result
Transition = tuple[str, str, str]  # metric, state before, state after


class CannotRecalculate(Exception):
    pass


@dataclass(frozen=True)
class Change:
    conversation: Conversation
    before: sla.Clock
    after: sla.Clock


@dataclass(frozen=True)
class Difference:
    looked_at: int  # conversations
    changes: list[Change]

    @property
    def transitions(self) -> list[tuple[str, str, str, int]]:
        """(metric, state before, state after, clocks), most frequent first."""
        found: Counter[Transition] = Counter(
            (one.before.metric, one.before.state.value, one.after.state.value) for one in self.changes
        )
        return [(*one, count) for one, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def difference(calendar: BusinessCalendar, *, since: datetime, now: datetime) -> Difference:
    """What would change if the newest version of the calendar applied to clocks that started from `since` on.

    Raises CannotRecalculate.
    """
    wanted = Recalculation(calendar=calendar, calendar_version=calendar.version, since=since)
    if since >= now:
        raise CannotRecalculate(
            _("Choose today or an earlier day. Clocks that start later use the newest hours anyway.")
        )
    keys = list(_conversations(calendar, since=since).values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        raise CannotRecalculate(
            _("More than %(n)s conversations have clocks since then. Choose a later day.")
            % {"n": charts.count(MOST)}
        )
    before, after = versions.all_versions(), versions.all_versions(wanted)
    changes: list[Change] = []
    for part in clocks.parts(keys):
        batch = list(Conversation.objects.filter(pk__in=part).select_related("inbox", "contact"))
        changes += _changes(batch, before, after, now=now)
    return Difference(len(keys), changes)


def apply(
    calendar: BusinessCalendar, *, since: datetime, version: int, reason: str, by: User, now: datetime
) -> Recalculation:
    """version: of the calendar, as the preview showed it. Raises CannotRecalculate."""
    with transaction.atomic():
        row = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
        if row.version != version:
            raise CannotRecalculate(
                _("The calendar has changed since the preview. Preview the changes again.")
            )
        found = difference(row, since=since, now=now)
        if not found.changes:
            raise CannotRecalculate(_("Nothing to do: no clock would change."))
        saved = Recalculation.objects.create(
            calendar=row, calendar_version=version, since=since, reason=reason, by=by, at=now,
            clocks=len(found.changes), transitions=[list(one) for one in found.transitions],
        )  # fmt: skip
        keys = sorted({one.conversation.pk for one in found.changes})
        _recalculate(keys, now=now)
        breach_digest.keep_quiet(keys, now=now)
    return saved


def _conversations(calendar: BusinessCalendar, *, since: datetime) -> QuerySet[Conversation]:
    """Those with a clock that may ever have counted in its hours, whatever policy and calendar it is under now.

    By a policy that had it in any version, or in an inbox that ever kept it.
    """
    found = Conversation.objects.filter(clocks__started_at__gte=since).order_by("pk").distinct()
    policies: Any = SLAPolicy.history
    if policies.filter(calendar=calendar).exists():
        return found
    assigned: Any = InboxHours.history
    return found.filter(inbox__in=assigned.filter(calendar=calendar).values("inbox"))


def _changes(
    batch: list[Conversation], before: tuple[sla.Policy, ...], after: tuple[sla.Policy, ...], *, now: datetime
) -> Iterator[Change]:
    for conversation, (facts, as_of) in zip(batch, clocks.known(batch, now=now), strict=True):
        pairs = zip(
            sla.clocks(facts, before, as_of=as_of), sla.clocks(facts, after, as_of=as_of), strict=True
        )
        yield from (Change(conversation, *pair) for pair in pairs if _outcome(pair[0]) != _outcome(pair[1]))


def _outcome(clock: sla.Clock) -> tuple[Any, ...]:
    return clock.state, clock.due_at, clock.business_seconds


def _recalculate(keys: list[int], *, now: datetime) -> None:
    policies = versions.all_versions()
    locked = Conversation.objects.select_for_update(of=("self",)).select_related("inbox")
    for part in clocks.parts(keys):
        for conversation in locked.filter(pk__in=part).order_by("pk"):
            clocks.keep_up(conversation, policies, now=now)
