"""“Take the next”, and what leads on to it: the most urgent customer on screen that nobody else has."""

import contextlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.models import Conversation

from ..models import Draft, ReadsLanguages
from ..queue import assignments, queue
from ..queue.queue import State, Waiting
from ..replies import decisions
from ..replies.states import Refused
from ..text.languages import NONE
from . import desk_links, queue_filters

# Nothing to decide, or not for the next person.
TAKEN = (State.ON_ITS_WAY, State.RETRYING, State.DRAFTING, State.PARKED)


def take(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The most urgent unassigned customer in a language that this person reads; then this person's own.

    This claims the draft or assigns the customer, so it takes a POST. A link only opens the queue.
    """
    model_admin.require(request, "drafts")
    if request.method != "POST":
        return HttpResponseRedirect(model_admin.url("queue"))
    return lead_on(request)


def lead_on(request: HttpRequest, *, but: int | None = None) -> HttpResponse:
    """To the next customer, in the pane or on a page of their own. The filter on screen holds (desk_links).

    but: the conversation that was just dealt with, which may still be waiting.
    """
    user, now, query = access.person(request), clock.now(), desk_links.filters_to_keep(request)
    waiting = [row for row in queue.waiting(user, now=now) if row.conversation.pk != but]
    found = queue_filters.apply(waiting, query, me=user)
    row = next_of(found.rows, me=user, reads=[] if query.get("language") else reads(user))
    if row is None:
        return _at_the_end(request, query if found.is_chosen else {})
    with contextlib.suppress(Refused):  # another person was faster: the page shows who
        if row.draft and not (row.is_own_stop and row.stopped):
            decisions.claim(row.draft, by=user, now=now)
        elif row.draft is None and row.owner is None and not row.is_own_stop:
            # Without a draft to claim, this assigns the customer.
            assignments.assign(row.conversation, owner=user, by=user, now=now)
    return HttpResponseRedirect(desk_links.to(request, shown(row)))


def _at_the_end(request: HttpRequest, query: dict[str, str]) -> HttpResponse:
    said = _("No more customers match this filter.") if query else _("No more customers are waiting for you.")
    messages.info(request, said)
    return HttpResponseRedirect(desk_links.queue_url(query))


def next_of(rows: list[Waiting], *, me: User, reads: list[str]) -> Waiting | None:
    """rows: most urgent first. Never one that another person has. reads: codes of languages; empty: all."""
    open_to = [
        row for row in rows if set(row.holders) <= {me} and (row.is_own_stop or row.state not in TAKEN)
    ]
    stopped = [row for row in open_to if row.is_own_stop]
    free = [row for row in open_to if not row.holders and _can_work_on(row)]
    # A picture without words is for everybody.
    readable = [row for row in free if not reads or row.language in (*reads, NONE)]
    mine = [row for row in open_to if row.holders]
    return next(iter(stopped + readable + mine), None)


def _can_work_on(row: Waiting) -> bool:
    """A second look is only for the people who may give it."""
    return row.state != State.SECOND_LOOK or row.is_second_look


def reads(user: User) -> list[str]:
    """The languages of the customers that “Next” brings; empty: all."""
    row = ReadsLanguages.objects.filter(user=user).first()
    return row.languages if row else []


def shown(row: Waiting) -> Draft | Conversation:
    """What the row leads to: this person's stopped reply, the draft, or the conversation to answer without a draft."""
    draft: Draft | None = row.stopped if row.is_own_stop else row.draft or row.stopped
    return draft or row.conversation
