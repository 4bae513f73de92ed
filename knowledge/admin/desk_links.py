"""Where a reply is shown: on its own page, or in the pane beside the queue. Only addresses; desk.py draws the page.

A request belongs to the pane if it is for the queue's page, or if its address carries `pane`: the filter of the list.
So a form in the pane leads back to the pane, without a script.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from webhooks.models import Conversation

from ..models import Draft
from . import queue_filters

Shown = Draft | Conversation
PANE = "pane"
OPEN = {Draft: "draft", Conversation: "conversation"}
PAGES = {
    Draft: "admin:knowledge_draft_change",
    Conversation: "admin:webhooks_conversation_change",
}


def queue_url(filters: dict[str, Any] | None = None) -> str:
    return reverse("admin:knowledge_draft_queue") + (f"?{urlencode(filters)}" if filters else "")


def filters_of(query: str) -> dict[str, str]:
    """The filter in a query string of the queue's page, without what its pane shows."""
    return {
        name: value
        for name, value in QueryDict(query).dict().items()
        if name in (*queue_filters.NAMES, "show")
    }


def beside(request: HttpRequest) -> dict[str, str] | None:
    """The filter of the list beside the reply; None: the reply has a page of its own."""
    if PANE in request.GET:
        return filters_of(request.GET[PANE])
    return filters_of(request.GET.urlencode()) if request.path == queue_url() else None


def filters_to_keep(request: HttpRequest) -> dict[str, str]:
    """The filter that “Next” keeps to: of the list beside, or the one that this tab's queue last had."""
    found = beside(request)
    return filters_of(request.POST.get("queue", "")) if found is None else found


def suffix(request: HttpRequest) -> str:
    """What the address of a form needs so that its answer is shown in the same place."""
    found = beside(request)
    return "" if found is None else f"?{urlencode({PANE: urlencode(found)})}"


def page_of(shown: Shown) -> str:
    return reverse(PAGES[type(shown)], args=[shown.pk])


def pane_of(shown: Shown, filters: dict[str, str]) -> str:
    return queue_url(filters | {OPEN[type(shown)]: str(shown.pk)})


def to(request: HttpRequest, shown: Shown) -> str:
    """Where this person sees it: in the pane if they are there, else on its page."""
    found = beside(request)
    return page_of(shown) if found is None else pane_of(shown, found)
