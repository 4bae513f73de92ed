"""What surrounds a reply: a page of its own, the pane beside the queue, or a frame in Chatwoot. Its template is the same."""

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.models import Conversation

from ..models import Draft
from . import desk_links, queue_live
from .desk_links import Shown

NOTHING = "knowledge/pane_empty.html"


class Frame(Protocol):
    """Another place for the page: its addresses, and what its templates need."""

    def at(self, draft: Draft, page: str) -> str: ...

    @property
    def facts(self) -> dict[str, Any]: ...


def answer(
    model_admin: Any, request: HttpRequest, template: str, *, title: str, shown: Shown | None = None, status: int = 200,
    frame: Frame | None = None, **facts: Any,
) -> HttpResponse:  # fmt: skip
    """template: what the frame goes around. An open queue asks for the pane alone, by the header X-Fragment: pane."""
    filters = desk_links.beside(request)
    facts |= {
        "reply_template": template, "in_pane": filters is not None, "here": desk_links.to(request, shown) if shown else "",
        "next_url": reverse("admin:knowledge_draft_next") + desk_links.suffix(request),
    }  # fmt: skip
    if frame:
        return model_admin.page(
            request, "knowledge/inside_reply.html", title=title, status=status, **(facts | frame.facts)
        )
    if filters is None:
        return model_admin.page(request, "knowledge/reply.html", title=title, status=status, **facts)
    if request.headers.get("X-Fragment") == "pane":
        return render(request, "knowledge/pane.html", facts | {"title": title}, status=status)
    listed = queue_live.page(
        request, access.person(request), filters, shown=_conversation(shown), now=clock.now()
    )
    return model_admin.page(
        request,
        "knowledge/queue.html",
        title=_("Queue"),
        reply_title=title,
        status=status,
        **(listed | facts),
    )


def _conversation(shown: Shown | None) -> int | None:
    if shown is None:
        return None
    return shown.pk if isinstance(shown, Conversation) else shown.conversation_id
