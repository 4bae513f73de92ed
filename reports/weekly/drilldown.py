"""The conversations behind each figure that does not count clocks. A number and its list come from the same query.

A figure is addressed by its name, with a slash and a subgroup if it has one: raised, raised/refund, missed/unassigned.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..attainment import north_star
from ..attainment.attainment import seen_by
from ..periods import Period
from . import csat, drafts, escalations, miss_causes, volume
from .readers import EVERYONE

Pairs = list[tuple[int, datetime | None]]  # a conversation and when


Read = Callable[[Period, str, User, datetime], Pairs]


class Figure(NamedTuple):
    """read: (week, subgroup or "", reader, now) → pairs. called: what people call a subgroup."""

    label: Promise
    read: Read
    called: Callable[[str], str | Promise] = str


def _rows(found: QuerySet[Any], at: str, conversation: str = "conversation") -> Pairs:
    return list(found.order_by(at, "pk").values_list(conversation, at))


def _changes(found: Callable[..., QuerySet[Any]]) -> Read:
    return lambda week, which, reader, now: _rows(found(week, reader=reader), "at")


def _backlog(end: bool) -> Read:
    return lambda week, which, reader, now: _rows(
        volume.backlog(week.end if end else week.start, reader=reader), "created_at", "pk"
    )


def _escalations(what: str) -> Read:
    at = "closed_at" if what == "closed" else "due_at" if what == "overdue" else "raised_at"

    def read(week: Period, which: str, reader: User, now: datetime) -> Pairs:
        rows = escalations.rows(week, what, now=now, reader=reader)
        narrowed = {"level": int(which)} if which.isdecimal() else {"kind": which} if which else {}
        return _rows(rows.filter(**narrowed), at)

    return read


def _ratings(wanted: Callable[[csat.Rating], bool]) -> Read:
    return lambda week, which, reader, now: [
        (one.conversation, one.at)
        for one in csat.ratings(week, reader=reader)
        if wanted(one) and which in ("", one.kind)
    ]


def _signals(count: str) -> Read:
    return lambda week, which, reader, now: _rows(drafts.signals(week, count, reader=reader), "at")


def _turns(**narrowed: bool) -> Read:
    return lambda week, which, reader, now: _rows(
        drafts.customer_turns(week, now=now, reader=reader).filter(**narrowed), "created_at"
    )


def _due(week: Period, which: str, reader: User, now: datetime) -> Pairs:
    if which and which not in north_star.OUTCOMES:
        return []
    found = north_star.clocks(week, within=seen_by(reader), which=[which] if which else ())
    return _rows(found, "decided_at")


FIGURES = {
    "north_star": Figure(_("first responses due"), _due, lambda which: north_star.OUTCOMES.get(which, which)),
    "opened": Figure(
        _("opened conversations"),
        lambda week, which, reader, now: _rows(volume.opened(week, reader=reader), "created_at", "pk"),
    ),
    "resolved": Figure(_("resolved conversations"), _changes(volume.resolved)),
    "reopened": Figure(_("reopened conversations"), _changes(volume.reopened)),
    "deleted": Figure(
        _("conversations deleted in Chatwoot"),
        lambda week, which, reader, now: _rows(volume.deleted(week, reader=reader), "deleted_at", "pk"),
    ),
    "backlog_start": Figure(_("backlog at the start of the week"), _backlog(end=False)),
    "backlog_end": Figure(_("backlog at the end of the week"), _backlog(end=True)),
    "reason": Figure(
        _("new conversations with the label"),
        lambda week, which, reader, now: volume.with_label(week, which, reader=reader),
    ),
    "raised": Figure(_("escalations raised"), _escalations("raised"), escalations.called),
    "closed": Figure(_("escalations closed"), _escalations("closed"), escalations.called),
    "open": Figure(_("escalations open at the end of the week"), _escalations("open"), escalations.called),
    "overdue": Figure(
        _("escalations overdue at the end of the week"), _escalations("overdue"), escalations.called
    ),
    "asked": Figure(
        _("surveys sent"),
        lambda week, which, reader, now: _rows(csat.asked(week, reader=reader), "created_at"),
    ),
    "rated": Figure(_("ratings"), _ratings(lambda one: True), lambda which: csat.NAMES.get(which, which)),
    "satisfied": Figure(_("ratings of 4 or 5 stars"), _ratings(lambda one: one.stars >= csat.SATISFIED)),
    "low": Figure(_("ratings of 1 or 2 stars"), _ratings(lambda one: one.stars <= csat.LOW)),
    "turns": Figure(_("customer turns"), _turns()),
    "drafted": Figure(_("customer turns with a draft"), _turns(drafted=True)),
    "decided": Figure(_("drafts decided"), _signals("decided")),
    "accepted": Figure(_("drafts approved unedited"), _signals("accepted")),
    "approved": Figure(_("drafts approved"), _signals("approved")),
    "graded": Figure(_("drafts graded"), _signals("graded")),
    "without_signal": Figure(
        _("decisions without a learning signal"),
        lambda week, which, reader, now: _rows(drafts.without_signal(week, reader=reader), "decided_at"),
    ),
}


def pairs(
    week: Period,
    of: str,
    missed: Callable[[], dict[str, list[int]]],
    *,
    now: datetime,
    reader: User = EVERYONE,
) -> tuple[str, Pairs] | None:
    """The label of the figure and its rows, or None if there is no such figure. missed: as in the report."""
    name, _, which = of.partition("/")
    if name == "missed":
        label = gettext("missed targets: %(cause)s") % {"cause": miss_causes.called(which)}
        return label, [(number, None) for number in missed().get(which, [])]
    figure = FIGURES.get(name)
    if figure is None:
        return None
    label = f"{figure.label}: {figure.called(which)}" if which else str(figure.label)
    return label, figure.read(week, which, reader, now)
