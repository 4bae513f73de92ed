"""Saved weekly reports, notes by Managers on a week, and the recipients of the report."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from webhooks.database.encryption import EncryptedTextField
from webhooks.errors import DeliveryError
from webhooks.outbound import slack


class WeeklyReport(models.Model):
    """Written once, so that later changes of the data do not change what was reported."""

    week = models.CharField(max_length=8, unique=True, help_text="2026-W47")
    made_at = models.DateTimeField()
    is_complete = models.BooleanField(help_text="All data of the week had arrived")
    content = models.TextField(help_text="JSON as text, because PostgreSQL would reorder the keys")

    class Meta:
        ordering = ("-week",)

    def __str__(self) -> str:
        return self.week

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A saved weekly report cannot be changed.")
        super().save(*args, **kwargs)

    @property
    def snapshot(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


class WeeklyNote(models.Model):
    """What was special about a week, such as Black Friday. The week then does not count in later medians and ranges."""

    week = models.CharField(max_length=8, unique=True, help_text="2026-W47")
    text = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"{self.week}: {self.text}"


class WeeklyRecipient(models.Model):
    """Where the report goes each Monday: an email address, or the URL of a chat's incoming webhook."""

    name = models.CharField(max_length=60, unique=True, help_text=_("A name for this recipient"))
    address = EncryptedTextField(
        help_text=_("An email address, or the URL of an incoming webhook in Slack or Mattermost")
    )
    active = models.BooleanField(default=True, help_text=_("Turn off to pause the report for this recipient"))

    class Meta:
        verbose_name = _("weekly recipient")
        verbose_name_plural = _("weekly recipients")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_chat(self) -> bool:
        return "://" in self.address

    @property
    def where(self) -> str:
        """Only the host of a URL: anyone who has the whole URL can post there."""
        return urlsplit(self.address).hostname or "" if self.is_chat else self.address

    def clean(self) -> None:
        self.address = (self.address or "").strip()
        try:
            if self.is_chat:
                slack.target(self.address)
            else:
                validate_email(self.address)
        except DeliveryError as error:
            raise ValidationError({"address": str(error)}) from error
        except ValidationError:
            raise ValidationError({"address": gettext("Enter an email address or a URL.")}) from None
