"""Facts of the desk, a file a noun."""

from .article import Article
from .autosave import UnsavedText
from .calendar import BusinessCalendar, InboxHours
from .desk import ChatwootToken, DeskInbox
from .draft import Draft, DraftEvent
from .escalation import Escalation
from .learning import Citation, LearningSignal
from .risk import RiskRule

__all__ = [
    "Article", "BusinessCalendar", "ChatwootToken", "Citation", "DeskInbox", "Draft", "DraftEvent", "Escalation",
    "InboxHours", "LearningSignal", "RiskRule", "UnsavedText",
]  # fmt: skip
