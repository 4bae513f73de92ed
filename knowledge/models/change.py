"""Proposed changes of articles: the only way in for people, imports, programs and models (articles/changes.py)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webhooks.models import Contact

from .article import Article
from .learning import LearningSignal


class Change(models.Model):
    """A proposal, who made it, and a person's decision about it."""

    class Kind(models.TextChoices):
        NEW = "NEW", _("new article")
        EDIT = "EDIT", _("edit")
        WITHDRAW = "WITHDRAW", _("withdraw")
        ROLLBACK = "ROLLBACK", _("roll back")
        MERGE = "MERGE", _("merge")
        TRANSLATION = "TRANSLATION", _("translation")
        QUESTIONS = "QUESTIONS", _("questions")

    class Origin(models.TextChoices):
        PERSON = "PERSON", _("a person")
        IMPORT = "IMPORT", _("an import")
        SERVICE = "SERVICE", _("a program")
        MODEL = "MODEL", _("a model")
        LESSON = "LESSON", _("edits of replies")
        GAP = "GAP", _("questions without an answer")
        EFFECT = "EFFECT", _("the effect of a version")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        APPROVED = "APPROVED", _("Approved")
        DISMISSED = "DISMISSED", _("Dismissed")
        EXPIRED = "EXPIRED", _("Expired")
        SUPERSEDED = "SUPERSEDED", _("Superseded")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    origin = models.CharField(_("origin"), max_length=7, choices=Origin)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    article = models.ForeignKey(Article, models.CASCADE, related_name="changes")
    base_version = models.PositiveIntegerField(help_text="The version it was written from; 0: none")
    proposed = models.JSONField(default=dict, help_text="Field → new value; only what changes")
    digest = models.CharField(max_length=64, help_text="Of the normalised difference")
    lesson = models.CharField(
        max_length=64,
        blank=True,
        help_text="Which fact is wrong, and what to say instead (learning/lessons.py)",
    )
    share_low = models.FloatField(
        null=True, help_text="Of the decisions that showed the fact: the lower end of a 90 % interval"
    )
    note = models.CharField(max_length=500, blank=True, help_text="Why it was proposed")
    customers = models.PositiveIntegerField(default=0, help_text="Customers it rests on")
    people = models.PositiveIntegerField(default=0, help_text="Reviewers it rests on")
    second_person = models.BooleanField(
        default=False, help_text="The people who made or edited it may not approve it"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    edited_by = models.JSONField(default=list, help_text="User ids of everybody who edited it")
    created_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(
        max_length=500,
        blank=True,
        help_text="Why it was dismissed, expired, or approved although probes are lost",
    )
    merges = models.ForeignKey(
        Article, models.PROTECT, null=True, related_name="+", help_text="The article that a merge withdraws"
    )
    merges_version = models.PositiveIntegerField(null=True, help_text="The version of it that was read")
    probe_result = models.JSONField(null=True, help_text="What it does to search (search/probe_effect.py)")

    class Meta:
        verbose_name = pgettext_lazy("noun", "change")
        verbose_name_plural = _("changes")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "kind", "digest"],
                condition=Q(status="OPEN"),
                name="one_open_change_a_difference",
            ),
            models.CheckConstraint(
                condition=~Q(status="APPROVED") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="change_approved_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(origin__in=["SERVICE", "MODEL"]) | Q(second_person=True),
                name="programs_need_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="APPROVED", second_person=True) | ~Q(decided_by=F("made_by")),
                name="second_person_is_another",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["DISMISSED", "EXPIRED"]) | ~Q(reason=""),
                name="dismissed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind="MERGE", merges__isnull=False, merges_version__isnull=False)
                | (~Q(kind="MERGE") & Q(merges=None, merges_version=None)),
                name="merge_names_the_other_article",
            ),
        ]
        indexes = [
            # The list of open changes, newest first.
            models.Index(fields=["status", "-id"], name="change_by_status"),
            # Whether a lesson was proposed before.
            models.Index(fields=["article", "lesson"], name="change_by_lesson", condition=~Q(lesson="")),
        ]

    def __str__(self) -> str:
        return f"{capfirst(self.get_kind_display())}: {self.proposed.get('title') or self.article.title}"


class ChangeEvidence(models.Model):
    """A decision that a change rests on. Kept for ever; its text goes with the customer's data, or by age."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="evidence")
    signal = models.ForeignKey(LearningSignal, models.SET_NULL, null=True, related_name="evidence")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=300, blank=True, help_text="five working days → seven working days")
    weight = models.FloatField(default=1.0, help_text="By its age when it was added: half after 90 days")
    at = models.DateTimeField(help_text="When it was decided")

    class Meta:
        verbose_name = _("change evidence")
        verbose_name_plural = _("change evidence")
        constraints = [
            models.UniqueConstraint(fields=["change", "signal"], name="one_row_a_change_and_signal"),
        ]
        indexes = [
            # Retention, by age.
            models.Index(fields=["at"], name="evidence_by_time"),
        ]

    def __str__(self) -> str:
        return self.what or "Evidence without its text"
