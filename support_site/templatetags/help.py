"""Which section of the documents explains which page of the admin: one table. Every page's header links to its own."""

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()

INDEX = "README.md"
# A page's address by name, or the beginning of it that several share → document#section. The longest that fits counts.
SECTIONS = {
    "docs": INDEX,
    "index": "pages.md#dashboard",
    "app_list": "pages.md#dashboard",
    "password_change": "pages.md#users-and-groups",
    "settings": "pages.md#settings",
    "search": "pages.md#search",
    "inside": "pages.md#drafts-inside-chatwoot",
    "demo-write": "pages.md#the-demo",
    "demo-break": "pages.md#the-demo",
    # Inbox, Knowledge, Reports
    "knowledge_draft_queue": "pages.md#queue",
    "knowledge_draft_next": "pages.md#queue",
    "knowledge_draft_dismissed": "pages.md#queue",
    "reports_clock_dashboard": "pages.md#support-sla-dashboard",
    "reports_clock_drilldown": "pages.md#support-sla-dashboard",
    "reports_clock": "pages.md#sla-report",
    "reports_weeklyreport": "pages.md#weekly-reports",
    "reports_weeklyrecipient": "pages.md#weekly-reports",
    "knowledge_draft_changelist": "pages.md#drafts",
    "knowledge_draft": "pages.md#the-draft-page",
    "webhooks_conversation": "pages.md#conversations",
    "knowledge_escalation": "pages.md#escalations",
    "knowledge_article": "pages.md#articles",
    "knowledge_probe": "pages.md#search-bench",
    "knowledge_change": "pages.md#changes",
    "knowledge_gap": "pages.md#gaps",
    "knowledge_importrun": "pages.md#imports",
    "knowledge_savedreply": "pages.md#saved-replies",
    "knowledge_businesscalendar": "pages.md#calendars",
    "reports_slapolicy": "pages.md#sla-policies",
    "reports_recalculation": "pages.md#recalculated-clocks",
    "knowledge_escalationrule": "pages.md#escalation-rules",
    "knowledge_riskrule": "pages.md#risk-rules",
    "knowledge_learningsignal": "pages.md#learning",
    "knowledge_modelcall": "pages.md#model-calls",
    "webhooks_inbox": "pages.md#inboxes",
    "knowledge_deskinbox": "pages.md#desk-settings",
    "knowledge_chatwoottoken": "pages.md#my-chatwoot-token",
    # Health
    "health_overview": "pages.md#health-overview",
    "webhooks_incoming": "pages.md#chatwoot-webhook-log",
    "webhooks_outgoing": "pages.md#deliveries-out",
    "webhooks_delivery": "pages.md#a-delivery",
    "webhooks_delivery_changelist": "pages.md#dead-letters",
    "webhooks_failurenote": "pages.md#failures",
    "webhooks_replayrun": "pages.md#replays",
    "webhooks_reconcilerun": "pages.md#reconciliation",
    "webhooks_retrypolicy": "retry_policy.md#change-a-policy",
    "webhooks_rejection": "pages.md#rejected-requests",
    "webhooks_source": "pages.md#sources",
    "webhooks_alert": "pages.md#alerts",
    "webhooks_alertrule": "pages.md#alert-rules",
    "webhooks_upstream": "pages.md#upstreams",
    "webhooks_modechange": "pages.md#source-modes",
    "webhooks_sendingswitch": "pages.md#sending",
    # Settings of one's own, people and data
    "webhooks_profile_notifications": "pages.md#notifications",
    "webhooks_profile": "pages.md#your-profile",
    "webhooks_contact": "pages.md#privacy",
    "webhooks_retentionrule": "pages.md#retention",
    "auth": "pages.md#users-and-groups",
    "webhooks_apitoken": "pages.md#api-tokens",
    "webhooks_signinrule": "pages.md#second-factor",
}


def section(page: str) -> str | None:
    """Of a page by its address's name, such as webhooks_source_change; None where nobody wrote one."""
    words = page.split("_")
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    return next((SECTIONS[name] for name in names if name in SECTIONS), None)


@register.simple_tag(takes_context=True)
def help_address(context: template.Context) -> str:
    """Where the page that is being shown is explained; the documents' index, where none is."""
    match = getattr(context.get("request"), "resolver_match", None)
    found: Any = section(match.url_name or "") if match else None
    document, _, anchor = (found or INDEX).partition("#")
    return reverse("docs", args=[document]) + (f"#{anchor}" if anchor else "")
