"""The sidebar, one table: title, icon, address, the right that shows it, and what its badge counts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from knowledge import queue
from webhooks import access
from webhooks.models import Delivery

DEAD = "?status__exact=DEAD"


def stylesheet(request: HttpRequest) -> str:
    return static("support/site.css")


def icon(request: HttpRequest) -> str:
    return static("support/icon.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups and items as the theme wants them. Called once a page."""
    dead = _count(request, "deliveries", lambda: Delivery.objects.filter(status="DEAD").count())
    waiting = _count(request, "drafts", lambda: queue.conversations(access.person(request)).count())
    return [
        _group(
            "Work",
            _item(request, "Dashboard", "dashboard", "index", None),
            _item(
                request, "Queue", "inbox", "knowledge_draft_queue", "drafts", badge=waiting, variant="primary"
            ),
            _item(request, "Drafts", "rate_review", "knowledge_draft_changelist", "drafts"),
            _item(request, "Conversations", "forum", "webhooks_conversation_changelist", "drafts"),
            _item(request, "Escalations", "priority_high", "knowledge_escalation_changelist", "drafts"),
            _item(request, "Articles", "menu_book", "knowledge_article_changelist", "articles"),
            _item(request, "Inboxes", "all_inbox", "webhooks_inbox_changelist", "inboxes"),
        ),
        _group(
            "Wire",
            _item(request, "Deliveries in", "call_received", "webhooks_incoming_changelist", "deliveries"),
            _item(request, "Deliveries out", "call_made", "webhooks_outgoing_changelist", "deliveries"),
            _item(
                request,
                "Dead letters",
                "heart_broken",
                "webhooks_delivery_changelist",
                "deliveries",
                query=DEAD,
                badge=dead,
            ),
            _item(
                request, "Retry policies", "autorenew", "webhooks_retrypolicy_changelist", "retry_policies"
            ),
            _item(request, "Sources", "hub", "webhooks_source_changelist", "deliveries"),
            _item(request, "Sending", "outgoing_mail", "webhooks_sendingswitch_changelist", "switches"),
        ),
        _group(
            "People",
            _item(request, "Users", "person", "auth_user_changelist", "connections"),
            _item(request, "Groups", "groups", "auth_group_changelist", "connections"),
        ),
    ]


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": title != "Work", "items": list(items)}


def _item(
    request: HttpRequest, title: str, icon: str, page: str, right: str | None, *, query: str = "", badge: int = 0,
    variant: str = "danger",
) -> dict[str, Any]:  # fmt: skip
    link = reverse(f"admin:{page}")
    allowed = right is None or access.may(request.user, right)
    return {
        "title": title, "icon": icon, "link": link + query, "permission": lambda request: allowed,
        "active": lambda request: _is_active(request.path, link),
        **({"badge": f"{badge:,}", "badge_variant": variant} if badge else {}),
    }  # fmt: skip


def _is_active(path: str, link: str) -> bool:
    """The queue lies below the drafts' address, and everything below the index's."""
    queue_page = reverse("admin:knowledge_draft_queue")
    if path == queue_page or link == reverse("admin:index"):
        return path == link
    return path.startswith(link)


def _count(request: HttpRequest, right: str, count: Callable[[], int]) -> int:
    return count() if access.may(request.user, right) else 0
