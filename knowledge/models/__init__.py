"""The app's tables, one file per noun: facts, constraints and QuerySets. Verbs are in the capability folders."""

from .article import Article
from .autosave import DraftReader, UnsavedText
from .calendar import BusinessCalendar, InboxHours
from .desk import ChatwootToken, DeskInbox
from .draft import Draft, DraftEvent
from .escalation import Escalation, EscalationRule
from .learning import Citation, LearningSignal
from .queue_entry import Assignment, Dismissal, ReadsLanguages, TypingInChatwoot
from .risk import RiskRule, RiskRuleSet
from .search import ArticleVector, Calibration, NoDraft, Probe
from .search_state import SearchState

__all__ = [
    "Article", "ArticleVector", "Assignment", "BusinessCalendar", "Calibration", "ChatwootToken", "Citation",
    "DeskInbox", "Dismissal", "Draft", "DraftEvent", "DraftReader", "Escalation", "EscalationRule", "InboxHours",
    "LearningSignal", "NoDraft", "Probe", "ReadsLanguages", "RiskRule", "RiskRuleSet", "SearchState",
    "TypingInChatwoot", "UnsavedText",
]  # fmt: skip
