"""Questions: customers' words for which a person approved an article's answer. Search compares with them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from webhooks.accounts.access import in_inboxes_of
from webhooks.models import Conversation

from .article import Article
from .change import Change
from .learning import LearningSignal
from .search import ArticleVector
from .search_state import SearchState

MOST_TEXT = 2000  # characters


class QuestionQuerySet(models.QuerySet["Question"]):
    def confirmed(self) -> "QuestionQuerySet":
        """Approved by a person. Of an article for some inboxes, only those of these inboxes."""
        theirs = Q(article__inboxes=None) | Q(article__inboxes=F("conversation__inbox"))
        return self.filter(theirs, confirmed_by__isnull=False)

    def visible_to(self, user: User) -> "QuestionQuerySet":
        """Customers' words only to people of their inbox."""
        return self.filter(in_inboxes_of(user, path="conversation__inbox")).distinct()

    def confirm(self, *, by: User, now: datetime) -> int:
        return self.filter(confirmed_by=None).update(confirmed_by=by, at=now)

    def delete(self) -> tuple[int, dict[str, int]]:
        """What they taught the vectors goes with them, at once; the others' share is calculated again in the background."""
        with transaction.atomic():
            taught = self.filter(in_search=True).order_by().values_list("article", flat=True)
            articles = sorted(set(taught))
            done = super().delete()
            if articles:
                ArticleVector.objects.filter(article__in=articles).update(
                    asked=b"", asked_count=0, asked_digest=""
                )
                SearchState.objects.move()
        return done


class Question(models.Model):
    """From a decision (signal) or from an approved change; a change's are not confirmed while it is open."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="questions")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="questions")
    text = models.TextField(max_length=MOST_TEXT, help_text="Without personal data")
    language = models.CharField(max_length=10, blank=True)
    signal = models.ForeignKey(LearningSignal, models.CASCADE, null=True, related_name="questions")
    change = models.ForeignKey(Change, models.CASCADE, null=True, related_name="questions")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(help_text="When it was confirmed, or proposed")
    in_search = models.BooleanField(default=False, help_text="The index and the article's vectors contain it")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(fields=["signal"], name="one_question_a_decision"),
            models.UniqueConstraint(fields=["change", "conversation"], name="one_question_a_change"),
            models.CheckConstraint(
                condition=Q(in_search=False) | Q(confirmed_by__isnull=False), name="search_learns_what_is_confirmed"
            ),
        ]  # fmt: skip
        indexes = [
            # The article's page and the index: an article's questions, newest first.
            models.Index(fields=["article", "-at"], name="question_by_article"),
            # The chore that takes in new ones.
            models.Index(fields=["at"], name="question_waiting", condition=Q(in_search=False)),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        return Question.objects.filter(pk=self.pk).delete()
