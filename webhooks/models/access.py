"""Who may see which inboxes, API tokens, and the rule for signing in."""

from django.conf import settings
from django.db import models
from knox.models import AbstractAuthToken

from .mirror import Inbox


class ApiToken(AbstractAuthToken):
    """A token, hashed at rest. A service token belongs to a program: it may propose, never decide."""

    service = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")

    class Meta(AbstractAuthToken.Meta):
        swappable = "KNOX_TOKEN_MODEL"


class Membership(models.Model):
    """The inboxes a person (or a program) sees. No row: none. Superusers need no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership")
    all_inboxes = models.BooleanField(default=False, help_text="All inboxes, including ones created later")
    inboxes = models.ManyToManyField(Inbox, blank=True, related_name="memberships")

    class Meta:
        verbose_name = "inbox membership"

    def __str__(self) -> str:
        return str(self.user)


class SignInRule(models.Model):
    """One row: what signing in requires of everyone."""

    second_factor_required = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sign_in_rule")]

    def __str__(self) -> str:
        return "Second factor: " + ("required" if self.second_factor_required else "optional")
