"""Calendars: the week as text, with a live preview beside the form. Managers edit, everyone who answers can look."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.admin.base import VersionedAdmin, problems_of
from webhooks.admin.policy_history import Version
from webhooks.database import clock
from webhooks.display import formats
from webhooks.templatetags.support import badge

from ..business_time import hours, public_holidays
from ..business_time.arithmetic import business_seconds, is_open
from ..calendars import chatwoot_hours, display, inbox_calendars
from ..models import BusinessCalendar
from .calendar_form import CalendarForm

YEAR_DAYS = 365
LEFT, HOUR_WIDTH, DAY_HEIGHT = 44, 12, 13.5  # of the week's picture
LABELS = {
    "weekly": gettext_lazy("Weekly hours"),
    "holidays_country": gettext_lazy("Public holidays"),
    "holidays_subdivision": gettext_lazy("Region"),
    "zone": gettext_lazy("Time zone"),
    "openings": gettext_lazy("Special openings"),
}


@admin.register(BusinessCalendar)
class CalendarAdmin(VersionedAdmin):
    nothing = gettext_lazy("No calendars yet, so every hour counts as open. Add a calendar.")
    see = "drafts"
    edit = "calendars"
    verbs = ("make_default",)
    form = CalendarForm
    list_display = ("title", "now", "week", "zone", "kept_by", "version")
    history_list_display = ["version"]
    ordering = ("-is_default", "name")
    change_form_outer_before_template = "knowledge/calendar_note.html"  # type: ignore[assignment]
    list_before_template = "knowledge/calendar_from_chatwoot.html"  # type: ignore[assignment]
    readonly_fields = ["preview"]
    fieldsets = (
        (None, {"fields": (
            "name", "zone", "always_open", "weekly", "holidays_country", "holidays_subdivision", "preview")}),
        (gettext_lazy("Days that differ"), {"fields": ("closures", "openings")}),
        (gettext_lazy("Inboxes"), {"fields": ("inboxes",)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusinessCalendar]:
        return super().get_queryset(request).prefetch_related("inbox_hours__inbox")

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def title(self, row: BusinessCalendar) -> SafeString:
        return format_html("{} {}", row.name, badge("default", _("Default")) if row.is_default else None)

    @admin.display(description=gettext_lazy("Now"))
    def now(self, row: BusinessCalendar) -> SafeString:
        now, calendar = clock.now(), inbox_calendars.compiled(row)
        text = display.status(calendar, now=now)
        return badge("open" if is_open(calendar, now) else "closed", text[:1].upper() + text[1:])

    @admin.display(description=gettext_lazy("Hours"))
    def week(self, row: BusinessCalendar) -> str:
        return display.week(row.always_open, row.weekly)

    @admin.display(description=gettext_lazy("Inboxes"))
    def kept_by(self, row: BusinessCalendar) -> str | None:
        names = ", ".join(kept.inbox.name for kept in row.inbox_hours.all())
        return names or (_("All other inboxes") if row.is_default else None)

    @admin.display(description=gettext_lazy("Preview"))
    def preview(self, row: BusinessCalendar) -> SafeString:
        address = self.url("preview_one", row.pk) if row.pk else self.url("preview")
        # A rejected form leaves its wrong hours on this object: preview the saved ones.
        kept = BusinessCalendar.objects.filter(pk=row.pk).first()
        shown = _shown(kept, now=clock.now()) if kept else None
        facts = {"shown": shown, "address": address, "live": True}
        return SafeString(render_to_string("knowledge/calendar_preview.html", facts))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [(None, {"fields": ("name", "zone", "week", "kept_by", "preview")})]

    def get_form(
        self, request: HttpRequest, obj: BusinessCalendar | None = None, change: bool = False, **facts: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **facts)
        return type(form.__name__, (form,), {"person": access.person(request)})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(self.preview_view), name=self.url_name("preview")),
            path("<int:object_id>/preview/", view(self.preview_view), name=self.url_name("preview_one")),
            path("from-chatwoot/", view(require_POST(self.take_over_view)), name=self.url_name("take_over")),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """The hours that are in the form now, saved or not."""
        row = self.find(request, object_id) if object_id else BusinessCalendar()
        self.require(request, self.see)
        if self.has_change_permission(request):
            form = self.get_form(request, row if object_id else None)(request.POST or None, instance=row)
            if not form.is_valid() and (errors := problems_of(form)):
                return render(request, "knowledge/calendar_preview.html", {"errors": errors})
        shown = None if row.never_opens else _shown(row, now=clock.now())
        return render(request, "knowledge/calendar_preview.html", {"shown": shown})

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        context: dict[str, Any] = {"take_over_url": self.url("take_over")}
        if self.has_change_permission(request):
            mine = access.inboxes_of(access.person(request))
            context["chatwoot_inboxes"] = mine.select_related("source").order_by("name", "pk")
        return super().changelist_view(request, context | (extra_context or {}))

    def take_over_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.edit)
        number = request.POST.get("inbox", "")
        mine = access.inboxes_of(access.person(request)).select_related("source")
        inbox = mine.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
        if inbox is None:
            return self.back_to(request, "changelist", trouble=_("Choose an inbox first."))
        try:
            row = chatwoot_hours.take_over(inbox)
        except chatwoot_hours.CannotTakeOver as error:
            return self.back_to(request, "changelist", trouble=str(error))
        said = _("Copied from Chatwoot: %(inbox)s now has version %(version)s of “%(row)s”.") % {
            "inbox": inbox,
            "version": row.version,
            "row": row,
        }
        return self.back_to(request, "change", row.pk, said=said)

    def make_default(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, self.edit)
        row = self.find(request, object_id)
        inbox_calendars.make_default(row)
        self.log_change(request, row, _("Made it the default calendar."))
        return self.back_to(
            request, "change", row.pk, said=_("“%(row)s” is now the default calendar.") % {"row": row}
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        row = self.find(request, object_id)
        return self.page(
            request, "knowledge/calendar_history.html", title=_("History of %(row)s") % {"row": row}, original=row,
            versions=_versions(row), change_url=self.url("change", row.pk),
        )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or set(form.changed_data) & set(inbox_calendars.FACTS):
            obj.version += int(change)
            super().save_model(request, obj, form, change)
        inbox_calendars.keep(obj, form.cleaned_data["inboxes"], among=form.visible)


def _shown(row: BusinessCalendar, *, now: datetime) -> dict[str, Any]:
    calendar = inbox_calendars.compiled(row)
    here = now.astimezone(calendar.zone)
    country, region = row.holidays_country, row.holidays_subdivision
    holidays = {
        day: name
        for year in ((here.year, here.year + 1) if country else ())
        for day, name in public_holidays.of_year(country, region, year).items()
    }
    open_s = business_seconds(calendar, now, now + timedelta(days=YEAR_DAYS))
    bars = display.bars(calendar)
    return {
        "open": is_open(calendar, now),
        "status": display.status(calendar, now=now),
        "zone": row.zone,
        "here": here,
        "week": display.week(row.always_open, row.weekly),
        "a_week": f"{_short(sum(length for _name, day in bars for _start, length in day))} h",
        "a_year": f"{formats.number(round(open_s / 3600))} h",
        "days": [_drawn(place, name, spans) for place, (name, spans) in enumerate(bars)],
        "marks": [{"hour": hour, "x": LEFT + hour * HOUR_WIDTH} for hour in range(0, 25, 6)],
        "differ": display.days_that_differ(
            calendar,
            holidays=holidays,
            closures=hours.closures_of(row.closures),
            first=here.date(),
            days=YEAR_DAYS,
        ),
        "country": public_holidays.countries().get(country, ""),
        "regions": public_holidays.subdivisions(country),
    }


def _short(value: float) -> str:
    """With the decimals that it has: 40 or 37.5."""
    return formats.number(value, len(f"{value:g}".partition(".")[2]))


def _drawn(place: int, name: str, spans: list[tuple[float, float]]) -> dict[str, Any]:
    top = place * DAY_HEIGHT
    bars = [(LEFT + start * HOUR_WIDTH, length * HOUR_WIDTH) for start, length in spans]
    return {"name": name, "y": top, "text_y": top + 8, "bars": bars}


def _versions(calendar: BusinessCalendar) -> list[Version]:
    """The newest first."""
    kept: Any = calendar.history  # the library's descriptor has no types
    rows = list(kept.select_related("history_user").order_by("-history_date", "-history_id"))
    return [
        Version(row.version, row.history_date, str(row.history_user or _("setup")), _changes(row, older))
        for row, older in zip(rows, [*rows[1:], None], strict=True)
    ]


def _changes(row: Any, older: Any) -> list[tuple[str, str, str]]:
    if older is None:
        return []
    return [
        (_label(change.field), _value_text(change.field, change.old), _value_text(change.field, change.new))
        for change in row.diff_against(older).changes
        if change.field != "version"
    ]


def _label(name: str) -> str:
    return str(LABELS[name]) if name in LABELS else name.replace("_", " ").capitalize()


def _value_text(name: str, value: Any) -> str:
    if name == "weekly":
        return display.week(False, value)
    if not value:
        return _("no") if isinstance(value, bool) else _("nothing")
    if name == "closures":
        return ", ".join(f"{entry['date']} {entry.get('name', '')}".strip() for entry in value)
    if name == "openings":
        return ", ".join(f"{entry['date']} {hours.written(entry['ranges'])}" for entry in value)
    return _("yes") if value is True else str(value)
