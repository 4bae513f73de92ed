"""What an alert can be about: one table. Pages, letters and rules read it; who opens which stands in the code that meets it."""

from dataclasses import dataclass

NORMAL, URGENT = "normal", "urgent"


@dataclass(frozen=True)
class Kind:
    """page: where it is mended, for whoever has `right`; "" where its own page is all there is. query: what is shown
    there. section: of the runbook.

    threshold, unit: from how much of what on; None where it has none. severity: an urgent one is told at any hour.
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


KINDS = {
    "workers": Kind(
        "Workers are gone", "engineering", "", "Look",
        "Nothing is processed or sent there. Start the workers again; what arrived meanwhile is kept.",
        "the-queue-is-stuck", "No worker, or not every host with workers, has given a sign of life.",
        threshold=2, unit="minutes without a sign of life", severity=URGENT,
    ),
    "late": Kind(
        "Deliveries are late", "hourglass_bottom", "webhooks_delivery_changelist", "See what waits",
        "See whether the workers run and whether one error repeats; add workers where more arrives than they do.",
        "deliveries-are-late", "A delivery that is due waits for a worker.", right="deliveries",
        threshold=5, unit="minutes that the oldest waits", query="?status__exact=PENDING", severity=URGENT,
    ),
    "dead": Kind(
        "Deliveries given up", "heart_broken", "webhooks_delivery_changelist", "Dead letters",
        "Mend what their errors say, then replay them. What is known and harmless is muted under Failures.",
        "a-delivery-was-dead-lettered", "Given up within an hour; replies count as parked instead.", right="deliveries",
        threshold=10, unit="deliveries within an hour", query="?status__exact=DEAD&muted=no",
    ),
    "parked": Kind(
        "Replies are parked", "help", "knowledge_draft_changelist", "Decide",
        "Look in Chatwoot whether each arrived; say so on its draft, send it again, or leave it.",
        "a-reply-is-parked", "Nobody knows whether a customer has an approved reply.", right="decide",
        threshold=1, unit="parked replies", query="?status__exact=PARKED",
    ),
    "held": Kind(
        "Approved replies wait", "pause_circle", "webhooks_sendingswitch_changelist", "Open Sending",
        "See why they are held: sending stopped, a cap, a source that is paused, or a token that is refused.",
        "a-delivery-is-held", "An approved reply is held back.", threshold=15, unit="minutes that the oldest is held",
    ),
    "circuit_open": Kind(
        "Rested", "bedtime", "webhooks_upstream_changelist", "See who rests",
        "Find out why it is away. One delivery tries now and then, and its answer lets the others go on.",
        "somebody-we-call-is-rested", "A Chatwoot or the drafter failed ten times in a row.", severity=URGENT,
    ),
    "sla": Kind(
        "Customers wait too long", "timer_off", "reports_clock_dashboard", "Open the SLA dashboard",
        "See who waits and who is on duty. Leads and assignees get their own digests.",
        "customers-wait-too-long", "Promised times have passed.", right="drafts",
        threshold=5, unit="customers past their time",
    ),
    "report": Kind(
        "Report failed", "calendar_month", "reports_weeklyreport_changelist", "Open the weekly reports",
        "Where it could not be made, it is tried again every minute: read the workers' log. Where it did not arrive, check "
        "the address under “Who gets it”, then replay the delivery.", "the-weekly-report-did-not-come",
        "The weekly report could not be made or told.", right="reports",
    ),
    "clock": Kind(
        "A clock is wrong", "schedule", "", "Look",
        "Compare date -u on both machines and mend NTP: webhooks are refused when they differ by five minutes.",
        "timestamps-are-stale", "A host's clock differs from the database's or Chatwoot's.",
        threshold=30, unit="seconds of difference",
    ),
    "credentials": Kind(
        "Token refused", "key_off", "webhooks_source_change", "Open the source",
        "Connect the source again with a new access token; replies that wait go on by themselves then.",
        "chatwoot-refuses-the-token", "Chatwoot refuses a source's token.", right="deliveries", severity=URGENT,
    ),
    "secret": Kind(
        "Unknown signature", "key_off", "webhooks_source_change", "Open the source",
        "Read the webhook's secret from Chatwoot, or add it by hand. What was refused is lost unless it is asked for again.",
        "signatures-fail", "Webhooks bear a signature of no secret we know.", right="deliveries", severity=URGENT,
    ),
    "timestamp_stale": Kind(
        "Clocks apart", "schedule", "webhooks_source_change", "See what was kept",
        "Check that both machines keep time (NTP), then admit what was kept.",
        "timestamps-are-stale", "Webhooks come with an old time.", right="deliveries", severity=URGENT,
    ),
    "send_cap": Kind(
        "Sending cap reached", "speed", "webhooks_sendingswitch_changelist", "Open Sending",
        "See whether so many replies are meant. Raise the cap or wait, then release what is held.",
        "a-delivery-is-held", "More replies than the cap allows.",
    ),
    "spool": Kind(
        "Database away", "database", "", "Look",
        "Nothing was lost: what came was kept on disk. Find out why the database was away.",
        "our-database-is-down", "Webhooks were kept on disk.", severity=URGENT,
    ),
    "subscription": Kind(
        "Webhook changed in Chatwoot", "link_off", "webhooks_source_change", "Open the source",
        "Connect the source again with “register”. What was missed is asked for by itself once it is mended.",
        "the-webhook-was-changed", "The webhook was deleted or changed there.", right="deliveries", severity=URGENT,
    ),
    "silence": Kind(
        "Nothing comes", "notifications_paused", "webhooks_source_change", "Open the source",
        "See whether Chatwoot and the channel work: write to yourself. Send a test event to see whether receiving does.",
        "a-source-is-silent", "No webhook for longer than the source or inbox says is usual.", right="deliveries",
    ),
    "missed": Kind(
        "Events were missed", "search", "webhooks_reconcilerun_changelist", "See what was found",
        "They are here now. Find out why their webhooks did not arrive: this closes once a search finds nothing more.",
        "events-were-missed", "A search found events whose webhooks never came.",
    ),
    "reconcile": Kind(
        "Missed events unknown", "search_off", "webhooks_reconcilerun_changelist", "Open the searches",
        "Chatwoot does not answer what was missed. Mend what it says, then search again.",
        "events-were-missed", "A search for missed events failed.",
    ),
    "cluster": Kind(
        "Workers restarted", "engineering", "", "Look",
        "The workers were restarted more often than they should be: read their log.",
        "the-queue-is-stuck", "A lane's workers are started again and again.",
    ),
}  # fmt: skip
OTHER = Kind("Trouble", "error", "", "Look", "", "who-does-what")


def of(kind: str) -> Kind:
    return KINDS.get(kind, OTHER)
