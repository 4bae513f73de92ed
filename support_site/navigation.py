"""The sidebar, one table: title, icon, address, the right that shows it, and what its badge counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from knowledge.queue import queue
from webhooks.accounts import access
from webhooks.database import row_estimates
from webhooks.deliveries import failure_groups
from webhooks.display import formats
from webhooks.models import Alert

Count = Callable[[HttpRequest], row_estimates.Count]


@dataclass(frozen=True)
class Item:
    """page: by its name in the admin. right: None for everybody. badge: counted for those who have the right."""

    title: str
    icon: str
    page: str
    right: str | None
    query: str = ""
    badge: Count | None = None
    variant: str = "danger"


def stylesheet(request: HttpRequest) -> str:
    return static("support/site.css")


def toast(request: HttpRequest) -> str:
    return static("support/toast.js")


def icon(request: HttpRequest) -> str:
    return static("support/icon.svg")


def _waiting(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(queue.conversations(access.person(request)))


def _dead(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(failure_groups.unmuted())


def _alerts(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(Alert.objects.filter(closed_at=None))


DEAD = "?status__exact=DEAD&muted=no"
SIDEBAR = {
    "Work": (
        Item("Dashboard", "dashboard", "index", None),
        Item("Queue", "inbox", "knowledge_draft_queue", "drafts", badge=_waiting, variant="primary"),
        Item("Support SLA dashboard", "speed", "reports_clock_dashboard", "drafts"),
        Item("SLA report", "monitoring", "reports_clock_report", "reports"),
        Item("Weekly reports", "calendar_month", "reports_weeklyreport_changelist", "reports"),
        Item("Drafts", "rate_review", "knowledge_draft_changelist", "drafts"),
        Item("Conversations", "forum", "webhooks_conversation_changelist", "drafts"),
        Item("Escalations", "priority_high", "knowledge_escalation_changelist", "drafts"),
        Item("Articles", "menu_book", "knowledge_article_changelist", "articles"),
        Item("Calendars", "schedule", "knowledge_businesscalendar_changelist", "drafts"),
        Item("SLA policies", "timer", "reports_slapolicy_changelist", "drafts"),
        Item("Escalation rules", "rule", "knowledge_escalationrule_changelist", "escalation_rules"),
        Item("Risk rules", "gpp_maybe", "knowledge_riskrule_changelist", "risk_rules"),
        Item("Learning", "school", "knowledge_learningsignal_figures", "drafts"),
        Item("Inboxes", "all_inbox", "webhooks_inbox_changelist", "inboxes"),
        Item("Desk settings", "tune", "knowledge_deskinbox_changelist", "inboxes"),
        Item("My Chatwoot token", "key", "knowledge_chatwoottoken_changelist", "drafts"),
    ),
    "Wire": (
        Item("Chatwoot webhook log", "call_received", "webhooks_incoming_changelist", "deliveries"),
        Item("Deliveries out", "call_made", "webhooks_outgoing_changelist", "deliveries"),
        Item("Dead letters", "heart_broken", "webhooks_delivery_changelist", "deliveries", query=DEAD, badge=_dead),
        Item("Failures", "running_with_errors", "webhooks_failurenote_changelist", "deliveries"),
        Item("Replays", "replay", "webhooks_replayrun_changelist", "deliveries"),
        Item("Missed events", "search", "webhooks_reconcilerun_changelist", "switches"),
        Item("Retry policies", "autorenew", "webhooks_retrypolicy_changelist", "retry_policies"),
        Item("Sources", "hub", "webhooks_source_changelist", "deliveries"),
        Item("Alerts", "notifications", "webhooks_alert_changelist", "switches", badge=_alerts),
        Item("Alert rules", "notification_settings", "webhooks_alertrule_changelist", "alert_rules"),
        Item("Source modes", "pause_circle", "webhooks_modechange_changelist", "switches"),
        Item("Sending", "outgoing_mail", "webhooks_sendingswitch_changelist", "switches"),
    ),
    "People": (
        Item("Users", "person", "auth_user_changelist", "connections"),
        Item("Groups", "groups", "auth_group_changelist", "connections"),
        Item("Privacy", "shield_person", "webhooks_contact_changelist", "privacy"),
        Item("Retention", "auto_delete", "webhooks_retentionrule_changelist", "privacy"),
        Item("API tokens", "vpn_key", "webhooks_apitoken_changelist", None),
        Item("Second factor", "security", "webhooks_signinrule_changelist", None),
    ),
}  # fmt: skip


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups and items as the theme wants them. Called once a page."""
    groups: list[dict[str, Any]] = [
        {"title": title, "separator": place > 0, "items": [_shown(request, item) for item in items]}
        for place, (title, items) in enumerate(SIDEBAR.items())
    ]
    groups[1]["items"].append(_runbook())
    return groups


def _shown(request: HttpRequest, item: Item) -> dict[str, Any]:
    link = reverse(f"admin:{item.page}")
    allowed = item.right is None or access.may(request.user, item.right)
    count = item.badge(request) if item.badge and allowed else None
    return {
        "title": item.title, "icon": item.icon, "link": link + item.query, "permission": lambda request: allowed,
        "active": lambda request: _is_active(request.path, link),
        **({"badge": str(count), "badge_variant": item.variant} if count else {}),
    }  # fmt: skip


def _runbook() -> dict[str, Any]:
    """For everybody, in an outage more than ever."""
    link = reverse("docs", args=[formats.RUNBOOK_PAGE])
    return {
        "title": "Runbook",
        "icon": "emergency",
        "link": link,
        "active": lambda request: request.path == link,
    }


def _is_active(path: str, link: str) -> bool:
    """The queue lies below the drafts' address, and everything below the index's."""
    queue_page = reverse("admin:knowledge_draft_queue")
    if path == queue_page or link == reverse("admin:index"):
        return path == link
    return path.startswith(link)
