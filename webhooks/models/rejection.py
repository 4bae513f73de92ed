"""Requests the receiver refused: all are counted and the last of each kind stored, so that a wrong secret is found quickly."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from .delivery import Delivery
from .source import Source


class RejectionCount(models.Model):
    """How many requests were refused each day for one reason. Includes those whose rows are no longer stored."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="rejection_counts")
    code = models.CharField(max_length=40)
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "code", "day"], name="one_count_a_reason_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.day}: {self.count}"


class Rejection(models.Model):
    """One refused request. body: only if the signature was right and the timestamp stale (the event would be lost), else NULL."""

    source = models.ForeignKey(
        Source, models.CASCADE, related_name="rejections", verbose_name=gettext_lazy("source")
    )
    at = models.DateTimeField()
    code = models.CharField(max_length=40)
    detail = models.CharField(max_length=300)
    clock_difference_s = models.FloatField(null=True, blank=True, help_text="The sender's clock minus ours")
    delivery_key = models.CharField(max_length=200, blank=True)
    remote = models.CharField(gettext_lazy("remote"), max_length=64, blank=True)
    headers = models.JSONField(default=dict)
    body_size = models.PositiveIntegerField(default=0)
    body = models.BinaryField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = gettext_lazy("rejected request")
        verbose_name_plural = gettext_lazy("rejected requests")
        indexes = [
            # A source's newest, on its page, and which ones to prune.
            models.Index(fields=["source", "code", "-id"], name="rejection_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.code} at {timezone.localtime(self.at):%-d %b, %H:%M:%S}"
