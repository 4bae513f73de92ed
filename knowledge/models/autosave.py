"""Who has a draft open, and unsaved text from its editor, kept until its author saves or decides."""

from django.conf import settings
from django.db import models

from .draft import Draft


class UnsavedText(models.Model):
    """One row per person and draft. Only that person sees it; it changes no revision and is never sent."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="unsaved")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField(help_text="Revision of the draft when typing began")
    text = models.TextField()
    note = models.TextField(blank=True)
    grades = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "user"], name="one_unsaved_text_a_person")]

    def __str__(self) -> str:
        return f"{self.user} in {self.draft}"


class DraftReader(models.Model):
    """Who has a draft's page open. It reserves nothing; how long somebody read counts from here."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "user"], name="one_presence_a_person")]

    def __str__(self) -> str:
        return f"{self.user} reads {self.draft}"
