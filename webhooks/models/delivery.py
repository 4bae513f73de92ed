"""One thing that must reach its handler, and each attempt at it (design, section 3)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import parsing
from .source import Source


class Delivery(models.Model):
    class Direction(models.TextChoices):
        IN = "IN"
        OUT = "OUT"

    class Status(models.TextChoices):
        PENDING = "PENDING", gettext_lazy("Pending")
        DONE = "DONE", gettext_lazy("Done")
        DEAD = "DEAD", gettext_lazy("Failed")
        HELD = "HELD", gettext_lazy("Held")
        CANCELLED = "CANCELLED", gettext_lazy("Cancelled")

    class Lane(models.TextChoices):
        IN = "in"
        SEND = "send"
        SLOW = "slow"

    class HeldFor(models.TextChoices):
        PAUSED = "paused"
        CREDENTIALS = "credentials"
        RULE = "rule"

    class Redacted(models.TextChoices):
        AGE = "age"
        ERASURE = "erasure"

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="deliveries", verbose_name=gettext_lazy("source")
    )
    direction = models.CharField(max_length=3, choices=Direction)
    lane = models.CharField(max_length=4, choices=Lane)
    event = models.CharField(gettext_lazy("event"), max_length=100)
    variant = models.CharField(max_length=20, blank=True, help_text="Narrows the policy: reply.send@email")
    delivery_key = models.CharField(max_length=200)
    semantic_key = models.CharField(max_length=200, blank=True)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    conversation_id = models.PositiveBigIntegerField(null=True, blank=True)
    message_id = models.PositiveBigIntegerField(null=True, blank=True)
    status = models.CharField(gettext_lazy("status"), max_length=9, choices=Status, default=Status.PENDING)
    held_for = models.CharField(max_length=11, choices=HeldFor, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    budget_from = models.PositiveIntegerField(default=0)
    due_since = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    running_since = models.DateTimeField(null=True, blank=True)
    running_on = models.CharField(max_length=200, blank=True, help_text="host:pid of the worker that runs it")
    origin = models.CharField(max_length=10, default="webhook")
    spooled = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    error_fingerprint = models.CharField(max_length=16, blank=True)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )
    # Once the body is removed (redaction.py), its hash and size stay. The defaults are the database's: during an upgrade, a
    # web process of the previous version does not know these columns and must still be able to store webhooks.
    redacted_at = models.DateTimeField(null=True, blank=True)
    redacted_for = models.CharField(max_length=7, choices=Redacted, blank=True, default="", db_default="")
    body_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    body_size = models.PositiveIntegerField(null=True, blank=True)

    # While its handlers run: the conversation, locked, and what the mirror made of the event (mirror/handlers.py).
    conversation: Any = None
    applied: Any = None

    class Meta:
        verbose_name = gettext_lazy("delivery")
        verbose_name_plural = gettext_lazy("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "direction", "delivery_key"], name="one_row_a_delivery"
            ),
            models.CheckConstraint(
                condition=Q(status="PENDING", next_attempt_at__isnull=False)
                | (~Q(status="PENDING") & Q(next_attempt_at__isnull=True)),
                name="next_attempt_exactly_while_pending",
            ),
            models.CheckConstraint(
                condition=(Q(status="HELD") & ~Q(held_for="")) | (~Q(status="HELD") & Q(held_for="")),
                name="held_for_exactly_while_held",
            ),
        ]
        indexes = [
            # The claim: lane = X and next_attempt_at <= now. Final rows are NULL there, so the working part stays small.
            # With the id: what became due together is claimed as it was recorded, without sorting a backlog.
            models.Index(fields=["lane", "next_attempt_at", "id"], name="delivery_claim"),
            # The admin's and the API's lists, newest first; a source's last delivery.
            models.Index(fields=["direction", "-id"], name="delivery_list"),
            models.Index(fields=["status", "-id"], name="delivery_by_status"),
            # Counts by state in a list of one direction: with only the two indexes above, SQLite picks one and reads its rows.
            models.Index(fields=["direction", "status", "-id"], name="delivery_states"),
            models.Index(fields=["source", "-received_at"], name="delivery_by_source"),
            # A conversation's deliveries on its page and in the API.
            models.Index(fields=["source", "conversation_id"], name="delivery_by_conversation"),
            # The semantic duplicate check, once for each message. Not partial: SQLite could not use it for a bound key. Three
            # columns: with fewer, SQLite prefers another index that matches as many.
            models.Index(fields=["semantic_key", "source", "status"], name="delivery_semantic"),
            # Failures grouped by fingerprint. A delivery that succeeds loses its fingerprint, so the index stays small.
            models.Index(
                fields=["error_fingerprint"], name="delivery_failures", condition=~Q(error_fingerprint="")
            ),
        ]

    def __str__(self) -> str:
        event = self.event.replace("_", " ") or _("no event")
        return f"{event} #{self.pk}"

    def payload(self) -> Any:
        """The event. Raises parsing.NotAnEvent if it is not one (such a row is DEAD from the start)."""
        return parsing.parse(bytes(self.body))

    @property
    def subject(self) -> str:
        """What a policy's pattern is matched against, in addition to the event."""
        return f"{self.event}@{self.variant}" if self.variant else self.event

    @property
    def budget_used(self) -> int:
        """Attempts that count against the policy: those since the last replay."""
        return self.attempts - self.budget_from


class OfDirection(models.Manager):
    def __init__(self, direction: str) -> None:
        super().__init__()
        self.direction = direction

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(direction=self.direction)


class Incoming(Delivery):
    objects = OfDirection("IN")  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = gettext_lazy("incoming delivery")
        verbose_name_plural = gettext_lazy("incoming deliveries")


class Outgoing(Delivery):
    objects = OfDirection("OUT")  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = gettext_lazy("outgoing delivery")
        verbose_name_plural = gettext_lazy("outgoing deliveries")


class Attempt(models.Model):
    class Outcome(models.TextChoices):
        OK = "ok", gettext_lazy("Ok")
        RETRYABLE = "retryable", gettext_lazy("Retryable")
        PERMANENT = "permanent", gettext_lazy("Permanent")
        UNKNOWN = "unknown", gettext_lazy("Unknown")
        CRASHED = "crashed", gettext_lazy("Crashed")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempt_log")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_class = models.CharField(max_length=100, blank=True)
    message = models.CharField(max_length=2000, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    policy_version = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = gettext_lazy("attempt")
        verbose_name_plural = gettext_lazy("attempts")
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="one_row_an_attempt")]

    def __str__(self) -> str:
        return _("attempt %(number)s of %(delivery_id)s") % {
            "number": self.number,
            "delivery_id": self.delivery_id,
        }


class DeliveryAudit(models.Model):
    """What a person did to a delivery, and why. Append-only."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="audit")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)

    class Meta:
        verbose_name = gettext_lazy("delivery audit")
        verbose_name_plural = gettext_lazy("delivery audits")

    def __str__(self) -> str:
        return f"{self.action}: {self.reason}"


class WorkerHost(models.Model):
    """The heartbeat of a host that runs workers. clusters: lane → {"pid", "started_at", "restarts", "restarted_at", "why"}."""

    host = models.CharField(max_length=200, unique=True)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    clusters = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.host
