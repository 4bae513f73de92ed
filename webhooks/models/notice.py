"""Something that one person must know about their own work: written with its cause, sent in that person's next digest."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from . import notice_kinds
from .source import Source


class Notice(models.Model):
    """text and page hold no customer's name or words: emails are kept in many places."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(
        max_length=12, choices=[(name, kind.name) for name, kind in notice_kinds.KINDS.items()]
    )
    cause = models.CharField(max_length=120, help_text="What it is about: one notice per person and cause")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    about = models.BigIntegerField(help_text="The row it is about; which table, its kind says")
    text = models.CharField(max_length=300)
    page = models.CharField(max_length=200, help_text="Path of the page to open")
    at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, blank=True, help_text="When it went into a digest")

    class Meta:
        verbose_name = gettext_lazy("notice")
        verbose_name_plural = gettext_lazy("notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "cause"], name="one_notice_a_person_and_cause")
        ]
        indexes = [
            # The digest looks for these every few seconds; almost all rows are settled.
            models.Index(
                fields=["user", "at"], name="notice_waiting", condition=models.Q(queued_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.text
