"""What the queue's list shows: its rows, filters and figures, for the whole page and for the refresh of an open one."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse

from webhooks.accounts import access

from ..calendars import inbox_calendars
from ..queue import assignments, queue, saved_filters
from ..queue.queue import Waiting
from ..search import articles
from ..text.languages import UNKNOWN
from . import desk_links, draft_presence, queue_arrivals, queue_filters, queue_next
from .draft_form import number

STEP = 100  # rows on the page before “show more”
CLOSE = timedelta(minutes=15)  # a due time this near is coloured


def page(
    request: HttpRequest, user: User, filters: dict[str, str], *, shown: int | None, now: datetime
) -> dict[str, Any]:
    """shown: the conversation in the pane."""
    reads = queue_next.reads(user)

    def at(name: str) -> str:
        return reverse(f"admin:knowledge_draft_{name}")

    return live(user, filters, shown=shown, now=now) | {
        "near_url": at("near"), "selected_url": at("selected"), "languages_url": at("languages"),
        "filters_url": at("filters"), "people": assignments.colleagues(user), "may_decide": access.may(request.user, "decide"),
        "languages": queue_filters.languages_of((), known=(*articles.languages(), *reads, UNKNOWN)), "reads": reads,
    }  # fmt: skip


def live(user: User, filters: dict[str, str], *, shown: int | None, now: datetime) -> dict[str, Any]:
    rows = queue.waiting(user, now=now)
    found = queue_filters.apply(rows, filters, me=user)
    most = max(number(filters.get("show", "")) or STEP, STEP)
    listed = found.rows[:most]
    viewing = draft_presence.by_draft([row.draft for row in listed if row.draft], than=user, now=now)
    query = urlencode(filters)
    return {
        "total": len(rows), "found": found, "left": max(len(found.rows) - most, 0), "query": query,
        "rows": [_row(row, filters, viewing=viewing, now=now) for row in listed],
        "more_link": f"?{urlencode(filters | {'show': str(most + STEP)})}", "live_url": desk_links.queue_url(filters),
        "pane_next_url": f"{reverse('admin:knowledge_draft_next')}?{urlencode({desk_links.PANE: query})}",
        "arrivals": queue_arrivals.arrivals(rows, inbox_calendars.in_force().default, now=now),
        "late": sum(row.reply_due_at < now for row in rows), "dismissed": queue.dismissed(user).count(),
        "me": user, "now": now, "shown": shown,
    } | _saved(user, bare(filters))  # fmt: skip


def _saved(user: User, query: str) -> dict[str, Any]:
    kept = [(one, saved_filters.may_change(one, user)) for one in saved_filters.seen_by(user)]
    return {
        "saved_filters": kept, "is_saved": any(one.query == query for one, _ in kept), "bare_query": query,
        "may_share": saved_filters.may_share(user),
    }  # fmt: skip


def bare(filters: dict[str, str]) -> str:
    """As a filter is saved: without how many rows are shown, in one order."""
    return urlencode(sorted((name, value) for name, value in filters.items() if name != "show"))


def _row(
    row: Waiting, filters: dict[str, str], *, viewing: dict[int, list[str]], now: datetime
) -> dict[str, Any]:
    window = row.window_closes_at
    is_window = window is not None and window < row.reply_due_at
    due = window if window is not None and is_window else row.reply_due_at
    return {
        "row": row, "address": desk_links.page_of(queue_next.shown(row)),
        "pane": desk_links.pane_of(queue_next.shown(row), filters), "due": due, "is_window": is_window,
        "urgency": "s-late" if due < now else "s-close" if due < now + CLOSE else "s-quiet",
        "viewing": viewing.get(row.draft.pk, []) if row.draft else [],
    }  # fmt: skip
