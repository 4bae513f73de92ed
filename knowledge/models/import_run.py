"""Import runs: what is read, the dry run's result, and the progress. They survive restarts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from webhooks.models import Inbox, Source

from .change import Change


class ImportRun(models.Model):
    class Kind(models.TextChoices):
        PORTAL = "portal", _("Chatwoot help centre")
        MARKDOWN = "markdown", _("Markdown files")
        CSV = "csv", _("CSV file")
        PAGE = "page", _("web page")
        SAVED_REPLIES = "replies", _("Chatwoot canned responses")

    class Status(models.TextChoices):
        READING = "READING", _("Reading")
        READY = "READY", _("dry run done")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    class Repeat(models.IntegerChoices):
        NEVER = 0, _("only now")
        DAILY = 1, _("every day")
        WEEKLY = 7, _("every week")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.READING)
    account = models.ForeignKey(Source, models.PROTECT, null=True, related_name="+", help_text="A portal's")
    name = models.CharField(max_length=500, help_text="The portal's slug, the file's name or the page's URL")
    locale = models.CharField(max_length=20, blank=True, help_text="Of a portal; empty: all")
    language = models.CharField(max_length=5, default="en", help_text="Where the source names none")
    inboxes = models.ManyToManyField(Inbox, blank=True, related_name="+", help_text="Of new articles")
    repeat = models.PositiveSmallIntegerField(choices=Repeat, default=Repeat.NEVER)
    upload = models.BinaryField(null=True, help_text="The file, until the run has ended")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # Which process works on it, and until when no other may.
    holder = models.CharField(max_length=36, blank=True)
    leased_until = models.DateTimeField()
    trouble = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("import run")
        verbose_name_plural = _("import runs")
        indexes = [
            # Workers look for runs to continue every few seconds.
            models.Index(
                fields=["leased_until"], name="import_run_due", condition=Q(status__in=["READING", "RUNNING"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}".strip()

    @staticmethod
    def shown_name(kept: str) -> str:
        """A kept name of a run, such as "CSV file a.csv", in the language of the page."""
        with translation.override("en"):
            names = {kind: str(kind.label) for kind in ImportRun.Kind}
        kind = next((kind for kind, name in names.items() if f"{kept} ".startswith(f"{name} ")), None)
        return f"{kind.label}{kept.removeprefix(names[kind])}" if kind else kept


class ImportItem(models.Model):
    """One article that a run found, or one that it did not find again."""

    class Outcome(models.TextChoices):
        NEW = "NEW", _("New")
        CHANGED = "CHANGED", _("Changed")
        UNCHANGED = "UNCHANGED", _("Unchanged")
        GONE = "GONE", _("Gone")
        ERROR = "ERROR", _("Not imported")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="items")
    outcome = models.CharField(max_length=9, choices=Outcome)
    ref = models.CharField(max_length=500)
    title = models.CharField(max_length=200, blank=True)
    found = models.JSONField(default=dict, help_text="The article as it was read")
    note = models.CharField(max_length=500, blank=True)
    done = models.BooleanField(default=False)
    change = models.ForeignKey(Change, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("import item")
        verbose_name_plural = _("import items")
        indexes = [
            # The next ones of a run, and its rows by outcome.
            models.Index(fields=["run", "done", "id"], name="import_item_next"),
        ]

    def __str__(self) -> str:
        return f"{self.ref}: {self.outcome}"
