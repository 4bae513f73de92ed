"""What colleagues say to each other about a conversation. Customers never see it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from webhooks.models import Conversation


class Comment(models.Model):
    """Append-only. With `in_chatwoot`, one private note there has the same text."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=1000)
    in_chatwoot = models.BooleanField()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return f"{self.by} on {self.conversation}"
