"""The app's tables, one file per noun: facts, constraints and QuerySets. Verbs are in the capability folders."""

from .article import Article
from .autosave import DraftReader, UnsavedText
from .calendar import BusinessCalendar, InboxHours
from .desk import ChatwootToken, DeskInbox
from .draft import Draft, DraftEvent
from .escalation import Escalation, EscalationRule
from .learning import Citation, LearningSignal
from .model_call import DrafterLimits, ModelCall
from .queue_entry import Assignment, Dismissal, ReadsLanguages, TypingInChatwoot
from .risk import RiskRule, RiskRuleSet

__all__ = [
    "Article", "Assignment", "BusinessCalendar", "ChatwootToken", "Citation", "DeskInbox", "Dismissal", "Draft",
    "DraftEvent", "DraftReader", "DrafterLimits", "Escalation", "EscalationRule", "InboxHours", "LearningSignal", "ModelCall",
    "ReadsLanguages", "RiskRule", "RiskRuleSet", "TypingInChatwoot", "UnsavedText",
]  # fmt: skip
