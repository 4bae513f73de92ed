"""The app's tables, one file per noun: facts, constraints and QuerySets. Verbs are in the capability folders."""

from .article import Article, ArticleVersion
from .autosave import DraftReader, UnsavedText
from .calendar import BusinessCalendar, InboxHours
from .change import Change
from .comment import Comment
from .desk import ChatwootToken, DeskInbox
from .draft import Draft, DraftEvent
from .escalation import Escalation, EscalationRule, EscalationStep
from .import_run import ImportItem, ImportRun
from .learning import Citation, LearningSignal
from .model_call import DrafterLimits, ModelCall
from .queue_entry import Assignment, Dismissal, QueueFilter, ReadsLanguages, TypingInChatwoot
from .risk import RiskRule, RiskRuleSet
from .saved_reply import SavedReply
from .search import ArticleVector, Calibration, NoDraft, Probe, ProbeRun, ProbeVector
from .search_state import SearchState

__all__ = [
    "Article", "ArticleVector", "ArticleVersion", "Assignment", "BusinessCalendar", "Calibration", "Change",
    "ChatwootToken", "Citation", "Comment", "DeskInbox", "Dismissal", "Draft", "DraftEvent", "DraftReader", "DrafterLimits",
    "Escalation", "EscalationRule", "EscalationStep", "ImportItem", "ImportRun", "InboxHours", "LearningSignal",
    "ModelCall", "NoDraft", "Probe", "ProbeRun", "ProbeVector", "QueueFilter", "ReadsLanguages", "RiskRule", "RiskRuleSet",
    "SavedReply", "SearchState",
    "TypingInChatwoot", "UnsavedText",
]  # fmt: skip
