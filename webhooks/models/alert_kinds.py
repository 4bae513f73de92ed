"""What an alert can be about: one table, used by pages, emails and rules. The code that detects a problem opens the alert."""

from dataclasses import dataclass

NORMAL, URGENT = "normal", "urgent"


@dataclass(frozen=True)
class Kind:
    """page: where the cause can be fixed, for people with `right`; "" if there is only the alert's own page. query: the
    filter used there. section: the page of the runbook.

    groups: notified where its rule names nobody.
    threshold, unit: how much of what opens it; None if it has no threshold. severity: urgent ones ignore quiet hours.
    """

    name: str
    icon: str
    page: str
    button: str
    todo: str
    section: str
    about: str = ""
    right: str = "switches"
    threshold: int | None = None
    unit: str = ""
    query: str = ""
    severity: str = NORMAL
    groups: tuple[str, ...] = ("Operator", "Manager")


KINDS = {
    "workers": Kind(
        "Workers not running", "engineering", "", "View",
        "Nothing is processed or sent there. Start the workers again; events received meanwhile are stored.",
        "the-queue-is-stuck", "A host with workers, or all of them, has stopped sending heartbeats.",
        threshold=2, unit="minutes without a heartbeat", severity=URGENT,
    ),
    "late": Kind(
        "Deliveries are late", "hourglass_bottom", "webhooks_delivery_changelist", "View waiting deliveries",
        "Check that the workers are running and whether one error repeats. Add workers if more arrives than they can process.",
        "deliveries-are-late", "A due delivery waits for a worker.", right="deliveries",
        threshold=5, unit="minutes that the oldest has waited", query="?status__exact=PENDING", severity=URGENT,
    ),
    "dead": Kind(
        "Deliveries failed", "error", "webhooks_delivery_changelist", "View dead letters",
        "Fix the cause that their errors name, then replay them. Mute known, harmless failures under Failures.",
        "a-delivery-was-dead-lettered", "Deliveries failed within an hour. Replies count as parked.", right="deliveries",
        threshold=10, unit="deliveries within an hour", query="?status__exact=DEAD&muted=no",
    ),
    "parked": Kind(
        "Replies are parked", "help", "knowledge_draft_changelist", "View parked replies",
        "Check in Chatwoot whether each reply arrived. Then mark it on its draft as arrived, resend it or close it.",
        "a-reply-is-parked", "It is not known whether an approved reply reached the customer.", right="decide",
        threshold=1, unit="parked replies", query="?status__exact=PARKED",
    ),
    "held": Kind(
        "Approved replies wait", "pause_circle", "webhooks_sendingswitch_changelist", "Open Sending",
        "Find out why they are held: sending is stopped, a cap is reached, a source is paused, or a token is refused.",
        "a-delivery-is-held", "An approved reply is held back.", threshold=15, unit="minutes that the oldest has been held",
    ),
    "circuit_open": Kind(
        "Circuit open", "cloud_off", "webhooks_upstream_changelist", "View upstreams",
        "Find out why the upstream fails. One delivery probes it at intervals; once it succeeds, the others follow.",
        "an-upstream-circuit-is-open", "A Chatwoot or the drafter failed ten times in a row.", severity=URGENT,
    ),
    "sla": Kind(
        "Customers wait too long", "timer_off", "reports_clock_dashboard", "Open the SLA dashboard",
        "Check who is waiting and who is on duty. Leads and assignees get their own digests.",
        "customers-wait-too-long", "Customers have waited longer than their SLA target.", right="drafts",
        threshold=5, unit="customers past their target",
    ),
    "report": Kind(
        "Report failed", "calendar_month", "reports_weeklyreport_changelist", "Open the weekly reports",
        "If it could not be created, it is retried every minute: read the workers' log. If it did not arrive, check the "
        "address under “Who gets it”, then replay the delivery.", "the-weekly-report-did-not-come",
        "The weekly report could not be created or sent.", right="reports",
    ),
    "clock": Kind(
        "A clock is wrong", "schedule", "", "View",
        "Compare “date -u” on both machines and fix NTP. Webhooks are refused when the clocks differ by five minutes.",
        "timestamps-are-stale", "A host's clock differs from the database's or Chatwoot's.",
        threshold=30, unit="seconds of difference",
    ),
    "credentials": Kind(
        "Token refused", "key_off", "webhooks_source_change", "Open the source",
        "Connect the source again with a new access token. Waiting replies are then sent automatically.",
        "chatwoot-refuses-the-token", "Chatwoot refuses a source's token.", right="deliveries", severity=URGENT,
    ),
    "secret": Kind(
        "Unknown signature", "key_off", "webhooks_source_change", "Open the source",
        "Read the webhook's secret from Chatwoot, or add it by hand. A reconciliation run then recovers the refused events.",
        "signatures-fail", "Webhooks have a signature that matches no stored secret.", right="deliveries", severity=URGENT,
    ),
    "timestamp_stale": Kind(
        "Wrong timestamps", "schedule", "webhooks_source_change", "View stored events",
        "Check that both machines keep time (NTP), then accept the stored events.",
        "timestamps-are-stale", "Webhooks arrive with a wrong timestamp.", right="deliveries", severity=URGENT,
    ),
    "risk_rule": Kind(
        "Risk rule loosened", "policy", "knowledge_riskrule_changelist", "Open the risk rules",
        "Check that the change is intended. It serves new drafts only. Undo it on the rule's page if it is not.",
        "a-risk-rule-was-loosened", "A Manager switched off, deleted or loosened a risk rule.", right="risk_rules",
    ),
    "article_worse": Kind(
        "An article got worse", "trending_down", "knowledge_learningsignal_effect", "Open the effects of changes",
        "Read what reviewers changed since the new version. Then approve or dismiss the change that restores the old text.",
        "an-article-got-worse", "Replies from an article are accepted or graded worse since its newest version.",
        right="edit_articles", groups=("Lead",),
    ),
    "send_cap": Kind(
        "Sending cap reached", "speed", "webhooks_sendingswitch_changelist", "Open Sending",
        "Check whether so many replies are intended. Raise the cap or wait, then release the held replies.",
        "a-delivery-is-held", "More replies than the cap allows.",
    ),
    "spool": Kind(
        "Database outage", "database", "", "View",
        "Nothing was lost: webhooks were stored on disk. Find out why the database was down.",
        "our-database-is-down", "Webhooks were stored on disk because the database did not answer.", severity=URGENT,
    ),
    "subscription": Kind(
        "Webhook changed in Chatwoot", "link_off", "webhooks_source_change", "Open the source",
        "Connect the source again with “register”. Missed events are then recovered automatically.",
        "the-webhook-was-changed", "The webhook was deleted or changed in Chatwoot.", right="deliveries", severity=URGENT,
    ),
    "silence": Kind(
        "No webhooks", "notifications_paused", "webhooks_source_change", "Open the source",
        "Write a message to yourself to test Chatwoot and the channel. Send a test event to test receiving.",
        "a-source-is-silent", "No webhook for longer than the limit of the source or inbox.", right="deliveries",
    ),
    "missed": Kind(
        "Events were missed", "search", "webhooks_reconcilerun_changelist", "View reconciliation runs",
        "They have been recovered. Find out why their webhooks did not arrive. This closes once a run finds nothing more.",
        "events-were-missed", "A reconciliation run found events whose webhooks never arrived.",
    ),
    "reconcile": Kind(
        "Reconciliation failed", "search_off", "webhooks_reconcilerun_changelist", "View reconciliation runs",
        "Chatwoot could not be asked for missed events. Fix the error shown on the run, then run it again.",
        "events-were-missed", "A reconciliation run failed.",
    ),
    "cluster": Kind(
        "Workers keep restarting", "engineering", "", "View",
        "The workers restart more often than they should. Read their log.",
        "the-queue-is-stuck", "The workers of a lane are restarted again and again.",
    ),
}  # fmt: skip
OTHER = Kind("Problem", "error", "", "View", "", "support_webhooks")


def of(kind: str) -> Kind:
    return KINDS.get(kind, OTHER)
