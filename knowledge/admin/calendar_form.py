"""The form of a calendar: hours and dates as people write them."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from webhooks.accounts import access
from webhooks.models import Inbox

from ..business_time import hours, public_holidays
from ..models import BusinessCalendar, calendar

DAY_NAMES = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


class Week(forms.Widget):
    """One line of text per day."""

    template_name = "knowledge/week.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        texts = {day: _as_text((value or {}).get(day, "")) for day in hours.DAYS}
        context["days"] = [
            {"name": f"{name}_{day}", "label": label, "value": texts[day]}
            for day, label in zip(hours.DAYS, DAY_NAMES, strict=True)
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        return {day: str(data.get(f"{name}_{day}", "")) for day in hours.DAYS}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}_{day}" in data for day in hours.DAYS)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_{hours.DAYS[0]}"


class WeekField(forms.Field):
    widget = Week

    def clean(self, value: Any) -> dict[str, list[list[str]]]:
        found, problems = {}, []
        for day, label in zip(hours.DAYS, DAY_NAMES, strict=True):
            try:
                found[day] = hours.read(value.get(day, ""))
            except hours.Unclear as error:
                problems.append(f"{label}: {error}")
        if problems:
            raise forms.ValidationError(problems)
        return {day: pairs for day, pairs in found.items() if pairs}

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return {day: pairs for day, pairs in (initial or {}).items() if pairs} != self.clean(data)
        except forms.ValidationError:
            return True


class Dated(forms.CharField):
    """A dated list as text, one line per date: the date, then `part`."""

    def __init__(self, *, part: str, **facts: Any) -> None:
        rows = UnfoldAdminTextareaWidget(attrs={"rows": 4, "class": "font-mono"})
        super().__init__(required=False, widget=rows, **facts)
        self.part = part

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{entry['date']} {_as_text(entry.get(self.part, ''))}".strip() for entry in value)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        found, problems = [], []
        for line in filter(None, map(str.strip, str(value or "").splitlines())):
            day, _, rest = line.partition(" ")
            try:
                found.append({"date": str(hours.day_of(day)), self.part: self.read(rest.strip())})
            except hours.Unclear as error:
                problems.append(str(error))
        if problems:
            raise forms.ValidationError(problems)
        return sorted(found, key=lambda entry: entry["date"])

    def read(self, text: str) -> Any:
        return hours.read(text) if self.part == "ranges" else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or []) != self.clean(data)
        except forms.ValidationError:
            return True


class CalendarForm(forms.ModelForm):
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"), widget=UnfoldAdminSelectWidget)
    weekly = WeekField(
        label=gettext_lazy("Weekly hours"),
        required=False,
        help_text=gettext_lazy(
            "Example: 09:00-12:00, 13:00-17:00. 22:00-06:00 runs past midnight. Write “all day”, or leave empty if closed."
        ),
    )
    holidays_country = forms.ChoiceField(
        label=gettext_lazy("Public holidays"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    closures = Dated(
        part="name",
        label=gettext_lazy("Closures"),
        help_text=gettext_lazy("One day per line: 2026-12-24 Christmas Eve"),
    )
    openings = Dated(
        part="ranges", label=gettext_lazy("Special openings"),
        help_text=gettext_lazy("One day per line. These hours replace the weekly hours: 2026-12-27 10:00-14:00"),
    )  # fmt: skip
    inboxes = forms.ModelMultipleChoiceField(
        Inbox.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=gettext_lazy("Inboxes with these hours"),
        help_text=gettext_lazy("Other inboxes use their own calendar, or the default."),
    )

    class Meta:
        model = BusinessCalendar
        fields = (
            "name", "zone", "always_open", "weekly", "holidays_country", "holidays_subdivision", "closures", "openings",
        )  # fmt: skip
        labels = {"holidays_subdivision": gettext_lazy("Region"), "always_open": gettext_lazy("Always open")}
        help_texts = {
            "holidays_subdivision": gettext_lazy(
                "The region’s code, if it has its own public holidays. The codes are listed below."
            ),
            "always_open": gettext_lazy("Open day and night, all week. Holidays and closures still apply."),
        }

    person: User  # who edits, which decides the inboxes to choose from

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.fields["zone"].choices = [(name, name) for name in _zones(self.instance.zone)]  # type: ignore[attr-defined]
        countries = [(code, f"{name} ({code})") for code, name in public_holidays.countries().items()]
        self.fields["holidays_country"].choices = [("", _("No public holidays")), *countries]  # type: ignore[attr-defined]
        self.visible = access.inboxes_of(self.person).order_by("name", "pk")
        self.fields["inboxes"].queryset = self.visible  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["inboxes"] = self.visible.filter(hours__calendar=self.instance)

    def add_error(self, field: str | None, error: Any) -> None:
        """The model's checks see the old value of a field that could not be read. The field's own error is enough."""
        if field is None and hasattr(error, "error_dict"):
            for name in self.errors.keys() & error.error_dict.keys():
                del error.error_dict[name]
        super().add_error(field, error)


def _zones(current: str) -> list[str]:
    """Zones named after a place, UTC, and the calendar's current one."""
    places = {
        name for name in calendar.zones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
    }
    return sorted({*places, "UTC", current})


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else hours.written(value)
