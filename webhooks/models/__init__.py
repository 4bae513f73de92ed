"""Facts of the webhooks app, one file for each noun."""

from .access import ApiToken, Membership, SignInRule
from .alert import Alert, AlertRule
from .delivery import Attempt, Delivery, DeliveryAudit, Incoming, Outgoing, WorkerHost
from .health_sample import HealthSample
from .inbox import Inbox
from .mirror import AttributeChange, Contact, Conversation, KnownName, Message, StatusChange
from .mode import ModeChange, ModeNotice
from .notice import Notice
from .policy import RetryPolicy
from .privacy import PrivacyAction, PruneRun, RetentionRule
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
    "HealthSample",
    "Inbox",
    "Incoming",
    "KnownName",
    "Membership",
    "Message",
    "ModeChange",
    "ModeNotice",
    "Notice",
    "Outgoing",
    "PrivacyAction",
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
