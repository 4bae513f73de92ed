"""How often and how long a delivery is retried. Rows that people edit, with versions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from simple_history.models import HistoricalRecords

from ..errors import KNOWN, OURS

# A call whose answer was lost can still be carried out by Chatwoot: queue, proxy and our own 20 s together take less than this.
# Sent again earlier, a reply could arrive twice.
LEAST_SETTLE_S = 120
DIRECTIONS = [
    ("", gettext_lazy("both")),
    ("IN", pgettext_lazy("direction", "in")),
    ("OUT", pgettext_lazy("direction", "out")),
]


class RetryPolicyQuerySet(models.QuerySet["RetryPolicy"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Never deletes the default: without it, events that no other policy matches would have none."""
        if default := self.filter(is_default=True).first():
            raise ProtectedError(_("The default policy cannot be deleted."), {default})
        return super().delete()

    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]


class RetryPolicy(models.Model):
    """Delays in seconds: a list (the last repeats), or base × factor up to cap. max_attempts counts the first try."""

    name = models.CharField(gettext_lazy("name"), max_length=60, unique=True)
    is_default = models.BooleanField(default=False)
    event_pattern = models.CharField(
        gettext_lazy("event pattern"),
        max_length=100,
        default="*",
        help_text=gettext_lazy("An event, with * for any part: message_*, reply.send@email"),
    )
    direction = models.CharField(
        gettext_lazy("direction"), max_length=3, blank=True, choices=DIRECTIONS, default=""
    )
    delays = models.JSONField(
        gettext_lazy("delays"),
        default=list,
        blank=True,
        help_text="Seconds after each failed attempt: [10, 30, 120]",
    )
    base = models.FloatField(
        gettext_lazy("base"),
        null=True,
        blank=True,
        help_text="Instead of a list: seconds after the first failure",
    )
    factor = models.FloatField(gettext_lazy("factor"), null=True, blank=True)
    cap = models.FloatField(
        gettext_lazy("cap"), null=True, blank=True, help_text="The longest delay, in seconds"
    )
    jitter = models.FloatField(
        gettext_lazy("jitter"),
        default=0.2,
        help_text=gettext_lazy("Random share added to or taken from each delay: 0.2 is ± 20 %"),
    )
    max_attempts = models.PositiveIntegerField(gettext_lazy("max attempts"), default=9)
    max_age = models.PositiveIntegerField(
        gettext_lazy("max age"),
        null=True,
        blank=True,
        help_text="Seconds since it was due. Empty: no limit.",
    )
    respect_retry_after = models.BooleanField(gettext_lazy("respect retry after"), default=True)
    retry_after_cap = models.PositiveIntegerField(
        gettext_lazy("retry after cap"), default=3600, help_text="Seconds"
    )
    give_up_on = models.JSONField(
        gettext_lazy("give up on"),
        default=list,
        blank=True,
        help_text='HTTP statuses or error classes: [404, "Permanent"]',
    )
    hold_on = models.JSONField(gettext_lazy("hold on"), default=list, blank=True)
    retry_on = models.JSONField(gettext_lazy("retry on"), default=list, blank=True)
    settle_s = models.PositiveIntegerField(
        gettext_lazy("settle s"),
        default=LEAST_SETTLE_S,
        help_text="Seconds until a message that does not appear counts as not sent",
    )
    version = models.PositiveIntegerField(gettext_lazy("version"), default=1, editable=False)

    objects = RetryPolicyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = gettext_lazy("retry policy")
        verbose_name_plural = gettext_lazy("retry policies")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_policy"
            ),
            models.CheckConstraint(condition=Q(max_attempts__gte=1), name="policy_tries_once"),
            models.CheckConstraint(
                condition=Q(settle_s__gte=LEAST_SETTLE_S), name="policy_waits_for_a_lost_call"
            ),
            models.CheckConstraint(
                condition=Q(jitter__gte=0, jitter__lte=1), name="policy_jitter_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_default:
            raise ProtectedError(_("The default policy cannot be deleted."), {self})
        return super().delete(*args, **kwargs)

    def clean(self) -> None:
        errors = {}
        if not isinstance(self.delays, list) or not all(_seconds(delay) for delay in self.delays):
            errors["delays"] = _("Enter a list of seconds, each 0 or more, such as [10, 30, 120].")
        if not self.delays and self.base is None:
            errors["delays"] = _("Enter a list of delays, or base, factor and cap.")
        if self.delays and self.base is not None:
            errors["base"] = _("Enter a list of delays or a base, not both.")
        for field in ("base", "factor", "cap"):
            value = getattr(self, field)
            if value is not None and not 0 < value < 10**8:
                errors[field] = _("Enter a number above 0.")
        if not 0 <= self.jitter <= 1:
            errors["jitter"] = _("Enter a number between 0 and 1: 0.2 is ± 20 %.")
        if not 1 <= self.max_attempts <= 10_000:
            errors["max_attempts"] = _("Enter a number between 1 and 10,000: the first attempt counts.")
        for field in ("max_age", "retry_after_cap", "settle_s"):
            if not _seconds(getattr(self, field) or 0):
                errors[field] = _("Enter seconds, fewer than 100,000,000 (three years).")
        if not errors.get("settle_s") and (self.settle_s or 0) < LEAST_SETTLE_S:
            errors["settle_s"] = _(
                "Enter at least %(seconds)s s. A call whose answer was lost can still arrive until then, "
                "and a reply would be sent twice."
            ) % {"seconds": LEAST_SETTLE_S}
        for field in ("give_up_on", "hold_on", "retry_on"):
            value = getattr(self, field)
            if not isinstance(value, list):
                errors[field] = _('Enter a list of statuses and error classes, such as [404, "Permanent"].')
            elif wrong := [part for part in value if not _is_status_or_error(part)]:
                errors[field] = str(UNKNOWN_ENTRY) % {
                    "entry": str(wrong[0])[:60].replace("\0", ""),
                    "classes": ", ".join(error.__name__ for error in OURS),
                }
        if self.is_default and self.event_pattern != "*":
            errors["event_pattern"] = _("The default policy applies to every event: leave its pattern at *.")
        if errors:
            raise ValidationError(errors)

    @property
    def stamp(self) -> str:
        """What an attempt records: the policy and its version."""
        return f"{self.name} v{self.version}"


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**8


def _is_status_or_error(value: object) -> bool:
    """Whether retry.verdict can find it in an error: an HTTP status or the name of an error class."""
    if isinstance(value, str) and not value.isdecimal():
        return value in KNOWN
    return isinstance(value, int | str) and not isinstance(value, bool) and 100 <= int(value) <= 599


UNKNOWN_ENTRY = gettext_lazy(
    "%(entry)s is neither an HTTP status from 100 to 599 nor an error class of this site (%(classes)s), of Python or of the "
    "database, such as ValueError or IntegrityError."
)
