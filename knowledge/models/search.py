"""What search keeps: vectors, calibrations, probes with the runs that measured them, and questions that got no draft."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webhooks.accounts.access import in_inboxes_of
from webhooks.models import Conversation, Message

from .article import Article
from .learning import LearningSignal
from .queue_entry import Dismissal


class ArticleVector(models.Model):
    """An article's meaning as one embedder sees it, and that of its confirmed questions: little-endian 32-bit floats of length 1.

    Two vectors, so that an edited article keeps its questions, and an erased question leaves no trace in the article's own.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="vectors")
    embedder = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text that was embedded")
    vector = models.BinaryField()
    asked = models.BinaryField(default=b"", help_text="The mean of its questions; empty without any")
    asked_count = models.PositiveSmallIntegerField(default=0, help_text="How many questions that is")
    asked_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of these questions")

    class Meta:
        verbose_name = _("article vector")
        verbose_name_plural = _("article vectors")
        constraints = [
            # Serves the read of all vectors of an embedder, too.
            models.UniqueConstraint(fields=["embedder", "article"], name="one_vector_per_embedder")
        ]

    def __str__(self) -> str:
        return f"{self.article_id}, {self.embedder}"


class Calibration(models.Model):
    """Coefficients of confidence that were fitted to this desk's decisions. One per embedder is in use."""

    embedder = models.CharField(max_length=100)
    coefficients = models.JSONField()
    decisions = models.PositiveIntegerField()
    ece = models.FloatField(help_text="Expected calibration error on the newest fifth of the decisions")
    brier = models.FloatField()
    fitted_at = models.DateTimeField()
    active = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        constraints = [
            models.UniqueConstraint(
                fields=["embedder"], condition=Q(active=True), name="one_active_calibration_per_embedder"
            )
        ]

    def __str__(self) -> str:
        return f"{self.embedder}, {self.decisions} decisions"


class ProbeQuerySet(models.QuerySet["Probe"]):
    def visible_to(self, user: User) -> "ProbeQuerySet":
        """Customers' words only to people of their inbox."""
        mine = in_inboxes_of(user, path="conversation__inbox")
        # An empty Q means everything, but not beside another one.
        return self.filter(Q(conversation=None) | mine).distinct() if mine else self

    def failing(self, *, draft_from: float) -> "ProbeQuerySet":
        """When last measured, the right article did not stand first, or something was drafted where none is right."""
        not_first = Q(expected__isnull=False) & (Q(last_rank=None) | ~Q(last_rank=1))
        return self.filter(not_first | Q(expected=None, last_confidence__gte=draft_from))

    def grown(self) -> "ProbeQuerySet":
        """Made from a decision, and not typed by a person."""
        return self.exclude(signal=None, dismissal=None)


class Probe(models.Model):
    """A question, without personal data, with the article that must be found for it, or none.

    signal, dismissal: the decision that it was made from, if a person did not type it.
    """

    question = models.TextField(_("question"), max_length=2000)
    language = models.CharField(_("language"), max_length=10, blank=True)
    expected = models.ForeignKey(
        Article, models.PROTECT, verbose_name=_("expected"), null=True, blank=True, related_name="probes",
        help_text=_("Empty: no article answers this question"),
    )  # fmt: skip
    pinned = models.BooleanField(_("pinned"), default=False, help_text=_("Must be found, whatever changes"))
    last_rank = models.PositiveIntegerField(_("last rank"), null=True, editable=False)
    last_confidence = models.FloatField(_("last confidence"), null=True, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, null=True, blank=True, related_name="probes"
    )
    signal = models.ForeignKey(LearningSignal, models.CASCADE, null=True, blank=True, related_name="probes")
    dismissal = models.ForeignKey(Dismissal, models.CASCADE, null=True, blank=True, related_name="probes")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("created by"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(
        _("created at"),
    )

    objects = ProbeQuerySet.as_manager()

    class Meta:
        verbose_name = _("probe")
        verbose_name_plural = _("probes")
        indexes = [
            # Retention, by age.
            models.Index(fields=["created_at"], name="probe_by_time"),
        ]

    def __str__(self) -> str:
        return self.question[:80]


class ProbeVector(models.Model):
    """A probe's meaning as one embedder sees it, as in ArticleVector."""

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="vectors")
    embedder = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text that was embedded")
    vector = models.BinaryField()

    class Meta:
        verbose_name = _("probe vector")
        verbose_name_plural = _("probe vectors")
        constraints = [
            # Serves the read of all vectors of an embedder, too.
            models.UniqueConstraint(fields=["embedder", "probe"], name="one_probe_vector_per_embedder")
        ]

    def __str__(self) -> str:
        return f"probe {self.probe_id}, {self.embedder}"


class ProbeRun(models.Model):
    """One measurement of all probes. Shares are from 0 to 1; None: there was nothing to measure."""

    at = models.DateTimeField()
    n = models.PositiveIntegerField(help_text="Probes")
    answerable = models.PositiveIntegerField(help_text="Probes with a right article")
    recall_1 = models.FloatField(null=True, help_text="The right article stands first")
    recall_3 = models.FloatField(null=True, help_text="It is among the first three")
    mrr = models.FloatField(null=True, help_text="Mean reciprocal rank")
    silent_right = models.FloatField(null=True, help_text="Of questions without an article: nothing drafted")
    ece = models.FloatField(null=True, help_text="Expected calibration error")
    embedder = models.CharField(max_length=100)
    stamp = models.CharField(max_length=32, help_text="Of the articles that were live")
    articles = models.PositiveIntegerField(help_text="How many they were")

    class Meta:
        verbose_name = _("probe run")
        verbose_name_plural = _("probe runs")
        indexes = [
            # The history, newest first.
            models.Index(fields=["-at"], name="probe_run_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.n} probes, {self.embedder}"


class NoDraft(models.Model):
    """Why a customer's message got no draft, and which articles may fit."""

    class Reason(models.TextChoices):
        NO_REPLY_NEEDED = "no_reply_needed", _("No reply needed")
        MAY_FIT = "may_fit", _("No article is sure to fit")
        NO_ARTICLE = "no_article", _("No article fits")
        NO_TEXT = "no_text", _("No text to answer")

    message = models.OneToOneField(Message, models.CASCADE, related_name="no_draft")
    reason = models.CharField(max_length=15, choices=Reason)
    language = models.CharField(max_length=10, blank=True)
    articles = models.JSONField(
        default=list,
        help_text="[{article, version, title, score, confidence, language, sentence}], best first",
    )
    said = models.CharField(
        max_length=16, blank=True, help_text="A digest of the words for which there was none"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("no draft")
        verbose_name_plural = _("no drafts")

    def __str__(self) -> str:
        return self.get_reason_display()
