"""Facts of the wire, a file a noun."""

from .access import ApiToken, Membership, SignInRule
from .alert import Alert, AlertRule
from .delivery import Attempt, Delivery, DeliveryAudit, Incoming, Outgoing, WorkerHost
from .mirror import AttributeChange, Contact, Conversation, Inbox, Message, StatusChange
from .mode import ModeChange, ModeNotice
from .policy import RetryPolicy
from .privacy import PrivacyAct, PruneRun, RetentionRule
from .profile import Profile
from .reconcile import ReconcileItem, ReconcileRun
from .rejection import Rejection, RejectionCount
from .replay import FailureNote, ReplayItem, ReplayRun
from .second_factor import SecondFactor
from .source import SendingSwitch, Source, SourceSecret
from .upstream import Upstream

__all__ = [
    "Alert",
    "AlertRule",
    "ApiToken",
    "Attempt",
    "AttributeChange",
    "Contact",
    "Conversation",
    "Delivery",
    "DeliveryAudit",
    "FailureNote",
    "Inbox",
    "Incoming",
    "Membership",
    "Message",
    "ModeChange",
    "ModeNotice",
    "Outgoing",
    "PrivacyAct",
    "Profile",
    "PruneRun",
    "ReconcileItem",
    "ReconcileRun",
    "Rejection",
    "RejectionCount",
    "ReplayItem",
    "ReplayRun",
    "RetentionRule",
    "RetryPolicy",
    "SecondFactor",
    "SendingSwitch",
    "SignInRule",
    "Source",
    "SourceSecret",
    "StatusChange",
    "Upstream",
    "WorkerHost",
]
