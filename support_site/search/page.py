"""The search of every page: a page of its own, and the list in the palette that Ctrl+K opens (the theme's, fed from here).

The theme's own search is not used: it keeps answers for five minutes, even after an erasure or a lost right.
"""

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.mirror.message_index import Query

from . import kinds


def show(request: HttpRequest) -> TemplateResponse:
    """The palette asks through htmx, and gets the list alone."""
    in_palette = "HX-Request" in request.headers
    query, user = Query.of(request.GET.get("q", "")), access.person(request)
    facts = {"query": query, "groups": kinds.find(query, user, now=clock.now()), "kinds": kinds.of(user)}
    if in_palette:
        answer = TemplateResponse(request, "support/search_palette.html", facts)
    else:
        context = {**admin.site.each_context(request), "title": _("Search"), **facts}
        answer = TemplateResponse(request, "support/search.html", context)
    return answer
