"""Facts of the wire, a file a noun."""

from .access import ApiToken, Membership
from .delivery import Attempt, Delivery, DeliveryAudit, Incoming, Outgoing, WorkerHost
from .mirror import Contact, Conversation, Inbox, Message, StatusChange
from .policy import RetryPolicy
from .source import SendingSwitch, Source, SourceSecret

__all__ = [
    "ApiToken",
    "Attempt",
    "Contact",
    "Conversation",
    "Delivery",
    "DeliveryAudit",
    "Inbox",
    "Incoming",
    "Membership",
    "Message",
    "Outgoing",
    "RetryPolicy",
    "SendingSwitch",
    "Source",
    "SourceSecret",
    "StatusChange",
    "WorkerHost",
]
