"""Retry policies as readable text: each attempt, and when a delivery is given up. Pure: no database, no clock, no HTML."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..deliveries.retry import Policy
from .formats import clock_time, number, span

MOST_TIMES = 50  # retry.preview returns no more than this


def end(policy: Policy, times: list[datetime]) -> str:
    """When a delivery that always fails is given up, in one line. `times` are from retry.preview."""
    if len(times) == 1:
        return _("at the first failure")
    facts = {"count": len(times), "span": span((times[-1] - times[0]).total_seconds())}
    if len(times) >= policy.max_attempts:
        return (
            ngettext(
                "after %(count)s attempt in %(span)s", "after %(count)s attempts in %(span)s", len(times)
            )
            % facts
        )
    if policy.max_age is not None and len(times) < MOST_TIMES:
        return _("after %(span)s, before it is %(age)s old") % (facts | {"age": span(policy.max_age)})
    most = {"number": number(policy.max_attempts)}
    return ngettext("after %(number)s attempt", "after %(number)s attempts", policy.max_attempts) % most


def preview(policy: Policy, times: list[datetime], *, now: datetime) -> list[str]:
    """A line for each attempt, and how it ends, for a delivery received now. `times` are from retry.preview."""
    lines = [_("attempt 1 at once")]
    for count, at in enumerate(times[1:], start=2):
        facts = {
            "number": count,
            "at": clock_time(at, now=now),
            "span": span((at - times[0]).total_seconds()),
        }
        lines.append(_("attempt %(number)s at %(at)s (after %(span)s)") % facts)
    return [*lines, _last_line(policy, times, clock_time(times[-1], now=now))]


def _last_line(policy: Policy, times: list[datetime], last: str) -> str:
    if len(times) >= policy.max_attempts and len(times) == 1:
        return _("gives up at the first failure")
    if len(times) >= policy.max_attempts:
        return _("gives up at %(at)s") % {"at": last}
    if policy.max_age is not None and len(times) < MOST_TIMES:
        facts = {"at": last, "age": span(policy.max_age)}
        return _("gives up at %(at)s: the next attempt would be more than %(age)s after it was due") % facts
    return _("and so on, up to %(count)s attempts") % {"count": number(policy.max_attempts)}
