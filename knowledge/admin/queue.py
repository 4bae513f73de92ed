"""The queue as a page: rows, filters, updates for an open page, Next, and what is done to selected rows.

Several replies cannot be approved at once: a person reads each one.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.models import Conversation

from ..drafting import redrafting
from ..models import ReadsLanguages
from ..queue import assignments, queue
from ..queue.queue import State, Waiting
from ..replies import outages
from ..replies.states import Refused
from ..search import articles
from ..text.languages import NAMES, UNKNOWN
from ..text.languages import shown as name_of
from . import conversations, desk, desk_links, draft_page, queue_live, queue_next, saved_filters
from .draft_form import number

Page = Callable[..., HttpResponse]
NEAR = 30  # rows that a page may request drafts for at a time
MOST = 200
Act = Callable[[Waiting, QueryDict, User, datetime], None]
DECIDED = (State.ON_ITS_WAY, State.RETRYING, State.PARKED)


def urls(model_admin: Any) -> list[URLPattern]:
    """Below the list of drafts in the admin."""
    view = model_admin.admin_site.admin_view

    def at(where: str, name: str, page: Page) -> URLPattern:
        return path(where, view(partial(page, model_admin)), name=model_admin.url_name(name))

    def posted(where: str, name: str, page: Page) -> URLPattern:
        return path(where, view(require_POST(partial(page, model_admin))), name=model_admin.url_name(name))

    return [
        at("queue/", "queue", show),
        at("next/", "next", queue_next.take),
        at("queue/dismissed/", "dismissed", dismissed),
        at("outages/", "outages", outages_now),
        posted("queue/near/", "near", near),
        posted("queue/languages/", "languages", languages),
        posted("queue/selected/", "selected", selected),
        posted("queue/filters/", "filters", saved_filters.change),
        posted("queue/dismissed/<int:object_id>/put-back/", "put-back", put_back),
    ]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The list, and the reply that `draft` or `conversation` names in the pane beside it; for an open page, one of the two."""
    model_admin.require(request, "drafts")
    if request.headers.get("X-Fragment") == "1":
        facts = queue_live.live(
            access.person(request),
            desk_links.filters_of(request.GET.urlencode()),
            shown=None,
            now=clock.now(),
        )
        return render(request, "knowledge/queue_live.html", facts)
    for kind, at in (("draft", _draft), ("conversation", _conversation)):
        if found := number(request.GET.get(kind)):
            return at(model_admin, request, found)
    return desk.answer(model_admin, request, desk.NOTHING, title=_("Queue"))


