"""The app's tables, one file per noun: facts, constraints and QuerySets. Verbs are in the capability folders."""

from .article import Article, ArticleVersion
from .attachment import Attachment
from .autosave import DraftReader, UnsavedText
from .calendar import BusinessCalendar, InboxHours
from .change import Change, ChangeEvidence
from .comment import Comment
from .contradiction import Contradiction
from .desk import ChatwootToken, DeskInbox
from .draft import Draft, DraftEvent
from .escalation import Escalation, EscalationRule, EscalationStep
from .gap import Gap, GapTurn
from .import_run import ImportItem, ImportRun
from .learning import Citation, LearningPass, LearningSignal
from .model_call import DrafterLimits, ModelCall
from .question import Question
from .queue_entry import Assignment, Dismissal, QueueFilter, ReadsLanguages, TypingInChatwoot
from .risk import RiskRule, RiskRuleSet
from .saved_reply import SavedReply
from .search import ArticleVector, Calibration, NoDraft, Probe, ProbeRun, ProbeVector
from .search_state import SearchState
from .second_grade import SecondGrade, SecondGradeSettings

__all__ = [
    "Article", "ArticleVector", "ArticleVersion", "Assignment", "Attachment", "BusinessCalendar", "Calibration", "Change",
    "ChangeEvidence", "ChatwootToken", "Citation", "Comment", "Contradiction", "DeskInbox", "Dismissal", "Draft", "DraftEvent",
    "DraftReader", "DrafterLimits", "Escalation", "EscalationRule", "EscalationStep", "Gap", "GapTurn", "ImportItem",
    "ImportRun", "InboxHours", "LearningPass", "LearningSignal", "ModelCall", "NoDraft", "Probe", "ProbeRun", "ProbeVector",
    "Question", "QueueFilter", "ReadsLanguages", "RiskRule", "RiskRuleSet", "SavedReply", "SearchState", "SecondGrade",
    "SecondGradeSettings", "TypingInChatwoot", "UnsavedText",
]  # fmt: skip
