"""A reconciliation run as readable text. Pure: no database, no clock."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import ReconcileRun
from . import recorded
from .formats import day_of_year, number

NOT_RECOVERED = gettext_lazy(
    "What cannot be recovered: messages of a conversation that was deleted before it was read here; intermediate states"
    " of a conversation and their times; changes to messages older than the time range, except survey answers;"
    " contacts that were merged or deleted; typing events."
)
CAUSES = {
    "schedule": gettext_lazy("on schedule"),
    "start": gettext_lazy("after the workers started"),
    "gap": gettext_lazy("after a problem with receiving"),
    "person": gettext_lazy("by a person"),
    "command": gettext_lazy("by a command"),
}


def why(run: ReconcileRun) -> str:
    return _("by %(who)s") % {"who": run.by} if run.by else str(CAUSES[run.cause])


def status_text(run: ReconcileRun, *, waiting: int, skipped: int) -> str:
    """The state of a run: its progress, its failure or its result."""
    if run.status == ReconcileRun.Status.RUNNING:
        return progress(run, waiting)
    return recorded.shown(run.trouble) if run.status == ReconcileRun.Status.FAILED else found(run, skipped)


def found(run: ReconcileRun, skipped: int = 0) -> str:
    """7 events were missed between 02:10 and 02:31 UTC, all recovered."""
    parts = [_missed(run, skipped)]
    if run.gone:
        text = ngettext(
            "%(number)s conversation was deleted in Chatwoot.",
            "%(number)s conversations were deleted in Chatwoot.",
            run.gone,
        )
        parts.append(text % {"number": number(run.gone)})
    if skipped and not run.missed:
        parts.append(f"{_unread(skipped)}.")
    return " ".join(parts)


def _missed(run: ReconcileRun, skipped: int) -> str:
    if not run.missed or run.first_missed_at is None or run.last_missed_at is None:
        return _recent(run.young) if run.young else _("Nothing was missed.")
    facts = {"number": number(run.missed), "when": between(run.first_missed_at, run.last_missed_at)}
    if skipped:
        text = ngettext(
            "%(number)s event was missed %(when)s, recovered; %(unread)s.",
            "%(number)s events were missed %(when)s, recovered; %(unread)s.",
            run.missed,
        )
        return text % (facts | {"unread": _unread(skipped)})
    text = ngettext(
        "%(number)s event was missed %(when)s, and recovered.",
        "%(number)s events were missed %(when)s, all recovered.",
        run.missed,
    )
    return text % facts


def _unread(count: int) -> str:
    text = ngettext(
        "%(number)s conversation could not be read", "%(number)s conversations could not be read", count
    )
    return text % {"number": number(count)}


def _recent(count: int) -> str:
    """Not known yet whether they were missed."""
    text = ngettext(
        "%(number)s recent event was recovered; its webhook may still arrive.",
        "%(number)s recent events were recovered; their webhooks may still arrive.",
        count,
    )
    return text % {"number": number(count)}


def between(first: datetime, last: datetime) -> str:
    """at 02:10 UTC on 22 Nov; between 02:10 and 02:31 UTC on 22 Nov; with both days where they differ."""
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    facts = {
        "start": f"{first:%H:%M}",
        "end": f"{last:%H:%M}",
        "day": day_of_year(first),
        "last_day": day_of_year(last),
    }
    if first.date() == last.date() and facts["start"] == facts["end"]:
        return _("at %(start)s UTC on %(day)s") % facts
    if first.date() == last.date():
        return _("between %(start)s and %(end)s UTC on %(day)s") % facts
    return _("between %(day)s, %(start)s and %(last_day)s, %(end)s UTC") % facts


def progress(run: ReconcileRun, waiting: int) -> str:
    """What a running one is doing now."""
    if run.trouble:
        return " ".join((recorded.shown(run.trouble), _("It will be retried.")))
    if not run.listed:
        return _("Reading which conversations changed.")
    text = ngettext(
        "%(number)s conversation read, %(waiting)s to go.",
        "%(number)s conversations read, %(waiting)s to go.",
        run.conversations,
    )
    return text % {"number": number(run.conversations), "waiting": number(waiting)}
