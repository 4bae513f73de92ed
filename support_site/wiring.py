"""What calls what from below to above, by dotted path: imports go one way, so the wire finds desk and reports in these tables.

settings.py takes them all over; support_site/checks.py checks at start-up that each path leads somewhere.
"""

# What runs for a delivery, in this order. IN handlers share one transaction; OUT has exactly one handler.
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
    # Chatwoot does not tell: a 404 at a read does (webhooks/reconcile/differences.py).
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
    # Where a source's webhook is told to send them: we do not ask for them ourselves.
    "conversation_typing_on": ["knowledge.queue.assignments.on_typing"],
    "conversation_typing_off": ["knowledge.queue.assignments.on_typing"],
}
# What an IN event passes before its handlers: (row, locked conversation or None, payload, now=) → payload, and whether the
# stored body must be removed.
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
    "reply.send": "knowledge.replies.sending.handle_send",
    "sla.notify": "reports.clocks.breach_digest.handle_notify",
    "weekly.notify": "reports.weekly.notifications.handle_notify",
}
# Which upstream an event calls, where its circuit can open (webhooks/deliveries/circuits.py): (delivery) → upstream or "".
OUT_UPSTREAMS = {
    **dict.fromkeys(
        ("conversation.assign", "conversation.refresh", "conversation.status", "message.refresh", "note.create", "reply.send"),
        "webhooks.deliveries.circuits.chatwoot_of",
    ),
    "draft.request": "knowledge.drafting.model_drafter.is_asked",
}  # fmt: skip
# A read that shows whether an upstream answers again, for when no delivery comes.
UPSTREAM_PINGS = {
    "chatwoot": "webhooks.deliveries.circuits.ping_chatwoot",
    "drafter": "knowledge.drafting.model_drafter.ping",
}
# What the desk wants done beside the wire's own chores (webhooks/workers/drain.py): name, path, every so many seconds.
CHORES = [
    ("drafts nobody decided", "knowledge.replies.expiry.expire_drafts", 60),
    ("clocks that ran out", "reports.clocks.clocks.sweep", 2),
    ("clocks to be told of", "reports.clocks.breach_digest.notice", 10),
    ("digests of clocks", "reports.clocks.breach_digest.tell", 30),
    ("replies that are parked", "knowledge.replies.parked.watch", 30),
    ("customers past their time", "reports.clocks.breach_monitor.check", 30),
    ("last week's report", "reports.weekly.make_due", 60),
    ("days of the SLA report", "reports.attainment.daily_rollup.keep_up", 60),
]
# What is removed by age, and which fields hold customers' data (webhooks/privacy/).
RETENTION = ["webhooks.privacy.retention.RULES", "knowledge.privacy.retention.RULES"]
CUSTOMER_DATA = [
    "webhooks.privacy.customer_data.TABLE",
    "knowledge.privacy.customer_data.TABLE",
    "reports.customer_data.TABLE",
]
# Before a person's data are erased: (person, now=), raises erasure.CannotErase.
BEFORE_ERASING = "knowledge.privacy.customer_data.settle"
# Called in the transaction that makes a row DEAD, so that what it stood for is never silently lost.
ON_DEAD_LETTER = {
    "draft.request": "knowledge.drafting.redrafting.on_dead_letter",
    "reply.send": "knowledge.replies.sending.on_dead_letter",
    "weekly.notify": "reports.weekly.notifications.on_dead_letter",
}
# What a delivery led to, for its page: (delivery, user=) → [(label, address)].
DELIVERY_EFFECTS = "knowledge.admin.conversation_page.effects_of"
# Business time in seconds: (inbox's key or None, start, end) → float.
OPEN_SECONDS = "knowledge.calendars.inbox_calendars.open_seconds"
# How many replies were sent, for the page of the caps: (now=) → int.
REPLIES_LAST_HOUR = "knowledge.replies.sending_limits.used"
