"""Who may see which inboxes, API tokens, and the rule for signing in."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import AbstractAuthToken

from .inbox import Inbox


class ApiToken(AbstractAuthToken):
    """A token, hashed at rest. A service token belongs to a program: it may propose, never decide."""

    service = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")

    class Meta(AbstractAuthToken.Meta):
        swappable = "KNOX_TOKEN_MODEL"


class Membership(models.Model):
    """The inboxes a person (or a program) sees. No row: none. Superusers need no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership")
    all_inboxes = models.BooleanField(
        gettext_lazy("all inboxes"),
        default=False,
        help_text=gettext_lazy("All inboxes, including ones created later"),
    )
    inboxes = models.ManyToManyField(
        Inbox, blank=True, related_name="memberships", verbose_name=gettext_lazy("inboxes")
    )

    class Meta:
        verbose_name = gettext_lazy("inbox membership")
        verbose_name_plural = gettext_lazy("inbox memberships")

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
        verbose_name = gettext_lazy("sign in rule")
        verbose_name_plural = gettext_lazy("sign in rules")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sign_in_rule")]

    def __str__(self) -> str:
        return _("Second factor: required") if self.second_factor_required else _("Second factor: optional")
