"""Who may see which inboxes, and the tokens programs come with."""

from django.conf import settings
from django.db import models
from knox.models import AbstractAuthToken

from .mirror import Inbox


class ApiToken(AbstractAuthToken):
    """A token, hashed at rest. A service token belongs to a program: it may propose, never decide."""

    service = models.BooleanField(default=False)

    class Meta(AbstractAuthToken.Meta):
        swappable = "KNOX_TOKEN_MODEL"


class Membership(models.Model):
    """The inboxes a person (or a program) sees. No row: none. Superusers need no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership")
    all_inboxes = models.BooleanField(default=False, help_text="All inboxes, also those made later")
    inboxes = models.ManyToManyField(Inbox, blank=True, related_name="memberships")

    class Meta:
        verbose_name = "inbox membership"

    def __str__(self) -> str:
        return str(self.user)
