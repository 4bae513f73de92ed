"""One line about what arrived while support was closed. Pure: a calendar, rows and a time in, text out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..business_time.arithmetic import Calendar, NeverOpens, next_closing, next_opening
from ..queue.queue import Waiting

LONG = timedelta(hours=4)  # shorter breaks, such as lunch, do not count
BACK = (timedelta(days=1), timedelta(days=4), timedelta(days=16), timedelta(days=64))


@dataclass(frozen=True)
class Closed:
    since: datetime
    until: datetime | None  # None: still closed


def last_closed(calendar: Calendar, *, now: datetime) -> Closed | None:
    """The current closed period, or one that ended today. None shorter than LONG."""
    for back in BACK:
        found = _last_closed(calendar, now - back, now)
        if found is None:
            continue
        if (
            found.until
            and found.until.astimezone(calendar.zone).date() != now.astimezone(calendar.zone).date()
        ):
            return None
        return found
    return None


def _last_closed(calendar: Calendar, start: datetime, now: datetime) -> Closed | None:
    found = None
    try:
        at = next_opening(calendar, start)
        while at <= now and (closes := next_closing(calendar, at)) and closes <= now:
            opens = _opening(calendar, closes)
            if (min(opens, now) if opens else now) - closes >= LONG:
                found = Closed(closes, opens if opens and opens <= now else None)
            if opens is None or opens > now:
                break
            at = opens
    except NeverOpens:
        pass
    return found


def _opening(calendar: Calendar, at: datetime) -> datetime | None:
    try:
        return next_opening(calendar, at)
    except NeverOpens:
        return None


def arrivals(rows: Iterable[Waiting], calendar: Calendar, *, now: datetime) -> str:
    """41 arrived since Friday 17:00 and are still waiting; 33 have a new draft. Empty if none of them is waiting."""
    closed = last_closed(calendar, now=now)
    if closed is None:
        return ""
    came = [
        row
        for row in rows
        if row.waiting_since >= closed.since and (closed.until is None or row.waiting_since < closed.until)
    ]
    if not came:
        return ""
    fresh = sum(row.draft is not None for row in came)
    since = closed.since.astimezone(calendar.zone)
    at = date_format(since, "l H:i" if now - closed.since < timedelta(days=6) else "D j M H:i")
    if closed.until:
        arrived = ngettext(
            "%(n)s arrived since %(at)s and is still waiting",
            "%(n)s arrived since %(at)s and are still waiting",
            len(came),
        )
    else:
        arrived = ngettext("%(n)s arrived since %(at)s", "%(n)s arrived since %(at)s", len(came))
    drafted = (
        ngettext("%(n)s has a new draft", "%(n)s have a new draft", fresh)
        if fresh
        else _("none has a new draft")
    )
    return f"{arrived % {'n': len(came), 'at': at}}; {drafted % {'n': fresh}}"
