"""Reconciliation runs, which ask Chatwoot for missed events: time range, progress and result. They survive restarts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .source import Source


class ReconcileRun(models.Model):
    class Status(models.TextChoices):
        RUNNING = "RUNNING", gettext_lazy("Running")
        DONE = "DONE", gettext_lazy("Done")
        FAILED = "FAILED", gettext_lazy("Failed")

    class Cause(models.TextChoices):
        SCHEDULE = "schedule"
        START = "start"
        GAP = "gap"
        PERSON = "person"
        COMMAND = "command"

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="reconcile_runs", verbose_name=gettext_lazy("source")
    )
    cause = models.CharField(max_length=8, choices=Cause)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    status = models.CharField(gettext_lazy("status"), max_length=7, choices=Status, default=Status.RUNNING)
    since = models.DateTimeField(help_text="Earlier events are not looked for")
    began_at = models.DateTimeField(help_text="Once done, everything before this is known")
    finished_at = models.DateTimeField(null=True, blank=True)
    # Progress: the list of conversations first, page by page; then each of them.
    listed = models.BooleanField(default=False)
    page = models.PositiveIntegerField(default=1)
    passes = models.PositiveIntegerField(default=0)
    floor = models.DateTimeField(help_text="How far back this pass reads the list")
    pass_began_at = models.DateTimeField(null=True)
    # Which process works on it and until when no other may; after a problem, when it is retried.
    holder = models.CharField(max_length=36, blank=True)
    leased_until = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)
    # What was found.
    conversations = models.PositiveIntegerField(default=0, help_text="Conversations read")
    messages = models.PositiveIntegerField(default=0, help_text="Missed messages and conversations")
    changes = models.PositiveIntegerField(default=0, help_text="Missed changes of messages and conversations")
    gone = models.PositiveIntegerField(default=0, help_text="Deleted in Chatwoot")
    young = models.PositiveIntegerField(default=0, help_text="So recent that the webhook may still arrive")
    first_missed_at = models.DateTimeField(null=True)
    last_missed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = gettext_lazy("reconciliation run")
        verbose_name_plural = gettext_lazy("reconciliation runs")
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(status="RUNNING"), name="one_reconcile_at_a_time_a_source"
            )
        ]
        indexes = [
            # A source's last run, looked up every few seconds.
            models.Index(fields=["source", "-id"], name="reconcile_last"),
        ]

    def __str__(self) -> str:
        return _("Reconciliation run %(number)s (%(source)s)") % {"number": self.pk, "source": self.source}

    @property
    def missed(self) -> int:
        return self.messages + self.changes


class ReconcileItem(models.Model):
    """A conversation to be read in a run, or one message of it."""

    class State(models.TextChoices):
        WAITING = "WAITING", gettext_lazy("Waiting")
        READ = "READ", gettext_lazy("Read")
        SKIPPED = "SKIPPED", gettext_lazy("Skipped")

    run = models.ForeignKey(ReconcileRun, models.CASCADE, related_name="items")
    display_id = models.PositiveBigIntegerField()
    message_id = models.PositiveBigIntegerField(default=0, help_text="0: all messages in the time range")
    in_list = models.BooleanField(default=True, help_text="Chatwoot listed it, so something changed there")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = gettext_lazy("reconcile item")
        verbose_name_plural = gettext_lazy("reconcile items")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "display_id", "message_id"], name="one_item_a_run_and_conversation"
            )
        ]
        indexes = [
            # The next ones of a run.
            models.Index(fields=["run", "state", "id"], name="reconcile_item_next"),
        ]

    def __str__(self) -> str:
        return f"#{self.display_id}: {self.state}"
