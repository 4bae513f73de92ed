"""The sidebar, one table: title, icon, address, the right that shows it, and what its badge counts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from knowledge import queue
from webhooks import access, counting, failure_groups, words
from webhooks.models import Alert

DEAD = "?status__exact=DEAD&muted=no"


def stylesheet(request: HttpRequest) -> str:
    return static("support/site.css")


def toast(request: HttpRequest) -> str:
    return static("support/toast.js")


def icon(request: HttpRequest) -> str:
    return static("support/icon.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups and items as the theme wants them. Called once a page."""
    dead = _count(request, "deliveries", lambda: counting.capped(failure_groups.calling()))
    alerts = _count(request, "switches", lambda: counting.capped(Alert.objects.filter(closed_at=None)))
    waiting = _count(request, "drafts", lambda: counting.capped(queue.conversations(access.person(request))))
    return [
        _group(
            "Work",
            _item(request, "Dashboard", "dashboard", "index", None),
            _item(
                request, "Queue", "inbox", "knowledge_draft_queue", "drafts", badge=waiting, variant="primary"
            ),
            _item(request, "Support SLA dashboard", "speed", "reports_clock_dashboard", "drafts"),
            _item(request, "SLA report", "monitoring", "reports_clock_report", "reports"),
            _item(request, "Weekly reports", "calendar_month", "reports_weeklyreport_changelist", "reports"),
            _item(request, "Drafts", "rate_review", "knowledge_draft_changelist", "drafts"),
            _item(request, "Conversations", "forum", "webhooks_conversation_changelist", "drafts"),
            _item(request, "Escalations", "priority_high", "knowledge_escalation_changelist", "drafts"),
            _item(request, "Articles", "menu_book", "knowledge_article_changelist", "articles"),
            _item(request, "Calendars", "schedule", "knowledge_businesscalendar_changelist", "drafts"),
            _item(request, "SLA policies", "timer", "reports_slapolicy_changelist", "drafts"),
            _item(
                request, "Escalation rules", "rule", "knowledge_escalationrule_changelist", "escalation_rules"
            ),
            _item(request, "Risk rules", "gpp_maybe", "knowledge_riskrule_changelist", "risk_rules"),
            _item(request, "Learning", "school", "knowledge_learningsignal_figures", "drafts"),
            _item(request, "Inboxes", "all_inbox", "webhooks_inbox_changelist", "inboxes"),
            _item(request, "Desk settings", "tune", "knowledge_deskinbox_changelist", "inboxes"),
            _item(request, "My Chatwoot token", "key", "knowledge_chatwoottoken_changelist", "drafts"),
        ),
        _group(
            "Wire",
            _item(
                request, "Chatwoot webhook log", "call_received", "webhooks_incoming_changelist", "deliveries"
            ),
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
                request, "Failures", "running_with_errors", "webhooks_failurenote_changelist", "deliveries"
            ),
            _item(request, "Replays", "replay", "webhooks_replayrun_changelist", "deliveries"),
            _item(request, "Missed events", "search", "webhooks_reconcilerun_changelist", "switches"),
            _item(
                request, "Retry policies", "autorenew", "webhooks_retrypolicy_changelist", "retry_policies"
            ),
            _item(request, "Sources", "hub", "webhooks_source_changelist", "deliveries"),
            _item(request, "Alerts", "notifications", "webhooks_alert_changelist", "switches", badge=alerts),
            _item(
                request,
                "Alert rules",
                "notification_settings",
                "webhooks_alertrule_changelist",
                "alert_rules",
            ),
            _item(request, "Source modes", "pause_circle", "webhooks_modechange_changelist", "switches"),
            _item(request, "Sending", "outgoing_mail", "webhooks_sendingswitch_changelist", "switches"),
            _link("Runbook", "emergency", reverse("docs", args=[words.RUNBOOK_PAGE])),
        ),
        _group(
            "People",
            _item(request, "Users", "person", "auth_user_changelist", "connections"),
            _item(request, "Groups", "groups", "auth_group_changelist", "connections"),
            _item(request, "Privacy", "shield_person", "webhooks_contact_changelist", "privacy"),
            _item(request, "Retention", "auto_delete", "webhooks_retentionrule_changelist", "privacy"),
            _item(request, "API tokens", "vpn_key", "webhooks_apitoken_changelist", None),
            _item(request, "Second factor", "security", "webhooks_signinrule_changelist", None),
        ),
    ]


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": title != "Work", "items": list(items)}


def _item(
    request: HttpRequest, title: str, icon: str, page: str, right: str | None, *, query: str = "",
    badge: counting.Count | None = None, variant: str = "danger",
) -> dict[str, Any]:  # fmt: skip
    link = reverse(f"admin:{page}")
    allowed = right is None or access.may(request.user, right)
    return {
        "title": title, "icon": icon, "link": link + query, "permission": lambda request: allowed,
        "active": lambda request: _is_active(request.path, link),
        **({"badge": str(badge), "badge_variant": variant} if badge else {}),
    }  # fmt: skip


def _link(title: str, icon: str, link: str) -> dict[str, Any]:
    """For everybody, in an outage more than ever."""
    return {"title": title, "icon": icon, "link": link, "active": lambda request: request.path == link}


def _is_active(path: str, link: str) -> bool:
    """The queue lies below the drafts' address, and everything below the index's."""
    queue_page = reverse("admin:knowledge_draft_queue")
    if path == queue_page or link == reverse("admin:index"):
        return path == link
    return path.startswith(link)


def _count(request: HttpRequest, right: str, count: Callable[[], counting.Count]) -> counting.Count | None:
    return count() if access.may(request.user, right) else None
