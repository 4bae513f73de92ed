"""The queue as a page: rows, filters, news for an open page, Next. What is done to selected rows is in queue_acts.py."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from webhooks.accounts import access

from ..calendars import inbox_calendars
from ..drafting import redrafting
from ..models import Draft, ReadsLanguages
from ..queue import assignments, queue
from ..queue.queue import State, Waiting
from ..text.languages import NONE
from . import queue_actions, queue_arrivals, queue_filters
from .conversation_page import draft_url
from .draft_form import number

Page = Callable[..., HttpResponse]
STEP = 100  # rows on the page before “show more”
NEAR = 30  # rows that one page asks drafts for at a time
TAKEN = (State.ON_ITS_WAY, State.DRAFTING, State.PARKED)  # nothing to decide, or not for whoever comes next


def urls(model_admin: Any) -> list[URLPattern]:
    """Below the list of drafts in the admin."""
    view = model_admin.admin_site.admin_view

    def at(where: str, name: str, page: Page) -> URLPattern:
        return path(where, view(partial(page, model_admin)), name=model_admin.url_name(name))

    def posted(where: str, name: str, page: Page) -> URLPattern:
        return path(where, view(require_POST(partial(page, model_admin))), name=model_admin.url_name(name))

    return [
        at("queue/", "queue", show),
        at("next/", "next", take_next),
        at("queue/dismissed/", "dismissed", queue_actions.dismissed),
        posted("queue/near/", "near", near),
        posted("queue/languages/", "languages", languages),
        posted("queue/selected/", "selected", queue_actions.selected),
        posted("queue/dismissed/<int:object_id>/put-back/", "put-back", queue_actions.put_back),
    ]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The page; for a page that is open already, what has become of its list."""
    model_admin.require(request, "drafts")
    facts = _live(request, access.person(request), now=timezone.now())
    if request.headers.get("X-Fragment"):
        return render(request, "knowledge/queue_live.html", facts)
    return model_admin.page(
        request, "knowledge/queue.html", title="Queue", near_url=model_admin.url("near"),
        selected_url=model_admin.url("selected"), languages_url=model_admin.url("languages"),
        people=assignments.people(), may_decide=access.may(request.user, "decide"),
        languages=queue_filters.LANGUAGES, reads=_reads(access.person(request)), **facts,
    )  # fmt: skip


def _live(request: HttpRequest, user: User, *, now: datetime) -> dict[str, Any]:
    rows = queue.waiting(user, now=now)
    asked = request.GET.dict()
    found = queue_filters.apply(rows, asked, me=user.get_username())
    most = max(number(asked.get("show", "")) or STEP, STEP)
    more = {key: value for key, value in asked.items() if key != "show"} | {"show": str(most + STEP)}
    return {
        "total": len(rows), "found": found, "rows": [(row, address(row)) for row in found.rows[:most]],
        "left": max(len(found.rows) - most, 0), "more_link": f"?{urlencode(more)}", "query": request.GET.urlencode(),
        "arrivals": queue_arrivals.arrivals(rows, inbox_calendars.in_force().default, now=now),
        "late": sum(row.reply_due_at < now for row in rows), "dismissed": queue.dismissed(user).count(),
        "me": user.get_username(), "now": now,
    }  # fmt: skip


def near(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The rows that a person comes near, as their page tells: those without a fresh draft get one asked for, once."""
    model_admin.require(request, "drafts")
    user, now = access.person(request), timezone.now()
    told = {found for one in request.POST.getlist("id")[:NEAR] if (found := number(one))}
    for row in queue.waiting(user, now=now):
        if row.conversation.pk in told and row.state == State.NONE:
            redrafting.ask_near(row.conversation, now=now)
    return HttpResponse(status=204)


def languages(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "drafts")
    chosen = [name for name in queue_filters.LANGUAGES if name in request.POST.getlist("language")]
    everything = len(chosen) in (0, len(queue_filters.LANGUAGES))
    ReadsLanguages.objects.update_or_create(
        user=access.person(request), defaults={"languages": [] if everything else chosen}
    )
    words = "every language" if everything else " and ".join(queue_filters.LANGUAGES[name] for name in chosen)
    return model_admin.back_to(request, "queue", said=f"Next brings you customers who write in {words}.")


def _reads(user: User) -> list[str]:
    row = ReadsLanguages.objects.filter(user=user).first()
    return row.languages if row and row.languages else list(queue_filters.OTHERS_TOO)


def take_next(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The most urgent that nobody has, in a language this person reads; then what is this person's own already."""
    model_admin.require(request, "drafts")
    user, now = access.person(request), timezone.now()
    row = next_of(queue.waiting(user, now=now), me=user.get_username(), reads=_reads(user))
    if row is None:
        messages.info(request, "Nobody else waits for you.")
        return HttpResponseRedirect(model_admin.url("queue"))
    if row.is_own_stop and row.stopped:
        return HttpResponseRedirect(draft_url(row.stopped))
    if row.draft:
        return HttpResponseRedirect(draft_url(row.draft))
    if row.owner is None:  # a draft's page claims; without one, this says whose it is
        assignments.assign(row.conversation, owner=user, by=user, now=now)
    return HttpResponseRedirect(reverse("admin:webhooks_conversation_change", args=[row.conversation.pk]))


def next_of(rows: list[Waiting], *, me: str, reads: list[str]) -> Waiting | None:
    """rows: most urgent first."""
    open_to = [row for row in rows if row.is_own_stop or row.state not in TAKEN]
    readable = [row for row in open_to if row.language in (*reads, NONE)]  # a picture alone is for everybody
    stopped = [row for row in open_to if row.is_own_stop and row.claimed_by in (None, me)]
    whose = queue_filters.whose
    unclaimed = [row for row in readable if whose(row, me) == queue_filters.UNCLAIMED]
    mine = [row for row in open_to if whose(row, me) == queue_filters.MINE]
    return next(iter(stopped + unclaimed + mine), None)


def address(row: Waiting) -> str:
    """Where the row leads: to one's own stopped reply, the draft, or the conversation, to answer it without one."""
    draft: Draft | None = row.stopped if row.is_own_stop else row.draft or row.stopped
    if draft:
        return draft_url(draft)
    return reverse("admin:webhooks_conversation_change", args=[row.conversation.pk])
