"""What an alert can be about: one table, used by pages, emails and rules. The code that detects a problem opens the alert."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NORMAL, URGENT = "normal", "urgent"


@dataclass(frozen=True)
class Kind:
    """page: where the cause can be fixed, for people with `right`; "" if there is only the alert's own page. query: the
    filter used there. section: the page of the runbook.

    groups: notified where its rule names nobody.
    threshold, unit: how much of what opens it; None if it has no threshold. severity: urgent ones ignore quiet hours.
    """

    name: str | Promise
    icon: str
    page: str
    button: str | Promise
    todo: str | Promise
    section: str
    about: str | Promise = ""
    right: str = "switches"
    threshold: int | None = None
    unit: str | Promise = ""
    query: str = ""
    severity: str = NORMAL
    groups: tuple[str, ...] = ("Operator", "Manager")


KINDS = {
    "workers": Kind(
        _("Workers not running"), "engineering", "", _("View"),
        _("Nothing is processed or sent there. Start the workers again; events received until then are stored."),
        "the-queue-is-stuck", _("A host with workers, or all of them, has stopped sending heartbeats."),
        threshold=2, unit=_("minutes without a heartbeat"), severity=URGENT,
    ),
    "late": Kind(
        _("Deliveries are late"), "hourglass_bottom", "webhooks_delivery_changelist", _("View waiting deliveries"),
        _("Check that the workers are running and whether one error repeats. Add workers if more arrives than they can process."),
        "deliveries-are-late", _("A due delivery waits for a worker."), right="deliveries",
        threshold=5, unit=_("minutes that the oldest has waited"), query="?status__exact=PENDING", severity=URGENT,
    ),
    "dead": Kind(
        _("Deliveries failed"), "error", "webhooks_delivery_changelist", _("View dead letters"),
        _("Fix the cause that their errors name, then replay them. Mute known, harmless failures under Failures."),
        "a-delivery-was-dead-lettered", _("Deliveries failed within an hour. Replies count as parked."), right="deliveries",
        threshold=10, unit=_("deliveries within an hour"), query="?status__exact=DEAD&muted=no",
    ),
    "parked": Kind(
        _("Replies are parked"), "help", "knowledge_draft_changelist", _("View parked replies"),
        _("Check in Chatwoot whether each reply arrived. Then mark it on its draft as arrived, resend it or close it."),
        "a-reply-is-parked", _("It is not known whether an approved reply reached the customer."), right="decide",
        threshold=1, unit=_("parked replies"), query="?status__exact=PARKED",
    ),
    "held": Kind(
        _("Approved replies wait"), "pause_circle", "webhooks_sendingswitch_changelist", _("Open Sending"),
        _("Find out why they are held: sending is stopped, a cap is reached, a source is paused, or a token is refused."),
        "a-delivery-is-held", _("An approved reply is held back."), threshold=15, unit=_("minutes that the oldest has been held"),
    ),
    "circuit_open": Kind(
        _("Circuit open"), "cloud_off", "webhooks_upstream_changelist", _("View upstreams"),
        _("Find out why the upstream fails. One delivery probes it at intervals; once it succeeds, the others follow."),
        "an-upstream-circuit-is-open", _("A Chatwoot or the drafter failed ten times in a row."), severity=URGENT,
    ),
    "sla": Kind(
        _("Customers wait too long"), "timer_off", "reports_clock_dashboard", _("Open the SLA dashboard"),
        _("Check who is waiting and who is on duty. Leads and assignees get their own digests."),
        "customers-wait-too-long", _("Customers have waited longer than their SLA target."), right="drafts",
        threshold=5, unit=_("customers past their target"),
    ),
    "report": Kind(
        _("Report failed"), "calendar_month", "reports_weeklyreport_changelist", _("Open the weekly reports"),
        _("If it could not be created, it is retried every minute: read the workers' log. If it did not arrive, check the "
        "address under “Who gets it”, then replay the delivery."), "the-weekly-report-did-not-come",
        _("The weekly report could not be created or sent."), right="reports",
    ),
    "clock": Kind(
        _("A clock is wrong"), "schedule", "", _("View"),
        _("Compare “date -u” on both machines and fix NTP. Webhooks are refused when the clocks differ by five minutes."),
        "timestamps-are-stale", _("A host's clock differs from the database's or Chatwoot's."),
        threshold=30, unit=_("seconds of difference"),
    ),
    "credentials": Kind(
        _("Token refused"), "key_off", "webhooks_source_change", _("Open the source"),
        _("Connect the source again with a new access token. Waiting replies are then sent automatically."),
        "chatwoot-refuses-the-token", _("Chatwoot refuses a source's token."), right="deliveries", severity=URGENT,
    ),
    "secret": Kind(
        _("Unknown signature"), "key_off", "webhooks_source_change", _("Open the source"),
        _("Read the webhook's secret from Chatwoot, or add it by hand. A reconciliation run then recovers the refused events."),
        "signatures-fail", _("Webhooks have a signature that matches no stored secret."), right="deliveries", severity=URGENT,
    ),
    "timestamp_stale": Kind(
        _("Wrong timestamps"), "schedule", "webhooks_source_change", _("View stored events"),
        _("Check that both machines keep time (NTP), then accept the stored events."),
        "timestamps-are-stale", _("Webhooks arrive with a wrong timestamp."), right="deliveries", severity=URGENT,
    ),
    "risk_rule": Kind(
        _("Risk rule loosened"), "policy", "knowledge_riskrule_changelist", _("Open the risk rules"),
        _("Check that the change is intended. It serves new drafts only. Undo it on the rule's page if it is not."),
        "a-risk-rule-was-loosened", _("A Manager switched off, deleted or loosened a risk rule."), right="risk_rules",
    ),
    "article_worse": Kind(
        _("An article got worse"), "trending_down", "knowledge_learningsignal_effect", _("Open the effects of changes"),
        _("Read what reviewers changed since the new version. Then approve or dismiss the change that restores the old text."),
        "an-article-got-worse", _("Replies from an article are accepted or graded worse since its newest version."),
        right="edit_articles", groups=("Lead",),
    ),
    "send_cap": Kind(
        _("Sending cap reached"), "speed", "webhooks_sendingswitch_changelist", _("Open Sending"),
        _("Check whether so many replies are intended. Raise the cap or wait, then release the held replies."),
        "a-delivery-is-held", _("More replies than the cap allows."),
    ),
    "spool": Kind(
        _("Database outage"), "database", "", _("View"),
        _("Nothing was lost: webhooks were stored on disk. Find out why the database was down."),
        "our-database-is-down", _("Webhooks were stored on disk because the database did not answer."), severity=URGENT,
    ),
    "subscription": Kind(
        _("Webhook changed in Chatwoot"), "link_off", "webhooks_source_change", _("Open the source"),
        _("Connect the source again with “register”. Missed events are then recovered automatically."),
        "the-webhook-was-changed", _("The webhook was deleted or changed in Chatwoot."), right="deliveries", severity=URGENT,
    ),
    "silence": Kind(
        _("No webhooks"), "notifications_paused", "webhooks_source_change", _("Open the source"),
        _("Write a message to yourself to test Chatwoot and the channel. Send a test event to test receiving."),
        "a-source-is-silent", _("No webhook for longer than the limit of the source or inbox."), right="deliveries",
    ),
    "missed": Kind(
        _("Events were missed"), "search", "webhooks_reconcilerun_changelist", _("View reconciliation runs"),
        _("They have been recovered. Find out why their webhooks did not arrive. This closes once a run finds nothing more."),
        "events-were-missed", _("A reconciliation run found events whose webhooks never arrived."),
    ),
    "reconcile": Kind(
        _("Reconciliation failed"), "search_off", "webhooks_reconcilerun_changelist", _("View reconciliation runs"),
        _("Chatwoot could not be asked for missed events. Fix the error shown on the run, then run it again."),
        "events-were-missed", _("A reconciliation run failed."),
    ),
    "cluster": Kind(
        _("Workers keep restarting"), "engineering", "", _("View"),
        _("The workers restart more often than they should. Read their log."),
        "the-queue-is-stuck", _("The workers of a lane are restarted again and again."),
    ),
}  # fmt: skip
OTHER = Kind(_("Problem"), "error", "", _("View"), "", "support_webhooks")


def of(kind: str) -> Kind:
    return KINDS.get(kind, OTHER)
