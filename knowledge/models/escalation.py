"""Escalations: conversations that need a particular person, with reason, owner, deadline and resolution."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks.display import recorded
from webhooks.models import Conversation

from .draft import Draft

HOUR, MINUTE = 3600, 60


class Escalation(models.Model):
    class Level(models.IntegerChoices):
        FIRST = 1, _("First level: support team")
        SECOND = 2, _("Second level: specialist")
        THIRD = 3, _("Third level: management")

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        POLICY_EXCEPTION = "policy_exception", _("Policy exception")
        ANGRY_CUSTOMER = "angry_customer", _("Angry customer")
        COMPLEX = "complex", _("Complex")
        LEGAL = "legal", _("Legal")
        VIP = "vip", _("VIP")
        REPEATED_CONTACT = "repeated_contact", _("Repeated contact")
        SLA_BREACH = "sla_breach", _("SLA breach")
        OTHER = "other", _("Other")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="escalations")
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, blank=True, related_name="escalations")
    kind = models.CharField(_("reason"), max_length=16, choices=Kind, default=Kind.OTHER)
    reason = models.CharField("details", max_length=500)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.SECOND)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), related_name="escalations_owned"
    )
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    cause = models.CharField(
        max_length=100, blank=True, help_text="What raised it if it was not a person: label:refund, rule:3, …"
    )
    due_at = models.DateTimeField(null=True, help_text="When it should be taken care of")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "cause"],
                condition=Q(closed_at=None) & ~Q(cause=""),
                name="one_open_escalation_a_cause",
            ),
        ]
        indexes = [
            # Open and overdue escalations, for the list and the dashboard.
            models.Index(fields=["due_at"], name="escalation_open", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.conversation}: {self.reason[:60]}"

    @property
    def reason_shown(self) -> str:
        """A rule's in the reader's language; a person's as they wrote it."""
        return self.reason if self.raised_by_id else recorded.shown(self.reason)


class EscalationStep(models.Model):
    """What happened to an escalation after it was raised: a comment, a new owner, a decision. Append-only."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("commented")
        REASSIGNED = "reassigned", _("reassigned it")
        RETURNED = "returned", _("returned it with a decision")

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")

    def __str__(self) -> str:
        return f"{self.by} {self.get_kind_display()}"


class EscalationRule(models.Model):
    """Raises an escalation automatically, for a label set in Chatwoot or a missed SLA target."""

    class On(models.TextChoices):
        LABEL = "label", _("A label in Chatwoot")
        BREACH = "breach", _("A missed SLA target")

    on = models.CharField(_("raised by"), max_length=6, choices=On, default=On.LABEL)
    label = models.CharField(
        _("label"), max_length=200, blank=True, help_text=_("As it is named in Chatwoot")
    )
    kind = models.CharField(_("reason"), max_length=16, choices=Escalation.Kind)
    level = models.PositiveSmallIntegerField(
        _("level"), choices=Escalation.Level, default=Escalation.Level.SECOND
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("owner"), null=True, blank=True, related_name="+",
        help_text=_("Leave empty for the Lead or Manager of the inbox with the fewest open escalations"),
    )  # fmt: skip
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("escalation rule")
        verbose_name_plural = _("escalation rules")
        constraints = [
            models.UniqueConstraint(fields=["on", "label"], name="one_escalation_rule_a_trigger"),
            models.CheckConstraint(
                condition=Q(on="breach", label="") | (Q(on="label") & ~Q(label="")),
                name="escalation_label_is_named",
            ),
        ]

    def __str__(self) -> str:
        return (
            gettext("label %(label)s") % {"label": self.label}
            if self.on == self.On.LABEL
            else gettext("a missed SLA target")
        )


# Business seconds within which an escalation should be taken care of.
RESPONSE_S = {
    Escalation.Kind.ANGRY_CUSTOMER: 30 * MINUTE,
    Escalation.Kind.LEGAL: 4 * HOUR,
    Escalation.Kind.COMPLEX: 4 * HOUR,
}
RESPONSE_DEFAULT_S = 2 * HOUR  # all other kinds
