"""What the queue's page does with saved filters: save, share, delete."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.accounts import access

from ..queue import saved_filters
from ..replies.states import Refused
from . import desk_links, queue_live
from .draft_form import number

VERBS = {
    "delete": (saved_filters.delete, gettext_lazy("Deleted the filter “%(name)s”.")),
    "share": (saved_filters.share, gettext_lazy("The filter “%(name)s” is now shared.")),
    "unshare": (saved_filters.unshare, gettext_lazy("The filter “%(name)s” is no longer shared.")),
}


def change(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Saves the filter on screen under a name, or deletes, shares or unshares one."""
    model_admin.require(request, "drafts")
    user, filters = access.person(request), desk_links.filters_of(request.POST.get("query", ""))
    try:
        messages.success(request, _verb(request, user) or _save(request, user, queue_live.bare(filters)))
    except Refused as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(desk_links.queue_url(filters))


def _verb(request: HttpRequest, user: User) -> str:
    """What was done to a saved filter; empty: nothing was asked."""
    for verb, (act, said) in VERBS.items():
        if key := number(request.POST.get(verb)):
            kept = saved_filters.seen(user, key)
            act(kept, by=user)
            return str(said) % {"name": kept.name}
    return ""


def _save(request: HttpRequest, user: User, query: str) -> str:
    name = " ".join(request.POST.get("name", "").split())[:40]
    if not name or not query:
        raise Refused("no_filter", _("Choose a filter first, then give it a name."))
    saved_filters.save(name=name, query=query, shared="shared" in request.POST, by=user)
    return _("Saved the filter “%(name)s”.") % {"name": name}
