"""Saved replies: short texts that people insert into a reply with a key. Chatwoot calls them canned responses."""

from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webhooks.accounts.access import inboxes_of, sees_every_inbox
from webhooks.models import Inbox, Source


class SavedReplyQuerySet(models.QuerySet["SavedReply"]):
    def visible_to(self, user: User) -> "SavedReplyQuerySet":
        if sees_every_inbox(user):
            return self
        theirs = SavedReply.inboxes.through.objects.filter(inbox__in=inboxes_of(user))
        return self.filter(Q(inboxes=None) | Q(pk__in=theirs.values("savedreply"))).distinct()

    def for_inbox(self, inbox_id: int) -> "SavedReplyQuerySet":
        return self.filter(Q(inboxes=None) | Q(inboxes=inbox_id)).distinct()


class SavedReply(models.Model):
    code = models.CharField(
        _("short code"), max_length=100, unique=True, help_text=_("What you type to find it")
    )
    text = models.TextField(_("text"))
    inboxes: Any = models.ManyToManyField(
        Inbox, verbose_name=_("inboxes"), blank=True, related_name="+", help_text=_("Empty: every inbox")
    )
    source = models.ForeignKey(
        Source,
        models.SET_NULL,
        verbose_name=_("source"),
        null=True,
        editable=False,
        related_name="+",
        help_text=_("Imported from"),
    )
    external_id = models.PositiveBigIntegerField(null=True, editable=False)

    objects = SavedReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved reply")
        verbose_name_plural = _("saved replies")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_saved_reply_a_response"),
        ]

    def __str__(self) -> str:
        return self.code
