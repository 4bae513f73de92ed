"""What calls what from below to above, by dotted path: imports go one way, so the wire finds desk and reports in these tables.

settings.py takes them all over; support_site/checks.py checks at start-up that each path leads somewhere.
"""

# What runs for a delivery, in this order. IN handlers share one transaction; OUT has exactly one handler.
IN_HANDLERS = {
    "message_created": [
        "webhooks.mirror.apply_message",
        "knowledge.incoming.on_message",
        "reports.clocks.on_event",
    ],
    "message_updated": [
        "webhooks.mirror.apply_message",
        "knowledge.incoming.on_message",
        "reports.clocks.on_event",
    ],
    "conversation_created": [
        "webhooks.mirror.apply_conversation",
        "knowledge.escalations.on_event",
        "reports.clocks.on_event",
    ],
    "conversation_updated": [
        "webhooks.mirror.apply_conversation",
        "knowledge.incoming.on_conversation",
        "knowledge.escalations.on_event",
        "reports.clocks.on_event",
    ],
    "conversation_status_changed": [
        "webhooks.mirror.apply_conversation",
        "knowledge.incoming.on_conversation",
        "reports.clocks.on_event",
    ],
    # Chatwoot does not tell: a 404 at a read does (webhooks/reconcile.py).
    "conversation_deleted": [
        "webhooks.mirror.apply_conversation",
        "knowledge.incoming.on_conversation",
        "reports.clocks.on_event",
    ],
    # Where a source's webhook is told to send them: we do not ask for them ourselves.
    "conversation_typing_on": ["knowledge.places.on_typing"],
    "conversation_typing_off": ["knowledge.places.on_typing"],
}
OUT_HANDLERS = {
    "alert.notify": "webhooks.alert_telling.handle",
    "conversation.assign": "knowledge.outgoing.handle_assign",
    "conversation.refresh": "webhooks.reconcile.handle_refresh",
    "conversation.status": "knowledge.outgoing.handle_status",
    "draft.request": "knowledge.drafting.handle_request",
    "event.forward": "webhooks.forwarding.handle",
    "message.refresh": "webhooks.mirror.handle_refresh",
    "mode.notify": "webhooks.mode_notices.handle_notify",
    "note.create": "knowledge.outgoing.handle_note",
    "reply.send": "knowledge.sending.handle_send",
    "sla.notify": "reports.sla_alerts.handle_notify",
    "weekly.notify": "reports.weekly.telling.handle_notify",
}
# Whom an event calls, of those who are rested when they keep failing (webhooks/inbox/resting.py): (delivery) → party or "".
OUT_PARTIES = {
    **dict.fromkeys(
        ("conversation.assign", "conversation.refresh", "conversation.status", "message.refresh", "note.create", "reply.send"),
        "webhooks.inbox.resting.chatwoot_of",
    ),
    "draft.request": "knowledge.model_drafter.is_asked",
}  # fmt: skip
# A read that tells whether a rested party answers again, for when no delivery comes.
PARTY_PINGS = {
    "chatwoot": "webhooks.inbox.resting.ping_chatwoot",
    "drafter": "knowledge.model_drafter.ping",
}
# What the desk wants done beside the wire's own chores (webhooks/workers.py): name, path, every so many seconds.
CHORES = [
    ("drafts nobody decided", "knowledge.expiry.expire_drafts", 60),
    ("clocks that ran out", "reports.clocks.sweep", 2),
    ("clocks to be told of", "reports.sla_alerts.notice", 10),
    ("digests of clocks", "reports.sla_alerts.tell", 30),
    ("replies that are parked", "knowledge.parked.watch", 30),
    ("customers past their time", "reports.sla_watch.check", 30),
    ("last week's report", "reports.weekly.make_due", 60),
    ("days of the SLA report", "reports.daily.keep_up", 60),
]
# What is removed by age, and which fields hold customers' data (webhooks/retention.py, webhooks/customer_data.py).
RETENTION = ["webhooks.retention.RULES", "knowledge.retention.RULES"]
CUSTOMER_DATA = [
    "webhooks.customer_data.TABLE",
    "knowledge.customer_data.TABLE",
    "reports.customer_data.TABLE",
]
# Before a person's data are erased: (person, now=), raises erasure.CannotErase.
BEFORE_ERASING = "knowledge.customer_data.settle"
# Called in the transaction that makes a row DEAD, so that what it stood for is never silently lost.
ON_GIVE_UP = {
    "draft.request": "knowledge.redrafting.on_give_up",
    "reply.send": "knowledge.sending.on_give_up",
    "weekly.notify": "reports.weekly.telling.on_give_up",
}
# What a delivery led to, for its page: (delivery, user=) → [(label, address)].
DELIVERY_EFFECTS = "knowledge.pages.effects_of"
# Business time in seconds: (inbox's key or None, start, end) → float.
OPEN_SECONDS = "knowledge.desk_calendars.open_seconds"
# How many replies were sent, for the page of the caps: (now=) → int.
REPLIES_LAST_HOUR = "knowledge.sending_limits.used"
