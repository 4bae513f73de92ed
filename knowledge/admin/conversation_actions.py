"""The buttons of a conversation: request a draft, say that no reply is needed, which leads to the next, or comment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.models import Conversation

from ..drafting import absence, redrafting
from ..queue import assignments, queue
from ..replies import comments
from ..replies.states import Refused
from . import desk_links, queue_next
from .draft_form import number

# Verb → the reason kept with a dismissal, and whether the conversation is resolved in Chatwoot as well.
DISMISSALS = {
    "no-reply": ("No reply needed.", False),
    "resolve": ("Resolved without a reply.", True),
}
VERBS = ("draft-now", *DISMISSALS, "comment", "absence")
STOP_POLLING = 286  # htmx's own status: stop polling


def urls(model_admin: Any) -> list[URLPattern]:
    """Below a conversation's page. A GET after signing in again shows that page."""

    def at(verb: str) -> URLPattern:
        def view(request: HttpRequest, object_id: int) -> HttpResponse:
            return answer(model_admin, request, model_admin.find(request, object_id), verb)

        where = f"<int:object_id>/{verb}/"
        return path(where, model_admin.admin_site.admin_view(view), name=model_admin.url_name(verb))

    return [at(verb) for verb in VERBS]


def answer(model_admin: Any, request: HttpRequest, about: Conversation, verb: str) -> HttpResponse:
    if verb == "absence":
        return _absence(model_admin, request, about)
    page = HttpResponseRedirect(desk_links.to(request, about))
    if request.method != "POST":
        return page
    user, now = access.person(request), clock.now()
    try:
        if verb == "comment":
            return _comment(request, about)
        if verb == "draft-now":
            if not absence.of(about, now=now).under_way:  # a second click asks for nothing
                redrafting.ask_first(about, now=now)
            return page
        reason, resolve = DISMISSALS[verb]
        assignments.dismiss(about, reason=reason, by=user, now=now, resolve=resolve)
    except Refused as error:
        messages.error(request, error.detail)
        return page
    done = _("The conversation will be resolved.") if resolve else _("Removed from the queue.")
    name = about.contact or _("The customer")
    messages.success(
        request, format_html('{}: {} {} <a href="{}">Open again</a>', name, reason, done, page.url)
    )
    return queue_next.lead_on(request, but=about.pk)


def _comment(request: HttpRequest, about: Conversation) -> HttpResponse:
    """Back to the draft beside which it was written, if it was. Raises Refused."""
    _row, people, unknown = comments.add(
        about, by=access.person(request), text=request.POST.get("text", ""), now=clock.now(),
        in_chatwoot="in_chatwoot" in request.POST,
    )  # fmt: skip
    said = [_("Comment added.")]
    if people:
        said.append(_("Notified: %(people)s.") % {"people": ", ".join(map(str, people))})
    if unknown:
        said.append(
            _("Nobody with access to this inbox is called %(unknown)s.")
            % {"unknown": ", ".join("@" + name for name in unknown)}
        )
    messages.success(request, " ".join(said))
    draft = about.drafts.filter(pk=number(request.POST.get("draft")) or 0).first()
    return HttpResponseRedirect(desk_links.to(request, draft or about))


def _absence(model_admin: Any, request: HttpRequest, about: Conversation) -> HttpResponse:
    """The reason why there is no draft, for a page that is open while one is being written."""
    draft = about.drafts.filter(status__in=queue.SHOWN).order_by("-pk").first()
    found = None if draft or about.waiting_message_id is None else absence.of(about, now=clock.now())
    return render(
        request, "knowledge/absence.html",
        {"absence": found, "open_draft": draft, "fresh": True, "open_url": desk_links.to(request, draft) if draft else ""},
        status=200 if found and found.under_way else STOP_POLLING,
    )  # fmt: skip
