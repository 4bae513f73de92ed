"""Dotted paths through which lower apps call higher ones, because imports only go one way.

settings.py includes all of them. support_site/configuration/checks.py checks at start-up that each path can be imported.
"""

# Handlers of a delivery, in order. IN handlers share one transaction; OUT has exactly one handler.
IN_HANDLERS = {
    "message_created": [
        "webhooks.mirror.handlers.apply_message",
        "knowledge.replies.incoming.on_message",
        "reports.clocks.clocks.on_event",
    ],
    "message_updated": [
        "webhooks.mirror.handlers.apply_message",
        "knowledge.replies.incoming.on_message",
        "reports.clocks.clocks.on_event",
    ],
    "conversation_created": [
        "webhooks.mirror.handlers.apply_conversation",
        "knowledge.replies.escalations.on_event",
        "reports.clocks.clocks.on_event",
    ],
    "conversation_updated": [
        "webhooks.mirror.handlers.apply_conversation",
        "knowledge.replies.incoming.on_conversation",
        "knowledge.replies.escalations.on_event",
        "reports.clocks.clocks.on_event",
    ],
    "conversation_status_changed": [
        "webhooks.mirror.handlers.apply_conversation",
        "knowledge.replies.incoming.on_conversation",
        "reports.clocks.clocks.on_event",
    ],
    # Chatwoot sends no such event: webhooks/reconcile/differences.py raises it after a read gets a 404.
    "conversation_deleted": [
        "webhooks.mirror.handlers.apply_conversation",
        "knowledge.replies.incoming.on_conversation",
        "reports.clocks.clocks.on_event",
    ],
    "contact_updated": [
        "webhooks.mirror.handlers.apply_contact",
        "knowledge.replies.incoming.on_contact",
    ],
    "inbox_updated": ["webhooks.mirror.handlers.apply_inbox"],
    # Only if a source's webhook is set up to send them: the site does not subscribe to them.
    "conversation_typing_on": ["knowledge.queue.assignments.on_typing"],
    "conversation_typing_off": ["knowledge.queue.assignments.on_typing"],
}
# Filters of an IN event before its handlers: (row, locked conversation or None, payload, now=) → payload, and whether to
# remove the stored body.
PAYLOAD_FILTERS = ["webhooks.mirror.tombstones.filter_payload"]
OUT_HANDLERS = {
    "alert.notify": "webhooks.alerts.notifications.handle",
    "conversation.assign": "knowledge.replies.follow_ups.handle_assign",
    "conversation.refresh": "webhooks.reconcile.differences.handle_refresh",
    "conversation.status": "knowledge.replies.follow_ups.handle_status",
    "draft.request": "knowledge.drafting.draft_request.handle_request",
    "event.forward": "webhooks.sources.forwarding.handle",
    "message.refresh": "webhooks.mirror.handlers.handle_refresh",
    "mode.notify": "webhooks.sources.mode_notices.handle_notify",
    "note.create": "knowledge.replies.follow_ups.handle_note",
    "person.notify": "webhooks.notices.digest.handle",
    "reply.send": "knowledge.replies.sending.handle_send",
    "sla.notify": "reports.clocks.breach_digest.handle_notify",
    "weekly.notify": "reports.weekly.notifications.handle_notify",
}
# Messages to people of this site. They pass in every mode, and no replay repeats them.
NOTICES = ("alert.notify", "mode.notify", "person.notify", "sla.notify", "weekly.notify")
# Whether a notice to a person is still news: (notice) → bool.
NOTICE_HOLDS = "knowledge.replies.notices.holds"
# The upstream that an event calls, if its circuit can open (webhooks/deliveries/circuits.py): (delivery) → upstream or "".
OUT_UPSTREAMS = {
    **dict.fromkeys(
        ("conversation.assign", "conversation.refresh", "conversation.status", "message.refresh", "note.create", "reply.send"),
        "webhooks.deliveries.circuits.chatwoot_of",
    ),
    "draft.request": "knowledge.drafting.model_endpoint.upstream_of",
}  # fmt: skip
# A read that checks whether an upstream answers again, for times without deliveries.
UPSTREAM_PINGS = {
    "chatwoot": "webhooks.deliveries.circuits.ping_chatwoot",
    "drafter": "knowledge.drafting.model_endpoint.ping",
}
# Chores in addition to those of webhooks/workers/drain.py: name, path, interval in seconds.
CHORES = [
    ("expire undecided drafts", "knowledge.replies.expiry.expire_drafts", 60),
    ("update clocks that ran out", "reports.clocks.clocks.sweep", 2),
    ("notice clocks at risk", "reports.clocks.breach_digest.notice", 10),
    ("send SLA digests", "reports.clocks.breach_digest.tell", 30),
    ("send notices to people", "webhooks.notices.digest.send_due", 5),
    ("write the weekly knowledge digest", "knowledge.learning.weekly_digest.write_due", 600),
    ("notice outages", "knowledge.replies.outages.watch", 15),
    ("continue article imports", "knowledge.imports.runs.step", 2),
    ("check parked replies", "knowledge.replies.parked.watch", 30),
    ("check overdue customers", "reports.clocks.breach_monitor.check", 30),
    ("create the weekly report", "reports.weekly.make_due", 60),
    ("vectors of articles", "knowledge.search.reindexing.wake", 15),
    ("learn from decisions", "knowledge.learning.learn.wake", 60),
    ("what changes do to search", "knowledge.search.probe_effect.wake", 5),
    ("expire outdated changes", "knowledge.articles.expiring.expire", 3600),
    ("grow probes from decisions", "knowledge.learning.probe_growth.wake", 60),
    ("measure probes", "knowledge.search.probe_runs.wake", 600),
    ("confirmed questions", "knowledge.search.learnt_questions.wake", 300),
    ("calibrate confidence", "knowledge.learning.calibrating.keep_up", 3600),
    ("compare articles", "knowledge.articles.contradiction_rows.keep_up", 60),
    ("check the effect of changes", "knowledge.learning.effect_alerts.watch", 900),
    ("count past days", "reports.attainment.daily_rollup.keep_up", 60),
]
# What is deleted by age, and which fields hold customer data (webhooks/privacy/).
RETENTION = ["webhooks.privacy.retention.RULES", "knowledge.privacy.retention.RULES"]
CUSTOMER_DATA = [
    "webhooks.privacy.customer_data.TABLE",
    "knowledge.privacy.customer_data.TABLE",
    "reports.customer_data.TABLE",
]
# Called before a contact's data is erased: (person, now=), raises erasure.CannotErase.
BEFORE_ERASING = "knowledge.privacy.customer_data.settle"
# Called in the transaction that makes a delivery DEAD, so that its purpose is not silently lost.
ON_DEAD_LETTER = {
    "draft.request": "knowledge.drafting.redrafting.on_dead_letter",
    "reply.send": "knowledge.replies.sending.on_dead_letter",
    "weekly.notify": "reports.weekly.notifications.on_dead_letter",
}
# What a delivery led to, for its page: (delivery, user=) → [(label, address)].
DELIVERY_EFFECTS = "knowledge.admin.conversations.effects_of"
# What an open change does to search: (change, now=) → its probe_result, or None while a task measures it.
MEASURE_CHANGE = "knowledge.search.probe_effect.ready"
# Business time in seconds: (inbox's key or None, start, end) → float.
OPEN_SECONDS = "knowledge.calendars.inbox_calendars.open_seconds"
# Conversations with a missed target: (keys of conversations, since=) → those with one that began since then.
MISSED_TARGETS = "reports.clocks.clocks.missed"
# How many replies were sent, for the page of the sending limits: (now=) → int.
REPLIES_LAST_HOUR = "knowledge.replies.sending_limits.used"
# Recorded sentences that pages show in their reader's language (webhooks/display/recorded.py).
RECORDED_SENTENCES = [
    "webhooks.display.recorded_sentences.SENTENCES",
    "knowledge.replies.recorded_sentences.SENTENCES",
    "knowledge.articles.change_notes.NOTES",
    "reports.weekly.recorded_sentences.SENTENCES",
]
# For emails about alerts: () → customers who wait for an answer, and approved replies that are not sent yet.
CUSTOMERS_WAITING = "knowledge.queue.queue.count_all"
