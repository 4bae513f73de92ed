"""Deliveries as readable text: where one came from, what holds it, what happens next. Pure: no database, no clock, no HTML."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..deliveries.retry import Policy
from ..models import Delivery
from . import timeline
from .formats import RUNBOOK, clock_time, moment, number, span

# Why a delivery is held, in a word.
HELD_FOR = {
    "paused": gettext_lazy("paused"),
    "credentials": gettext_lazy("credentials"),
    "rule": gettext_lazy("rule"),
}
HELD = {
    "paused": gettext_lazy(
        "Held because its source is not active. Resuming the source processes or discards it."
    ),
    "credentials": gettext_lazy(
        "Held because Chatwoot refuses the source's token. It continues after a successful token check."
    ),
    "rule": gettext_lazy("Held until a person releases it."),
}
ORIGINS = {
    "webhook": gettext_lazy("Chatwoot's webhook"),
    "reconciled": gettext_lazy("found by a reconciliation run"),
    "simulated": gettext_lazy("the simulated Chatwoot"),
    "desk": gettext_lazy("this site"),
}


def origin(row: Delivery) -> str:
    text = ORIGINS.get(row.origin, row.origin)
    return (
        _("%(origin)s, stored on disk until the database was back") % {"origin": text}
        if row.spooled
        else str(text)
    )


def trouble(row: Delivery) -> str:
    """The key in RUNBOOK for a delivery's problem, or an empty string."""
    if row.status == "HELD":
        return row.held_for
    if row.status == "PENDING":
        return "retrying" if row.budget_used and row.last_error else ""
    return row.status if row.status in RUNBOOK else ""


def outlook(row: Delivery, policy: Policy, *, ahead: timeline.Ahead, now: datetime) -> str:
    """What happens next to a delivery and when, or how it ended. Times are in the zone of `now`."""
    if row.status == "PENDING":
        return _outlook_of_pending(row, policy, ahead=ahead, now=now)
    tries = {"count": row.attempts}
    if row.status == "HELD":
        return str(HELD[row.held_for])
    if row.status == "DEAD" and not row.attempts:
        return _("Not tried: this is not a Chatwoot event.")
    if row.status == "DEAD":
        return (
            ngettext("Failed after %(count)s attempt.", "Failed after %(count)s attempts.", row.attempts)
            % tries
        )
    if row.status == "CANCELLED":
        return _("Cancelled: it was no longer needed.")
    if row.duplicate_of_id:
        return _("Done: a duplicate of delivery %(number)s, so nothing ran twice.") % {
            "number": row.duplicate_of_id
        }
    return ngettext("Done after %(count)s attempt.", "Done after %(count)s attempts.", row.attempts) % tries


def _outlook_of_pending(row: Delivery, policy: Policy, *, ahead: timeline.Ahead, now: datetime) -> str:
    attempt = row.budget_used + (row.running_since is None)
    which = {"number": attempt, "all": _attempts_in_all(row, policy, attempt, ahead)}
    if row.running_since:
        since = moment(row.running_since, now=now)
        text = _("Attempt %(number)s of %(all)s has been running since %(at)s") % (which | {"at": since})
    elif row.next_attempt_at and row.next_attempt_at > now:
        wait = span((row.next_attempt_at - now).total_seconds())
        at = clock_time(row.next_attempt_at, now=now)
        text = _("Attempt %(number)s of %(all)s at %(at)s (in %(wait)s)") % (which | {"at": at, "wait": wait})
    else:
        text = _("Attempt %(number)s of %(all)s as soon as a worker is free") % which
    if attempt == 1 or ahead.gives_up is None:
        return text + "."
    facts = {"what": text, "at": clock_time(ahead.gives_up, now=now)}
    if policy.jitter and len(ahead.times) > 1:
        return _("%(what)s; gives up at about %(at)s if it keeps failing.") % facts
    return _("%(what)s; gives up at %(at)s if it keeps failing.") % facts


def _attempts_in_all(row: Delivery, policy: Policy, attempt: int, ahead: timeline.Ahead) -> str:
    """As many as the timeline lists: its maximum age may end a delivery long before the last attempt of its policy."""
    if ahead.gives_up is None:
        return number(policy.max_attempts)
    later = len(ahead.times) if row.running_since else len(ahead.times) - 1
    in_all = number(attempt + later)
    if policy.jitter and attempt + later < policy.max_attempts:
        return _("about %(count)s") % {"count": in_all}
    return in_all
