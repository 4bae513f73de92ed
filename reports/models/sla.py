"""SLA policies, the clocks that measure them, alerts and recalculations. Only reports/clocks/ writes clocks."""

import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from knowledge.models import BusinessCalendar
from webhooks.models import Conversation, Inbox

from ..sla import METRICS, State

LONGEST_S = 10**8  # three years
PRIORITY_NAMES = {"low": _("low"), "medium": _("medium"), "high": _("high"), "urgent": _("urgent")}
PRIORITIES = tuple(PRIORITY_NAMES)
CONDITIONS = ("inbox_ids", "labels", "priorities", "teams")
MOST_CONDITIONS = 500
INBOX_OF_A_SOURCE = re.compile(r"[-\w]{1,50}/[0-9]{1,18}", re.ASCII)
ALWAYS_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)


def no_conditions() -> dict[str, list]:
    return {name: [] for name in CONDITIONS}


class SLAPolicy(models.Model):
    """A target in seconds for each metric. The first policy by order whose conditions match applies. Edits are versions."""

    name = models.CharField(max_length=60, unique=True)
    order = models.PositiveIntegerField(
        default=100, help_text=_("If several policies match, the one with the lowest order applies")
    )
    conditions = models.JSONField(
        default=no_conditions,
        blank=True,
        help_text='{"inbox_ids": [], "labels": [], "priorities": [], "teams": []}; an empty list means all',
    )
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="sla_policies",
        help_text=_("Leave empty to count every hour. With the default calendar, inboxes with their own hours use those"),
    )  # fmt: skip
    first_response_s = models.PositiveIntegerField(_("first response"))
    next_response_s = models.PositiveIntegerField(_("next response"))
    resolution_s = models.PositiveIntegerField(_("resolution"))
    at_risk_share = models.FloatField(
        default=0.8, help_text=_("Share of the target after which a clock is at risk, for example 0.8")
    )
    valid_from = models.DateTimeField(
        default=timezone.now,
        help_text=_("Applies to clocks that start then or later; running clocks keep their version"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")
        ordering = ("order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(at_risk_share__gt=0, at_risk_share__lte=1), name="sla_risk_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(first_response_s__gte=1, next_response_s__gte=1, resolution_s__gte=1),
                name="sla_targets_are_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors = {}
        for field in (f"{metric}_s" for metric in METRICS):
            value = getattr(self, field)
            if not isinstance(value, int) or not 1 <= value < LONGEST_S:
                errors[field] = gettext("Enter at least one second and less than three years.")
        if not isinstance(self.at_risk_share, int | float) or not 0 < self.at_risk_share <= 1:
            errors["at_risk_share"] = gettext("Enter a share above 0 and up to 1. For example, 0.8 is 80 %.")
        if isinstance(self.order, int) and self.order > 10**6:
            errors["order"] = gettext("Enter a number up to 1,000,000.")
        if "\0" in self.name:
            errors["name"] = gettext("A name cannot contain a NUL character.")
        if trouble := _trouble_with(self.conditions):
            errors["conditions"] = trouble
        if errors:
            raise ValidationError(errors)


def _trouble_with(conditions: Any) -> str:
    if not isinstance(conditions, dict) or set(conditions) - set(CONDITIONS):
        return gettext("Enter an object with %(names)s. An empty list means all.") % {
            "names": ", ".join(CONDITIONS)
        }
    for name in CONDITIONS:
        listed = conditions.get(name, [])
        if not isinstance(listed, list) or len(listed) > MOST_CONDITIONS:
            return gettext("%(name)s: enter a list of up to %(most)s values.") % {
                "name": name,
                "most": MOST_CONDITIONS,
            }
        if name == "inbox_ids":
            if not all(_is_inbox(one) for one in listed):
                return gettext(
                    "inbox_ids: enter Chatwoot's numbers, such as 2, or with the source in front, such as “acme/2”."
                )
        elif not all(isinstance(one, str) for one in listed):
            return gettext("%(name)s: enter names.") % {"name": name}
        elif any(not one.strip() or len(one) > 200 or "\0" in one for one in listed):
            return gettext("%(name)s: enter names of up to 200 characters.") % {"name": name}
    if unknown := sorted(set(conditions.get("priorities", [])) - set(PRIORITIES)):
        return gettext("“%(name)s” is not a priority. Choose from %(priorities)s.") % {
            "name": unknown[0][:40],
            "priorities": ", ".join(PRIORITIES),
        }
    return ""


def _is_inbox(one: Any) -> bool:
    return (isinstance(one, int) and not isinstance(one, bool)) or (
        isinstance(one, str) and INBOX_OF_A_SOURCE.fullmatch(one) is not None
    )


class Clock(models.Model):
    """One target for one customer, as sla.clocks calculates it. An open clock's seconds are as of its last calculation."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="clocks")
    metric = models.CharField(max_length=14, choices=[(name, name) for name in METRICS])
    number = models.PositiveIntegerField(
        help_text="Index among the clocks of its metric in this conversation, from 0"
    )
    case = models.PositiveIntegerField()
    state = models.CharField(max_length=14, choices=[(state.value, state.value) for state in State])
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    at_risk_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True, help_text="Decides which period it belongs to")
    business_seconds = models.FloatField()
    wall_seconds = models.FloatField()
    policy = models.ForeignKey(SLAPolicy, models.PROTECT, null=True, related_name="clocks")
    policy_version = models.PositiveIntegerField(null=True)
    calendar_version = models.PositiveIntegerField(null=True)
    attributed_to = models.CharField(max_length=255, null=True, help_text="As they were called then")
    person = models.CharField(max_length=80, null=True, help_text="Who that is: account, type and number")
    team = models.CharField(max_length=255, null=True)
    team_key = models.CharField(max_length=80, null=True)
    closed_unanswered = models.BooleanField(default=False)
    missed_by_change = models.BooleanField(default=False)
    reopened_at = models.DateTimeField(null=True)
    # As of the decision, for grouping: the conversation may have changed since.
    inbox = models.ForeignKey(Inbox, models.SET_NULL, null=True, related_name="clocks")
    priority = models.CharField(max_length=10, blank=True)
    labels = models.JSONField(default=list)
    first_calculated_at = models.DateTimeField(
        default=timezone.now,
        db_default=Now(),
        help_text="When it was first calculated. A policy created later does not change its target",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "metric", "number"], name="one_row_a_clock"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="clock_state_known"),
            models.CheckConstraint(condition=Q(metric__in=METRICS), name="clock_metric_known"),
        ]
        indexes = [
            # Reports: clocks decided in a period.
            models.Index(fields=["decided_at"], name="clock_decided"),
            # Reports: clocks stopped in a period, open at its end, or still open.
            models.Index(fields=["stopped_at"], name="clock_stopped"),
            # Open clocks: the dashboard, and "running" and "open and overdue" in reports.
            models.Index(fields=["due_at"], name="clock_open", condition=Q(stopped_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.conversation_id}: {self.state}"


class SLAAlert(models.Model):
    """A clock became at risk or was breached. Each is reported once, whatever happens to the clock's row later."""

    class Kind(models.TextChoices):
        AT_RISK = "at_risk", _("at risk")
        BREACH = "breach", _("breached")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="sla_alerts")
    metric = models.CharField(max_length=14, choices=[(name, name) for name in METRICS])
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=Kind)
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "metric", "number", "kind"], name="one_sla_alert_a_clock"
            ),
        ]
        indexes = [
            # Alerts for the next digest.
            models.Index(
                fields=["noticed_at"], name="sla_alert_pending", condition=Q(notified_at__isnull=True)
            ),
            # Whether a digest was sent recently.
            models.Index(fields=["notified_at"], name="sla_alert_notified"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.conversation_id}: {self.kind}"


class Recalculation(models.Model):
    """Clocks were recalculated with a later version of a calendar: who, why, and what it changed. Append-only."""

    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, related_name="recalculations")
    calendar_version = models.PositiveIntegerField()
    since = models.DateTimeField(help_text="Applies to clocks that started then or later")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    clocks = models.PositiveIntegerField(help_text="How many clocks it changed")
    transitions = models.JSONField(help_text="[[metric, state before, state after, clocks]]")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.calendar}, version {self.calendar_version}"
