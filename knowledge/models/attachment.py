"""The files of a reply. Their content is a column, so that backups, erasure and several hosts need no shared disk."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .draft import Draft


class WithoutContent(models.Manager["Attachment"]):
    """A content is megabytes, and is read only to be sent or downloaded: then it is fetched, or asked for by defer(None)."""

    def get_queryset(self) -> models.QuerySet["Attachment"]:
        return super().get_queryset().defer("content")


class Attachment(models.Model):
    """Never changed: another content is another row. What was approved is in Draft.approved_attachments."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="attachments")
    name = models.CharField(_("name"), max_length=150)
    content_type = models.CharField(max_length=100, help_text="By its content (files/file_types.py)")
    size = models.PositiveIntegerField(_("size"), help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = WithoutContent()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("pk",)  # the order in which they are sent

    def __str__(self) -> str:
        return self.name
