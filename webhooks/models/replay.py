"""Replaying many deliveries: a run with its reason and pace, and a result for each delivery. And notes on failures."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from .delivery import Delivery
from .source import Source


class ReplayRun(models.Model):
    class Status(models.TextChoices):
        RUNNING = "RUNNING", gettext_lazy("Running")
        DONE = "DONE", gettext_lazy("Done")
        CANCELLED = "CANCELLED", gettext_lazy("Cancelled")

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="replay_runs", verbose_name=gettext_lazy("source")
    )
    filters = models.JSONField(default=dict, help_text="The filters as a person chose them")
    reason = models.CharField(gettext_lazy("reason"), max_length=500)
    pace = models.PositiveIntegerField(help_text="Deliveries per second")
    also_done = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0, help_text="Deliveries chosen when it started")
    status = models.CharField(gettext_lazy("status"), max_length=9, choices=Status, default=Status.RUNNING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = pgettext_lazy("noun", "replay")
        verbose_name_plural = gettext_lazy("replays")
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(status="RUNNING"), name="one_replay_at_a_time_a_source"
            )
        ]

    def __str__(self) -> str:
        return _("replay %(number)s: %(reason)s") % {"number": self.pk, "reason": self.reason}


class ReplayItem(models.Model):
    class State(models.TextChoices):
        WAITING = "WAITING", gettext_lazy("Waiting")
        REPLAYED = "REPLAYED", gettext_lazy("Replayed")
        REFUSED = "REFUSED", gettext_lazy("Refused")

    run = models.ForeignKey(ReplayRun, models.CASCADE, related_name="items")
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="replay_items")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "delivery"], name="one_result_a_row_and_replay")
        ]
        indexes = [
            # The next deliveries of a run to reopen; its progress.
            models.Index(fields=["run", "state", "id"], name="replay_item_next"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.state}"


class FailureNote(models.Model):
    """A note on a group of failures (deliveries that share a fingerprint), and whether the group is muted."""

    fingerprint = models.CharField(max_length=16, unique=True)
    note = models.CharField(max_length=500, blank=True)
    muted_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = gettext_lazy("failure note")
        verbose_name_plural = gettext_lazy("failure notes")

    def __str__(self) -> str:
        return self.note or self.fingerprint
