"""An inbox: what Chatwoot says of it (written by the fold), and what a Manager sets for it here."""

from django.db import models
from django.utils.translation import gettext_lazy

from .changes import WritesChanges
from .source import Source


class Inbox(WritesChanges):
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="inboxes", verbose_name=gettext_lazy("source")
    )
    inbox_id = models.PositiveBigIntegerField()
    name = models.CharField(gettext_lazy("name"), max_length=200)
    channel = models.CharField(max_length=60, blank=True)
    version = models.FloatField(
        default=0, help_text="When its name was reported, in unix seconds: the newest wins"
    )
    email = models.CharField(
        gettext_lazy("email"),
        max_length=500,
        blank=True,
        help_text=gettext_lazy("Our own addresses, separated by commas: left out of reply-all"),
    )
    drafting = models.BooleanField(
        gettext_lazy("drafting"),
        default=True,
        help_text=gettext_lazy("Draft replies for this inbox and show it in the queue"),
    )
    agents_may_approve = models.BooleanField(
        gettext_lazy("agents may approve"),
        default=False,
        help_text=gettext_lazy("Agents may approve unflagged machine drafts"),
    )
    human_agent = models.BooleanField(
        default=False,
        help_text="Messenger and Instagram take replies for seven days there: Chatwoot's can_reply showed it",
    )
    silence_minutes = models.PositiveIntegerField(
        gettext_lazy("silence minutes"),
        null=True,
        blank=True,
        help_text=gettext_lazy(
            "Alert when nothing arrives for this many minutes of its business hours. Empty: no alert"
        ),
    )

    class Meta:
        verbose_name = gettext_lazy("inbox")
        verbose_name_plural = gettext_lazy("inboxes")
        constraints = [models.UniqueConstraint(fields=["source", "inbox_id"], name="one_row_an_inbox")]

    def __str__(self) -> str:
        return self.name

    @property
    def addresses(self) -> list[str]:
        """In lower case."""
        return [one for part in self.email.split(",") if (one := part.strip().lower())]

    @property
    def is_email(self) -> bool:
        return self.channel == "Channel::Email"
