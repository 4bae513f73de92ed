"""Who has a draft open, and unsaved text from its editor, kept until its author saves or decides."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .draft import Draft


class UnsavedText(models.Model):
    """One row per person and draft, for them and anyone who takes the draft over. It changes no revision and is never sent."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="unsaved")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField(help_text="Revision of the draft when typing began")
    text = models.TextField()
    note = models.TextField(blank=True)
    grades = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")
        constraints = [models.UniqueConstraint(fields=["draft", "user"], name="one_unsaved_text_a_person")]

    def __str__(self) -> str:
        return gettext("%(user)s in %(draft)s") % {"user": self.user, "draft": self.draft}


class DraftReader(models.Model):
    """Who has a draft's page open. It reserves nothing; how long somebody read counts from here."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft reader")
        verbose_name_plural = _("draft readers")
        constraints = [models.UniqueConstraint(fields=["draft", "user"], name="one_presence_a_person")]

    def __str__(self) -> str:
        return gettext("%(user)s reads %(draft)s") % {"user": self.user, "draft": self.draft}
