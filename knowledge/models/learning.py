"""Learning signals: what each decision taught, for those who improve articles and drafters (docs/learning_contract.md)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webhooks.models import Conversation

from . import grades
from .draft import Draft


class LearningSignal(models.Model):
    """One per decision, written in its transaction. Also one, without grades, when an agent's own answer overtook a draft."""

    class Decision(models.TextChoices):
        APPROVED = grades.Decision.APPROVED.value, _("Approved")
        REJECTED = grades.Decision.REJECTED.value, _("Rejected")
        OVERTAKEN = grades.Decision.OVERTAKEN.value, _("Overtaken")

    class Kind(models.TextChoices):
        TONE_IMPROVEMENT = grades.Kind.TONE_IMPROVEMENT.value, _("Tone improvement")
        FACTUAL_CORRECTION = grades.Kind.FACTUAL_CORRECTION.value, _("Factual correction")
        POLICY_CLARIFICATION = grades.Kind.POLICY_CLARIFICATION.value, _("Policy clarification")
        TEMPLATE_REFINEMENT = grades.Kind.TEMPLATE_REFINEMENT.value, _("Template refinement")
        NEW_PATTERN = grades.Kind.NEW_PATTERN.value, _("New pattern")
        SUPERSEDED = grades.Kind.SUPERSEDED.value, _("Superseded")

    class Edit(models.TextChoices):
        NOTHING = grades.Edit.NOTHING.value, pgettext_lazy("edited", "Nothing")
        FRAME = grades.Edit.FRAME.value, pgettext_lazy("edited", "Greeting or closing")
        WORDING = grades.Edit.WORDING.value, pgettext_lazy("edited", "Wording")
        FACTS = grades.Edit.FACTS.value, pgettext_lazy("edited", "Facts")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="signals")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="signals")
    decision = models.CharField(_("decision"), max_length=9, choices=Decision)
    approval = models.PositiveIntegerField(help_text="The draft's number of approvals at the decision")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    question = models.TextField(help_text="What the customer wrote since the last answer")
    category = models.CharField(max_length=200, blank=True, help_text="The best cited article")
    proposal = models.TextField(help_text="As drafted. Grades rate this text")
    final_text = models.TextField(
        blank=True, help_text="As approved, or as the agent sent it. Empty if rejected"
    )
    language = models.CharField(max_length=10, blank=True, help_text="Of the proposal; empty if unknown")
    edit = models.CharField(
        max_length=7, choices=Edit, blank=True, help_text="What was changed. Empty without a final text"
    )
    distance = models.PositiveIntegerField(null=True)
    ratio = models.FloatField(null=True)
    tone = models.PositiveSmallIntegerField(null=True)
    accuracy = models.PositiveSmallIntegerField(null=True)
    policy = models.PositiveSmallIntegerField(null=True)
    author = models.CharField(max_length=150)
    author_kind = models.CharField(_("author kind"), max_length=7, choices=Draft.AuthorKind)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    no_article = models.BooleanField(default=False, help_text="Rejected because no article fits")
    answer_id = models.PositiveBigIntegerField(null=True, help_text="The agent's own message in Chatwoot")
    at = models.DateTimeField()
    waited_s = models.PositiveIntegerField(help_text="Business seconds from proposal to decision")
    opened_s = models.PositiveIntegerField(
        null=True, help_text="Seconds the reviewer had it open. Unknown without a claim"
    )
    withdrawn_at = models.DateTimeField(null=True, help_text="When the decision was undone")

    class Meta:
        verbose_name = _("learning signal")
        verbose_name_plural = _("learning signals")
        constraints = [
            models.UniqueConstraint(fields=["draft", "approval", "decision"], name="one_signal_a_decision"),
            models.CheckConstraint(
                condition=~Q(decision="overtaken")
                | Q(tone=None, accuracy=None, policy=None, reviewer=None, kind="superseded"),
                name="overtaken_is_ungraded",
            ),
            models.CheckConstraint(
                condition=Q(ratio=None) | Q(ratio__range=(0, 1)), name="ratio_of_the_longer"
            ),
        ]
        indexes = [
            # The learning page by week; the API by since and until.
            models.Index(fields=["at"], name="signal_by_time"),
            # The figures of the learning pages: everything they count, so that the texts beside it are not read.
            models.Index(
                fields=[
                    "at",
                    "withdrawn_at",
                    "author_kind",
                    "decision",
                    "kind",
                    "reviewer",
                    "distance",
                    "ratio",
                    *grades.GRADES,
                    "opened_s",
                    "waited_s",
                    "conversation",
                    "draft",
                    "category",
                    "author",
                    "language",
                    "edit",
                    "id",
                ],
                name="signal_figures",
            ),
            # The API by kind, newest first.
            models.Index(fields=["kind", "-id"], name="signal_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}, {self.get_kind_display().lower()}"

    @property
    def grades(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in grades.GRADES}

    @property
    def articles(self) -> list[dict[str, str | int | None]]:
        """Best first. Reads the citations: prefetch them for a list."""
        return [{"article": row.article, "version": row.version} for row in self.citations.all()]


class Citation(models.Model):
    """An article that the proposal cited. Rows, because SQLite cannot search a JSON list with an index."""

    signal = models.ForeignKey(LearningSignal, models.CASCADE, related_name="citations")
    article = models.CharField(max_length=200)
    version = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["pk"]
        constraints = [
            # Serves the API's filter by article.
            models.UniqueConstraint(fields=["article", "signal"], name="cited_once_a_signal"),
        ]

    def __str__(self) -> str:
        return f"{self.article}, version {self.version}" if self.version else self.article


class LearningPass(models.Model):
    """How far a repeated reading of the signals has come: it continues in the next task, and starts again when its time is up."""

    name = models.CharField(max_length=20, primary_key=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, help_text="Of the last whole one")
    cursor = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("learning pass")
        verbose_name_plural = _("learning passes")

    def __str__(self) -> str:
        return self.name
