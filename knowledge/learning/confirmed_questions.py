"""Keeps the customer's question of a decision that confirmed an article: approved nearly as drafted, and not graded as wrong.

Within the decision's transaction; search takes it in later (search/learnt_questions.py).
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from ..articles import asked_questions
from ..models import Article, LearningSignal, Question
from ..models.grades import GOOD, Decision
from ..search import articles
from ..text import courtesies
from . import edits

# Signals of an approval of the cited article's answer, for the words that were asked.
CONFIRMED = (
    Q(decision=Decision.APPROVED, ratio__lt=edits.REWRITTEN)
    & ~Q(category="")
    & (Q(accuracy=None) | Q(accuracy__gte=GOOD))
)


def keep(signal: LearningSignal, *, by: User, now: datetime) -> Question | None:
    """None where the decision confirms no article, or the article is not for the customer's inbox."""
    confirmed = LearningSignal.objects.filter(CONFIRMED, pk=signal.pk)
    if not confirmed.exists() or courtesies.courtesy(signal.question) is not None:
        return None
    article, conversation = Article.objects.filter(slug=signal.category).first(), signal.conversation
    if article is None or not asked_questions.may_learn(article, conversation.inbox_id):
        return None
    text = asked_questions.masked(
        signal.question, conversation=conversation, writer=signal.draft.in_reply_to.sender_name
    )
    if not text:
        return None
    return Question.objects.create(
        article=article, conversation=conversation, text=text, signal=signal, confirmed_by=by, at=now,
        language=articles.language_of(text),
    )  # fmt: skip


def withdraw(signals: QuerySet[LearningSignal]) -> None:
    Question.objects.filter(signal__in=signals).delete()
