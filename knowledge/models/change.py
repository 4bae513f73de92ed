"""Proposed changes of articles: the only way in for people, imports, programs and models (articles/changes.py)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .article import Article


class Change(models.Model):
    """A proposal, who made it, and a person's decision about it."""

    class Kind(models.TextChoices):
        NEW = "NEW", "new article"
        EDIT = "EDIT", "edit"
        WITHDRAW = "WITHDRAW", "withdraw"
        ROLLBACK = "ROLLBACK", "roll back"
        MERGE = "MERGE", "merge"
        TRANSLATION = "TRANSLATION", "translation"
        QUESTIONS = "QUESTIONS", "questions"

    class Origin(models.TextChoices):
        PERSON = "PERSON", "a person"
        IMPORT = "IMPORT", "an import"
        SERVICE = "SERVICE", "a program"
        MODEL = "MODEL", "a model"
        LESSON = "LESSON", "edits of replies"
        GAP = "GAP", "questions without an answer"

    class Status(models.TextChoices):
        OPEN = "OPEN"
        APPROVED = "APPROVED"
        DISMISSED = "DISMISSED"
        EXPIRED = "EXPIRED"
        SUPERSEDED = "SUPERSEDED"

    kind = models.CharField(max_length=11, choices=Kind)
    origin = models.CharField(max_length=7, choices=Origin)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    article = models.ForeignKey(Article, models.CASCADE, related_name="changes")
    base_version = models.PositiveIntegerField(help_text="The version it was written from; 0: none")
    proposed = models.JSONField(default=dict, help_text="Field → new value; only what changes")
    digest = models.CharField(max_length=64, help_text="Of the normalised difference")
    evidence = models.JSONField(default=list, help_text='[{"what", "url"}]')
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
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display().capitalize()}: {self.proposed.get('title') or self.article.title}"