def _draft(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    return draft_page.show(model_admin, request, model_admin.find(request, object_id))


def _conversation(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    theirs = model_admin.admin_site.get_model_admin(Conversation)
    return conversations.show(theirs, request, theirs.find(request, object_id))


def outages_now(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The banner of an open page: empty while replies are sent."""
    if not outages.concern(access.person(request)):
        raise PermissionDenied
    found = outages.current(access.person(request), now=clock.now())
    return render(request, "knowledge/outages_now.html", {"outages": found})


def near(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Rows that a person comes near, as the page reports them. Those without a draft get one requested, once."""
    model_admin.require(request, "drafts")
    user, now = access.person(request), clock.now()
    reported = {found for one in request.POST.getlist("id")[:NEAR] if (found := number(one))}
    for row in queue.waiting(user, now=now):
        if row.conversation.pk in reported and row.state == State.NONE:
            redrafting.ask_near(row.conversation, now=now)
    return HttpResponse(status=204)


def languages(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "drafts")
    known = {*NAMES, *articles.languages(), UNKNOWN}
    chosen = [name for name in dict.fromkeys(request.POST.getlist("language")) if name in known]
    everything = not chosen or {*articles.languages(), UNKNOWN} <= set(chosen)
    ReadsLanguages.objects.update_or_create(
        user=access.person(request), defaults={"languages": [] if everything else chosen}
    )
    text = _("any language") if everything else _and(chosen)
    return model_admin.back_to(
        request, "queue", said=_("“Next” shows customers who write in %(text)s.") % {"text": text}
    )


def _and(codes: list[str]) -> str:
    word = _("and")
    return f" {word} ".join(map(name_of, codes))


# Selected rows: assign, dismiss, regenerate


def selected(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "drafts")
    user, now, sent = access.person(request), clock.now(), request.POST
    act, said = ACTIONS.get(sent.get("verb", ""), (None, ""))
    chosen = {found for one in sent.getlist("id")[:MOST] if (found := number(one))}
    rows = [row for row in queue.waiting(user, now=now) if row.conversation.pk in chosen]
    if act is None or not rows:
        messages.error(request, _("Nothing to do: select customers who are still waiting."))
    else:
        _run(request, act, rows, said=said, user=user, now=now)
    return HttpResponseRedirect(desk_links.queue_url(desk_links.filters_of(sent.get("query", ""))))


def _run(
    request: HttpRequest, act: Act, rows: list[Waiting], *, said: str | Promise, user: User, now: datetime
) -> None:
    done = 0
    refused: dict[str, list[str]] = {}
    for row in rows:
        try:
            act(row, request.POST, user, now)
            done += 1
        except Refused as error:
            refused.setdefault(error.detail, []).append(str(row.conversation.contact or row.conversation))
    if done:
        messages.success(request, said % {"n": done})
    for detail, names in refused.items():
        shown = ", ".join(names[:3])
        if len(names) > 3:
            shown = _("%(names)s and %(n)s more") % {"names": shown, "n": len(names) - 3}
        messages.error(
            request, _("Not changed for %(names)s: %(detail)s") % {"names": shown, "detail": detail}
        )


def _assign(row: Waiting, sent: QueryDict, user: User, now: datetime) -> None:
    wanted = sent.get("owner", "")
    owner = assignments.colleagues(user).filter(pk=number(wanted) or 0).first()
    if wanted != "nobody" and owner is None:
        raise Refused("owner", _("Choose a person."))
    assignments.assign(row.conversation, owner=owner, by=user, now=now)


def _dismiss(row: Waiting, sent: QueryDict, user: User, now: datetime) -> None:
    assignments.dismiss(row.conversation, reason=sent.get("reason", ""), by=user, now=now)


def _redraft(row: Waiting, sent: QueryDict, user: User, now: datetime) -> None:
    if row.state in DECIDED:
        raise Refused("already_decided", _("A reply is being sent or is parked."))
    if row.draft:
        redrafting.ask(row.draft, instructions="", by=user, now=now)
    elif row.state != State.DRAFTING:
        redrafting.ask_first(row.conversation, now=now)


ACTIONS: dict[str, tuple[Act, str | Promise]] = {
    "assign": (_assign, ngettext_lazy("Assigned: %(n)s customer.", "Assigned: %(n)s customers.", "n")),
    "dismiss": (
        _dismiss,
        ngettext_lazy(
            "Dismissed: %(n)s customer. A customer who writes again returns to the queue.",
            "Dismissed: %(n)s customers. A customer who writes again returns to the queue.",
            "n",
        ),
    ),
    "redraft": (
        _redraft,
        ngettext_lazy(
            "New drafts are being written for %(n)s customer. The old ones stay until they are ready.",
            "New drafts are being written for %(n)s customers. The old ones stay until they are ready.",
            "n",
        ),
    ),
}


def dismissed(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "drafts")
    user = access.person(request)
    return model_admin.page(
        request, "knowledge/queue_dismissed.html", title=_("Dismissed from the queue"), rows=queue.dismissed(user)[:MOST],
        queue_url=model_admin.url("queue"), may_decide=access.may(user, "decide"),
    )  # fmt: skip


def put_back(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    model_admin.require(request, "decide")
    row = queue.dismissed(access.person(request)).filter(pk=object_id).first()
    if row is None:
        raise Http404
    assignments.put_back(row, by=access.person(request), now=clock.now())
    who = row.conversation.contact or row.conversation
    return model_admin.back_to(
        request, "queue", said=_("%(who)s is back in the queue, in the same place.") % {"who": who}
    )
