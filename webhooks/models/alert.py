"""A problem that people must know about: one open row for each problem, however often it occurs. And who is notified, when."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from ..database.encryption import EncryptedTextField
from . import alert_kinds
from .source import Source


class Alert(models.Model):
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, help_text="What it is about: one open alert per key")
    source = models.ForeignKey(
        Source,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=gettext_lazy("source"),
    )
    text = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.PositiveIntegerField(gettext_lazy("count"), default=1)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("alert")
        verbose_name_plural = gettext_lazy("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_at=None), name="one_open_alert_a_trouble"
            )
        ]

    def __str__(self) -> str:
        return self.text


class AlertRule(models.Model):
    """When alerts of one kind open, who is notified, and at what hours. Seeded: one for each kind."""

    class Severity(models.TextChoices):
        NORMAL = alert_kinds.NORMAL, gettext_lazy("Can wait")
        URGENT = alert_kinds.URGENT, gettext_lazy("Urgent")

    kind = models.CharField(max_length=40, unique=True)
    enabled = models.BooleanField(gettext_lazy("notify people"), default=True)
    threshold = models.PositiveIntegerField(
        gettext_lazy("threshold"), null=True, blank=True, help_text=gettext_lazy("Empty: not monitored")
    )
    severity = models.CharField(
        gettext_lazy("severity"),
        max_length=6,
        choices=Severity,
        default=Severity.NORMAL,
        help_text=gettext_lazy("Urgent alerts are also sent in quiet hours"),
    )
    email = models.BooleanField(gettext_lazy("send an email"), default=True)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    groups = models.ManyToManyField(Group, blank=True, related_name="+")
    addresses = models.TextField(gettext_lazy("other addresses"), blank=True)
    chat_url = EncryptedTextField(blank=True)
    quiet_from = models.TimeField(gettext_lazy("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(gettext_lazy("quiet until"), null=True, blank=True)
    quiet_zone = models.CharField(gettext_lazy("time zone"), max_length=60, blank=True)

    class Meta:
        verbose_name = gettext_lazy("alert rule")
        verbose_name_plural = gettext_lazy("alert rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return str(alert_kinds.of(self.kind).name)
