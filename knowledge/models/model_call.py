"""Calls of a language model and their limits: what each cost and how it ended. No text of a customer, an article or an answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webhooks.models import Delivery

from .draft import Draft


class ModelCall(models.Model):
    """One HTTP call. A draft can take several: a refused form of the request, a repair, a shorter request."""

    class Outcome(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        NO_ANSWER = "no_answer", _("articles do not answer")
        UNREADABLE = "unreadable", _("unreadable")
        NO_SOURCE = "no_source", _("cites no given article")
        TOO_LONG = "too_long", _("request too long")
        FORMAT = "format", _("format refused")
        REFUSED = "refused", _("refused")
        UNAVAILABLE = "unavailable", _("did not answer")

    at = models.DateTimeField()
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="+")
    draft = models.ForeignKey(
        Draft, models.SET_NULL, verbose_name=_("draft"), null=True, related_name="model_calls"
    )
    endpoint = models.CharField(max_length=200)
    model = models.CharField(_("model"), max_length=150)
    prompt_version = models.CharField(_("prompt version"), max_length=10)
    tokens_in = models.PositiveIntegerField(
        _("tokens in"), null=True, help_text=_("As the endpoint counts. Empty: it does not say")
    )
    tokens_out = models.PositiveIntegerField(_("tokens out"), null=True)
    cost = models.FloatField(_("cost"), null=True, help_text=_("As the endpoint states it, in US dollars"))
    ms = models.PositiveIntegerField(
        _("ms"),
    )
    finish_reason = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome)

    class Meta:
        verbose_name = _("model call")
        verbose_name_plural = _("model calls")
        indexes = [
            # The day's budget, the figures by day, and the pruning by age.
            models.Index(fields=["at"], name="model_call_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.get_outcome_display()}"


class DrafterLimits(models.Model):
    """How much of the model a day may use: one row. Then the built-in drafter drafts until midnight."""

    calls_a_day = models.PositiveIntegerField(
        _("model calls per day"),
        null=True,
        blank=True,
        help_text=_("Empty: no limit. Each repair counts too"),
    )
    tokens_a_day = models.PositiveBigIntegerField(
        _("tokens per day"),
        null=True,
        blank=True,
        help_text=_("In and out together, as the endpoint counts. Empty: no limit"),
    )
    changed_at = models.DateTimeField(null=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("drafter limits")
        verbose_name_plural = _("drafter limits")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_drafter_limits")]

    def __str__(self) -> str:
        return "Drafter limits"
