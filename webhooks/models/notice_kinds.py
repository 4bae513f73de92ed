"""What people are notified of about their own work: one table, used by the digest and by each person's settings."""

from dataclasses import dataclass

EMAIL, CHAT = "email", "chat"
CHANNELS = {EMAIL: "Email", CHAT: "Chat"}


@dataclass(frozen=True)
class Kind:
    """name: as a choice on the Notifications page. count: singular and plural in a digest's subject."""

    name: str
    about: str
    count: tuple[str, str]


ESCALATION, SECOND_LOOK, STOPPED, ASSIGNED, MENTION, OUTAGE = (
    "escalation", "second_look", "stopped", "assigned", "mention", "outage",
)  # fmt: skip
KINDS = {
    ESCALATION: Kind(
        "Escalations", "A conversation is escalated to you, returned to you, or commented on.", ("escalation", "escalations"),
    ),
    SECOND_LOOK: Kind(
        "Second looks", "A reply needs a second person, and you may be that person.", ("second look", "second looks"),
    ),
    STOPPED: Kind(
        "Stopped replies", "A reply that you approved was parked or stopped.", ("stopped reply", "stopped replies"),
    ),
    ASSIGNED: Kind(
        "Assigned customers", "Somebody assigns a waiting customer to you.", ("assigned customer", "assigned customers"),
    ),
    MENTION: Kind(
        "Mentions", "A colleague mentions you in a comment.", ("mention", "mentions"),
    ),
    OUTAGE: Kind(
        "Outages", "Chatwoot does not answer, and approved replies wait.", ("outage", "outages"),
    ),
}  # fmt: skip
