"""A source is one Chatwoot account: where its webhooks arrive and how to reach its API."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..database.encryption import EncryptedTextField


class Source(models.Model):
    class Mode(models.TextChoices):
        ACTIVE = "active", gettext_lazy("Active")
        PAUSED = "paused", gettext_lazy("Paused")
        LEGACY = "legacy", gettext_lazy("Legacy")

    slug = models.SlugField(
        gettext_lazy("slug"),
        unique=True,
        help_text="Part of the receiving URL: /webhooks/chatwoot/<slug>/",
    )
    base_url = models.URLField(
        gettext_lazy("base URL"),
        help_text="Chatwoot's address, for example https://chat.example.com",
    )
    internal = models.BooleanField(
        default=False,
        db_default=False,  # during an upgrade, code of the previous release writes sources too
        help_text="Connected from the server: the address may be in the installation's own network",
    )
    moved_from = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="The base URL it was bound to before, until a person confirms that the new one is the same Chatwoot",
    )
    account_id = models.PositiveBigIntegerField(
        help_text="The number in /app/accounts/<number>/ of its address bar"
    )
    api_token = EncryptedTextField(blank=True)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.ACTIVE)
    mode_reason = models.CharField(max_length=200, blank=True)
    legacy_url = models.URLField(
        max_length=500,
        blank=True,
        help_text="Where the previous handler receives Chatwoot's webhooks, for legacy mode",
    )
    legacy_ended_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Replies approved before this are not sent automatically",
    )
    leads = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        help_text="Who is notified when its mode is switched",
    )
    chatwoot_version = models.CharField(max_length=20, blank=True)
    version_read_at = models.DateTimeField(null=True, blank=True)
    sender_id = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The token's user in Chatwoot"
    )
    sender_name = models.CharField(max_length=200, blank=True)
    webhook_id = models.PositiveBigIntegerField(null=True, blank=True)
    webhook_url = models.URLField(
        max_length=500, blank=True, help_text="The address that was registered with Chatwoot"
    )
    silence_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Alert after this many minutes of business hours without a webhook. Empty: no alert.",
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    credentials_refused_at = models.DateTimeField(null=True, blank=True)
    unsigned_token = EncryptedTextField(
        blank=True,
        help_text="Chatwoot before 4.11.2 does not sign webhooks: the URL ends in this token instead",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = gettext_lazy("source")
        verbose_name_plural = gettext_lazy("sources")
        constraints = [
            models.CheckConstraint(
                condition=Q(mode__in=["active", "paused", "legacy"]), name="source_mode_known"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def path(self) -> str:
        return f"/webhooks/chatwoot/{self.slug}/"

    def dashboard_url(self, conversation_id: int) -> str:
        return f"{self.base_url}/app/accounts/{self.account_id}/conversations/{conversation_id}"


class SourceSecret(models.Model):
    """A secret that may sign webhooks: two during a rotation, and an API inbox's webhook has its own."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="secrets")
    secret = EncryptedTextField()
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_matched_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")

    def __str__(self) -> str:
        return self.label or f"secret {self.pk}"


class SendingSwitch(models.Model):
    """The installation's sending switch: one row. While stopped, no reply is sent."""

    stopped = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    most_an_hour = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=600,
        help_text="Replies per hour, all sources together. Empty: no limit.",
    )
    most_a_conversation = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=20,
        help_text="Replies per hour to one conversation. Empty: no limit.",
    )

    class Meta:
        verbose_name = gettext_lazy("sending switch")
        verbose_name_plural = gettext_lazy("sending switch")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_sending_switch")]

    def __str__(self) -> str:
        return _("Sending is stopped") if self.stopped else _("Sending is on")

    @classmethod
    def is_stopped(cls) -> bool:
        return cls.objects.filter(pk=1, stopped=True).exists()
