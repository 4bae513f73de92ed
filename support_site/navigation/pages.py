"""Every page that has a name, in the five groups that the sidebar, tabs, breadcrumbs and documents share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import ResolverMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.models import Escalation
from knowledge.queue import queue
from webhooks.accounts import access
from webhooks.database import clock, row_estimates
from webhooks.deliveries import failure_groups
from webhooks.display import formats
from webhooks.models import Alert

Count = Callable[[HttpRequest], row_estimates.Count]
Text = str | Promise  # a string of this module, translated when a page shows it


@dataclass(frozen=True)
class Page:
    """name: of its address. right: None for everybody. about: what one does there. words: what else people search for.

    covers: further pages that belong to it, by the beginning of their names. badge, mine: counted for those who have the right.
    """

    title: Text
    name: str
    right: str | None = None
    icon: str = ""
    query: str = ""
    args: tuple[str, ...] = ()
    about: Text = ""
    words: str = ""
    covers: tuple[str, ...] = ()
    badge: Count | None = None
    mine: Count | None = None  # how many of those are the reader's own
    variant: str = "danger"

    @property
    def path(self) -> str:
        return reverse(self.name, args=self.args)

    @property
    def link(self) -> str:
        return self.path + self.query

    def is_for(self, user: User | AnonymousUser) -> bool:
        return self.right is None or access.may(user, self.right)


@dataclass(frozen=True)
class Group:
    title: Text
    icon: str
    pages: tuple[Page, ...]

    def for_user(self, user: User | AnonymousUser) -> list[Page]:
        return [page for page in self.pages if page.is_for(user)]


def _waiting(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(queue.conversations(access.person(request)))


def _mine(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.Count(queue.count_mine(access.person(request), now=clock.now()))


def _escalated(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(Escalation.objects.filter(owner=access.person(request), closed_at=None))


def _dead(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(failure_groups.unmuted())


def _alerts(request: HttpRequest) -> row_estimates.Count:
    return row_estimates.capped(Alert.objects.filter(closed_at=None))


DASHBOARD = Page(_("Dashboard"), "admin:index", icon="dashboard")
QUEUE = Page(
    _("Queue"), "admin:knowledge_draft_queue", "drafts", "inbox",
    words="waiting customers next review", badge=_waiting, mine=_mine, variant="primary",
    covers=("knowledge_draft_queue", "knowledge_draft_next", "knowledge_draft_dismissed"),
)  # fmt: skip
ESCALATIONS = Page(
    _("Escalations"),
    "admin:knowledge_escalation_changelist",
    "drafts",
    "priority_high",
    words="second level hand over",
    badge=_escalated,
)
CONVERSATIONS = Page(
    _("Conversations"), "admin:webhooks_conversation_changelist", "drafts", "forum",
    words="threads tickets", covers=("reports_clock_timeline",)
)  # fmt: skip
DRAFTS = Page(
    _("Drafts"),
    "admin:knowledge_draft_changelist",
    "drafts",
    "rate_review",
    words="replies approved rejected sent",
)
INBOX = Group(_("Inbox"), "inbox", (QUEUE, ESCALATIONS, CONVERSATIONS, DRAFTS))

KNOWLEDGE = Group(_("Knowledge"), "menu_book", (
    Page(_("Articles"), "admin:knowledge_article_changelist", "articles", "menu_book",
         words="base faq help center centre"),
    Page(_("Search bench"), "admin:knowledge_probe_bench", "articles", "manage_search",
         words="probes try question confidence", covers=("knowledge_probe",)),
    Page(_("Changes"), "admin:knowledge_change_monday", "articles", "difference",
         words="proposals lessons approve monday", covers=("knowledge_change",)),
    Page(_("Gaps"), "admin:knowledge_gap_changelist", "articles", "help_center", words="unanswered questions missing"),
    Page(_("Imports"), "admin:knowledge_importrun_changelist", "edit_articles", "upload_file",
         words="markdown csv zip help center centre portal"),
    Page(_("Saved replies"), "admin:knowledge_savedreply_changelist", "articles", "quickreply",
         words="canned responses macros templates"),
    Page(_("Learning"), "admin:knowledge_learningsignal_figures", "drafts", "school",
         words="grades edits coverage effect agreement calibration", covers=("knowledge_learningsignal",)),
    Page(_("Model calls"), "admin:knowledge_modelcall_figures", "learning", "smart_toy",
         words="llm ai tokens cost prompt budget", covers=("knowledge_modelcall",)),
))  # fmt: skip

REPORTS = Group(_("Reports"), "monitoring", (
    Page(_("Support SLA dashboard"), "admin:reports_clock_dashboard", "drafts", words="breach at risk clocks",
         covers=("reports_clock", "reports_clock_behind")),
    Page(_("SLA report"), "admin:reports_clock_report", "inbox_reports",
         words="first response resolution time targets",
         covers=("reports_clock_report", "reports_clock_rows", "reports_clock_export")),
    Page(_("Weekly reports"), "admin:reports_weeklyreport_changelist", "inbox_reports",
         words="support health pdf monday"),
    Page(_("Recalculations"), "admin:reports_recalculation_changelist", "reports", words="clocks holiday"),
))  # fmt: skip

DEAD_LETTERS = Page(
    _("Dead letters"), "admin:webhooks_delivery_changelist", "deliveries", query="?status__exact=DEAD&muted=no",
    words="dlq failed given up", badge=_dead
)  # fmt: skip
WEBHOOK_LOG = Page(
    _("Webhook log"), "admin:webhooks_incoming_changelist", "deliveries", words="incoming deliveries events"
)
DELIVERIES_OUT = Page(
    _("Deliveries out"), "admin:webhooks_outgoing_changelist", "deliveries", words="outgoing sends"
)
RUNBOOK = Page(_("Runbook"), "docs", icon="emergency", words="on call incident", args=(formats.RUNBOOK_PAGE,))
HEALTH = Group(_("Health"), "monitor_heart", (
    Page(_("Overview"), "health_overview", "switches", words="status outage backlog charts"),
    Page(_("Alerts"), "admin:webhooks_alert_changelist", "switches", words="incidents alarms", badge=_alerts),
    Page(_("Failures"), "admin:webhooks_failurenote_changelist", "deliveries", words="errors groups muted"),
    DEAD_LETTERS,
    WEBHOOK_LOG,
    DELIVERIES_OUT,
    Page(_("Replays"), "admin:webhooks_replayrun_changelist", "deliveries", words="replay retry run again"),
    Page(_("Reconciliation"), "admin:webhooks_reconcilerun_changelist", "switches", words="missed events gaps"),
    Page(_("Rejected requests"), "admin:webhooks_rejection_changelist", "deliveries", words="signature secret 401"),
    Page(_("Sources"), "admin:webhooks_source_changelist", "deliveries", words="chatwoot account webhook secret token"),
    Page(_("Upstreams"), "admin:webhooks_upstream_changelist", "switches", words="circuit breaker open paused"),
    RUNBOOK,
))  # fmt: skip

# Everything that is set once, as sections of one page.
YOUR_ACCOUNT = Group(_("Your account"), "", (
    Page(_("Your profile"), "admin:webhooks_profile_changelist", icon="account_circle",
         about=_("Your language, the time zone in which you see times, and what you may do."),
         words="timezone clock groups role deutsch español português"),
    Page(_("Notifications"), "admin:webhooks_profile_notifications", icon="notifications",
         about=_("What you are notified of, by email or chat, and how often."),
    words="digest alerts slack escalation mail"),
    Page(_("Second factor"), "admin:webhooks_signinrule_changelist", icon="security",
         about=_("Sign in with a code from an app as well as your password."),
    words="2fa two-factor totp mfa authenticator"),
    Page(_("My Chatwoot token"), "admin:knowledge_chatwoottoken_changelist", "drafts", "key",
         about=_("Send the replies you approve under your own name."), words="personal access sender"),
    Page(_("API tokens"), "admin:webhooks_apitoken_changelist", icon="vpn_key",
         about=_("See when each token was last used, and revoke it."), words="rest program integration"),
    Page(_("Change password"), "admin:password_change", icon="password",
         about=_("Choose a new password for this site."), words="sign in login", covers=("password_change",)),
))  # fmt: skip
SETTINGS_SECTIONS = (
    YOUR_ACCOUNT,
    Group(_("Inboxes and channels"), "", (
        Page(_("Connect Chatwoot"), "admin:webhooks_source_connect", "connections", "add_link",
             about=_("Connect another Chatwoot account to this site."), words="source webhook account url token"),
        Page(_("Inboxes"), "admin:webhooks_inbox_changelist", "inboxes", "all_inbox",
             about=_("Choose which inboxes get drafts, and where Agents approve."),
    words="channel email drafting silence"),
        Page(_("Inbox settings"), "admin:knowledge_deskinbox_changelist", "inboxes", "tune",
             about=_("Greeting, signature, grading and escalation team for each inbox."), words="desk notes sample"),
        Page(_("Source modes"), "admin:webhooks_modechange_changelist", "switches", "pause_circle",
             about=_("Pause a connected Chatwoot account, or hand it to another handler."),
             words="legacy active paused rollback"),
        Page(pgettext_lazy("page", "Sending"), "admin:webhooks_sendingswitch_changelist", "switches", "outgoing_mail",
             about=_("Stop or resume all replies, and limit how many leave per hour."), words="switch stop caps limit"),
    )),
    Group(_("Replies and service levels"), "", (
        Page(_("Calendars"), "admin:knowledge_businesscalendar_changelist", "drafts", "schedule",
             about=_("Opening hours, holidays and closures for each inbox."), words="business hours time zone weekend"),
        Page(_("SLA policies"), "admin:reports_slapolicy_changelist", "drafts", "timer",
             about=_("How soon customers get a first reply, a next reply and a resolution."),
    words="targets promises response"),
        Page(_("Escalation rules"), "admin:knowledge_escalationrule_changelist", "drafts", "rule",
             about=_("Which labels and missed targets escalate a conversation."), words="labels owner level"),
        Page(_("Risk rules"), "admin:knowledge_riskrule_changelist", "drafts", "gpp_maybe",
             about=_("What flags a reply, and what needs a second person."),
    words="money legal amounts links second look"),
        Page(_("Weekly report recipients"), "admin:reports_weeklyrecipient_changelist", "reports", "forward_to_inbox",
             about=_("Who receives the report each Monday, by email or chat."), words="mail slack"),
    )),
    Group(_("Delivery and alerts"), "", (
        Page(_("Retry policies"), "admin:webhooks_retrypolicy_changelist", "retry_policies", "autorenew",
             about=_("How often and how long a failed delivery is retried."), words="attempts backoff delay jitter"),
        Page(_("Alert rules"), "admin:webhooks_alertrule_changelist", "alert_rules", "notification_settings",
             about=_("When to alert, who is notified, and the quiet hours."),
    words="email chat threshold notifications"),
    )),
    Group(_("People and data"), "", (
        Page(_("Users"), "admin:auth_user_changelist", "connections", "person",
             about=_("Add people, and give them groups and inboxes."), words="accounts invite agents leads staff"),
        Page(_("Groups"), "admin:auth_group_changelist", "connections", "groups",
             about=_("Agent, Lead, Manager and Operator, and who belongs to each."), words="roles rights permissions"),
        Page(_("Privacy"), "admin:webhooks_contact_changelist", "privacy", "shield_person",
             about=_("Find, export or erase a customer's data."), words="gdpr contact erasure"),
        Page(_("Retention"), "admin:webhooks_retentionrule_changelist", "privacy", "auto_delete",
             about=_("How many days each kind of data is kept."), words="delete prune age"),
    )),
)  # fmt: skip
SETTINGS_PAGE = Page(_("Settings"), "settings", icon="settings")
SETTINGS = Group(
    _("Settings"),
    "settings",
    (SETTINGS_PAGE, *(page for section in SETTINGS_SECTIONS for page in section.pages)),
)
GROUPS = (INBOX, KNOWLEDGE, REPORTS, HEALTH, SETTINGS)


def _beginnings() -> dict[str, tuple[Group, Page]]:
    """A page's own name, that of its table, and what else it covers."""
    found = {}
    for group in GROUPS:
        for page in group.pages:
            own = page.name.removeprefix("admin:")
            for name in (own, own.removesuffix("_changelist"), *page.covers):
                found[name] = (group, page)
    return found


BEGINNINGS = _beginnings()


def place_of(match: ResolverMatch | None, shown: Any = None) -> tuple[Group, Page] | None:
    """Where an address belongs: the longest beginning that fits. shown: the row that its page is about."""
    name = match.url_name or "" if match else ""
    if match and name == "docs":
        in_runbook = str(match.kwargs.get("name")).startswith("runbooks/")
        return (HEALTH, RUNBOOK) if in_runbook else None
    words = name.split("_")
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    found = next((BEGINNINGS[one] for one in names if one in BEGINNINGS), None)
    if found and found[1] is DEAD_LETTERS and name != "webhooks_delivery_changelist":
        return HEALTH, DELIVERIES_OUT if getattr(shown, "direction", "IN") == "OUT" else WEBHOOK_LOG
    return found
