"""Gaps: topics that customers ask about and no draft answers. Calculated from the last weeks (learning/gap_rows.py)."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webhooks.accounts.access import inboxes_of
from webhooks.models import Message

from .article import Article
from .change import Change


class GapQuerySet(models.QuerySet["Gap"]):
    def open(self) -> "GapQuerySet":
        return self.filter(status=Gap.Status.OPEN)

    def visible_to(self, user: User) -> "GapQuerySet":
        """Those with a question in this person's inboxes, with how many customers and conversations there are in them."""
        theirs = Q(turns__message__conversation__inbox__in=inboxes_of(user))
        seen = GapTurn.objects.filter(gap=OuterRef("pk"), message__conversation__inbox__in=inboxes_of(user))
        return self.filter(Exists(seen)).annotate(
            seen_customers=Count("turns__message__conversation__contact", filter=theirs, distinct=True),
            seen_conversations=Count("turns__message__conversation", filter=theirs, distinct=True),
        )

    def unwritten(self, user: User) -> "GapQuerySet":
        """Without those that an open change fills which this person sees."""
        theirs = Article.objects.visible_to(user)
        return self.exclude(change__status=Change.Status.OPEN, change__article__in=theirs)

    def by_customers(self) -> "GapQuerySet":
        """The most first, of those that visible_to() counted."""
        return self.order_by("-seen_customers", "pk")


class Gap(models.Model):
    """One topic. It keeps its number as long as it shares questions with what is found next."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("open")
        DISMISSED = "DISMISSED", _("not a gap")
        OVER = "OVER", _("no longer asked")

    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    title = models.CharField(
        max_length=200,
        blank=True,
        help_text="Words that several customers use, in any inbox: show gap_writing.titles",
    )
    language = models.CharField(max_length=10, blank=True)
    customers = models.PositiveIntegerField(default=0, help_text="Who asked within 28 days")
    since = models.DateTimeField(help_text="When it was first asked")
    found_at = models.DateTimeField(
        default=timezone.now, help_text="When it became a gap, or became one again"
    )
    near = models.ForeignKey(
        Article,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Probably answers the typical question",
    )
    near_confidence = models.FloatField(null=True)
    change = models.ForeignKey(
        Change, models.SET_NULL, null=True, related_name="gaps", help_text="That fills it"
    )
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True)
    dismissed_customers = models.PositiveIntegerField(default=0, help_text="It comes back with twice as many")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is not a gap")
    updated_at = models.DateTimeField()

    objects = GapQuerySet.as_manager()

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="DISMISSED") | (~Q(reason="") & Q(dismissed_by__isnull=False)),
                name="gap_dismissed_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Gap {self.pk}"


class GapTurn(models.Model):
    """A customer's turn in a gap: a message that got no draft, or a draft that nobody sent as it was."""

    class Why(models.TextChoices):
        SILENT = "silent", _("no draft")
        REJECTED = "rejected", _("draft rejected")
        REWRITTEN = "rewritten", _("draft rewritten")
        OVERTAKEN = "overtaken", _("answered in Chatwoot")

    gap = models.ForeignKey(Gap, models.CASCADE, related_name="turns")
    message = models.OneToOneField(Message, models.CASCADE, related_name="gap_turn")
    question = models.TextField(blank=True, help_text="Masked. Empty once the customer's data is erased")
    why = models.CharField(max_length=9, choices=Why)
    closeness = models.FloatField(
        help_text="Mean cosine to the other questions: the highest is the typical one"
    )
    answered_by = models.CharField(max_length=255, blank=True, help_text="Name of the person who answered")
    answer = models.ForeignKey(
        Message, models.SET_NULL, null=True, related_name="+",
        help_text="What answers the question; null if nothing does, such as a reply that is sent on many topics",
    )  # fmt: skip
    answered_s = models.PositiveIntegerField(null=True, help_text="Business seconds until then")
    missed = models.BooleanField(default=False, help_text="A target was missed in this conversation")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("gap turn")
        verbose_name_plural = _("gap turns")

    def __str__(self) -> str:
        return self.question[:80] or "Erased"
