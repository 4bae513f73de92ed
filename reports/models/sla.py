"""What was promised, and how it was kept. Clocks are written by clocks.py alone."""

import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from simple_history.models import HistoricalRecords

from knowledge.models import BusinessCalendar
from webhooks.models import Conversation, Inbox

from ..sla import METRICS, State

LONGEST_S = 10**8  # three years
PRIORITIES = ("low", "medium", "high", "urgent")
CONDITIONS = ("inbox_ids", "labels", "priorities", "teams")
MOST_CONDITIONS = 500
INBOX_OF_A_SOURCE = re.compile(r"[-\w]{1,50}/[0-9]{1,18}", re.ASCII)
ALWAYS_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)


def no_conditions() -> dict[str, list]:
    return {name: [] for name in CONDITIONS}


class SLAPolicy(models.Model):
    """Seconds a metric, on a calendar's time or on the wall's; the first by order whose conditions hold. Edits are versions."""

    name = models.CharField(max_length=60, unique=True)
    order = models.PositiveIntegerField(default=100, help_text="The lowest that fits serves")
    conditions = models.JSONField(
        default=no_conditions,
        blank=True,
        help_text='{"inbox_ids": [], "labels": [], "priorities": [], "teams": []}; empty means all',
    )
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="sla_policies",
        help_text="Empty: every hour counts. On the default calendar, inboxes with hours of their own count in theirs",
    )  # fmt: skip
    first_response_s = models.PositiveIntegerField("first response")
    next_response_s = models.PositiveIntegerField("next response")
    resolution_s = models.PositiveIntegerField("resolution")
    at_risk_share = models.FloatField(
        default=0.8, help_text="Share of the time after which a clock is at risk"
    )
    valid_from = models.DateTimeField(
        default=timezone.now, help_text="Serves clocks that start then or later; running ones keep theirs"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
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
                errors[field] = "At least a second, and less than three years."
        if not isinstance(self.at_risk_share, int | float) or not 0 < self.at_risk_share <= 1:
            errors["at_risk_share"] = "A share above 0, up to 1: 0.8 is 80 %."
        if isinstance(self.order, int) and self.order > 10**6:
            errors["order"] = "Up to 1,000,000, please."
        if "\0" in self.name:
            errors["name"] = "A NUL character is part of no name."
        if trouble := _trouble_with(self.conditions):
            errors["conditions"] = trouble
        if errors:
            raise ValidationError(errors)


def _trouble_with(conditions: Any) -> str:
    if not isinstance(conditions, dict) or set(conditions) - set(CONDITIONS):
        return f"Write an object with {', '.join(CONDITIONS)}; an empty list means all."
    for name in CONDITIONS:
        listed = conditions.get(name, [])
        if not isinstance(listed, list) or len(listed) > MOST_CONDITIONS:
            return f"{name}: a list of up to {MOST_CONDITIONS}, please."
        if name == "inbox_ids":
            if not all(_is_inbox(one) for one in listed):
                return (
                    "inbox_ids: Chatwoot's numbers, such as 2, or with the source in front, such as “acme/2”."
                )
        elif not all(isinstance(one, str) for one in listed):
            return f"{name}: names, please."
        elif any(not one.strip() or len(one) > 200 or "\0" in one for one in listed):
            return f"{name}: names of up to 200 characters, please."
    if unknown := sorted(set(conditions.get("priorities", [])) - set(PRIORITIES)):
        return f"“{unknown[0][:40]}” is no priority: they are {', '.join(PRIORITIES)}."
    return ""


def _is_inbox(one: Any) -> bool:
    return (isinstance(one, int) and not isinstance(one, bool)) or (
        isinstance(one, str) and INBOX_OF_A_SOURCE.fullmatch(one) is not None
    )


class Clock(models.Model):
    """One promise to one customer, as sla.clocks reckons it. The seconds of an open one are those when it was last reckoned."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="clocks")
    metric = models.CharField(max_length=14, choices=[(name, name) for name in METRICS])
    number = models.PositiveIntegerField(help_text="Which of its metric in this conversation, from 0")
    case = models.PositiveIntegerField()
    state = models.CharField(max_length=14, choices=[(state.value, state.value) for state in State])
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    at_risk_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True, help_text="The instant whose period it belongs to")
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
    # When it was decided, for grouping: not as the conversation is now.
    inbox = models.ForeignKey(Inbox, models.SET_NULL, null=True, related_name="clocks")
    priority = models.CharField(max_length=10, blank=True)
    labels = models.JSONField(default=list)
    reckoned_at = models.DateTimeField(
        default=timezone.now,
        db_default=Now(),
        help_text="First; a policy made later changes nothing that was promised by then",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "metric", "number"], name="one_row_a_clock"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="clock_state_known"),
            models.CheckConstraint(condition=Q(metric__in=METRICS), name="clock_metric_known"),
        ]
        indexes = [
            # A report's period.
            models.Index(fields=["decided_at"], name="clock_decided"),
            # A report's period, too: what stopped in it, what was open at its end, and what still is.
            models.Index(fields=["stopped_at"], name="clock_stopped"),
            # What is open now: board, and a report's "running" and "still open and late".
            models.Index(fields=["due_at"], name="clock_open", condition=Q(stopped_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.conversation_id}: {self.state}"


class SLAAlert(models.Model):
    """That a clock came to be at risk, or was breached: told once each, whatever becomes of the clock's row."""

    class Kind(models.TextChoices):
        AT_RISK = "at_risk", "at risk"
        BREACH = "breach", "breached"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="sla_alerts")
    metric = models.CharField(max_length=14, choices=[(name, name) for name in METRICS])
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=Kind)
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "metric", "number", "kind"], name="one_sla_alert_a_clock"
            ),
        ]
        indexes = [
            # The next digest.
            models.Index(fields=["noticed_at"], name="sla_alert_untold", condition=Q(told_at__isnull=True)),
            # Whether one went lately.
            models.Index(fields=["told_at"], name="sla_alert_told"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.conversation_id}: {self.kind}"


class Recalculation(models.Model):
    """That clocks were reckoned anew with a calendar's later version: who, why, and what it changed. Append-only."""

    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, related_name="recalculations")
    calendar_version = models.PositiveIntegerField()
    since = models.DateTimeField(help_text="Clocks that started then or later")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    clocks = models.PositiveIntegerField(help_text="How many it changed")
    turns = models.JSONField(help_text="[[metric, state before, state after, clocks]]")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.calendar}, version {self.calendar_version}"
