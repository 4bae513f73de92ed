"""Business calendars: rows that people edit, versioned. The arithmetic with them is in business_time/."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from webhooks.models import Inbox

from ..business_time import hours, public_holidays

NEVER_OPENS = gettext_lazy(
    "This calendar never opens. Enter hours for at least one day, or choose “Always open”."
)


def default_zone() -> str:
    return settings.TIME_ZONE


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"Factory", "localtime"})


class BusinessCalendarQuerySet(models.QuerySet["BusinessCalendar"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Never deletes the default calendar: it applies to every inbox without a calendar of its own."""
        if default := self.filter(is_default=True).first():
            raise ProtectedError(_("The default calendar cannot be deleted."), {default})
        return super().delete()

    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]


class BusinessCalendar(models.Model):
    """Weekly hours in a zone, minus holidays and closures. Special openings replace a day's hours. Each edit is a version."""

    name = models.CharField(gettext_lazy("name"), max_length=60, unique=True)
    is_default = models.BooleanField(gettext_lazy("is default"), default=False, editable=False)
    zone = models.CharField(gettext_lazy("zone"), max_length=64, default=default_zone)
    always_open = models.BooleanField(
        gettext_lazy("always open"),
        default=False,
        help_text="Open day and night, all week. Holidays and closures still apply",
    )
    weekly = models.JSONField(
        gettext_lazy("weekly"),
        default=dict,
        blank=True,
        help_text='{"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}. Days that are left out are closed',
    )
    holidays_country = models.CharField(gettext_lazy("holidays country"), max_length=2, blank=True)
    holidays_subdivision = models.CharField(gettext_lazy("holidays subdivision"), max_length=20, blank=True)
    closures = models.JSONField(
        gettext_lazy("closures"),
        default=list,
        blank=True,
        help_text='[{"date": "2026-12-24", "name": "Christmas Eve"}]',
    )
    openings = models.JSONField(
        gettext_lazy("openings"),
        default=list,
        blank=True,
        help_text='[{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]',
    )
    version = models.PositiveIntegerField(gettext_lazy("version"), default=1, editable=False)

    objects = BusinessCalendarQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = gettext_lazy("calendar")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_calendar"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_default:
            raise ProtectedError(_("The default calendar cannot be deleted."), {self})
        return super().delete(*args, **kwargs)

    def clean(self) -> None:
        errors = self._problems_of_hours() | self._problems_of_holidays()
        if "\0" in self.name:
            errors["name"] = _("A name cannot contain a NUL character.")
        if self.zone not in zones():
            errors["zone"] = _("Unknown time zone. Use an IANA name such as Europe/Berlin or UTC.")
        if errors:
            raise ValidationError(errors)

    @property
    def never_opens(self) -> bool:
        """Also true of a form that nobody has filled in yet."""
        try:
            return not (
                self.always_open or any(hours.week_of(self.weekly)) or hours.openings_of(self.openings)
            )
        except hours.Unclear:
            return False

    def _problems_of_hours(self) -> dict[str, Any]:
        read: dict[str, Any] = {}
        errors = {}
        for field, reader in (
            ("weekly", hours.week_of), ("closures", hours.closures_of), ("openings", hours.openings_of),
        ):  # fmt: skip
            try:
                read[field] = reader(getattr(self, field))
            except hours.Unclear as error:
                errors[field] = str(error)
        if errors:
            return errors
        if both := sorted(set(read["closures"]) & set(read["openings"])):
            return {
                "openings": _("%(both)s is both a closure and a special opening. Remove it from one of them.")
                % {"both": both[0]}
            }
        if self.never_opens:
            return {"weekly": ValidationError(NEVER_OPENS, code="required")}
        return {}

    def _problems_of_holidays(self) -> dict[str, str]:
        if not self.holidays_country:
            missing = _("A region needs a country. Choose it too, such as DE.")
            return {"holidays_subdivision": missing} if self.holidays_subdivision else {}
        if self.holidays_country not in public_holidays.countries():
            return {
                "holidays_country": _(
                    "No holidays are known for this country. Use a two-letter code such as DE or GB."
                )
            }
        known = public_holidays.subdivisions(self.holidays_country)
        if self.holidays_subdivision and self.holidays_subdivision not in known:
            choice = f"Use one of {', '.join(known)}" if known else "This country has none, so leave it empty"
            return {
                "holidays_subdivision": _("%(holidays_country)s has no such region. %(choice)s.")
                % {"holidays_country": self.holidays_country, "choice": choice}
            }
        return {}


class InboxHours(models.Model):
    """An inbox with a calendar of its own; any other keeps the default one. Each assignment is a version."""

    inbox = models.OneToOneField(Inbox, models.CASCADE, primary_key=True, related_name="hours")
    calendar = models.ForeignKey(BusinessCalendar, models.PROTECT, related_name="inbox_hours")

    history = HistoricalRecords()

    class Meta:
        verbose_name = gettext_lazy("inbox hours")
        verbose_name_plural = gettext_lazy("inbox hours")

    def __str__(self) -> str:
        return f"{self.inbox}: {self.calendar}"
