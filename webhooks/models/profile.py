"""What a person sets for themselves."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from ..database.encryption import EncryptedTextField


class Profile(models.Model):
    """No row: the site's own settings hold, and every notice is sent by email."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty: the site's own")
    language = models.CharField(max_length=8, blank=True, help_text="Empty: as the browser asks")
    chat_url = EncryptedTextField(blank=True, help_text="Of an incoming webhook; empty: no chat messages")
    muted = models.JSONField(
        default=list, blank=True, help_text='Kinds and channels switched off: ["outage:email"]'
    )
    quiet_minutes = models.PositiveSmallIntegerField(
        default=10, help_text="At most one digest within this time"
    )
    leads_on = models.BooleanField(
        default=True, help_text="After a decision, the next customer of the queue is opened"
    )
    digest_at = models.DateTimeField(null=True, blank=True, help_text="When the last digest was queued")

    class Meta:
        verbose_name = gettext_lazy("profile")
        verbose_name_plural = gettext_lazy("profiles")

    def __str__(self) -> str:
        return str(self.user)
