"""Recalculating clocks: choose a calendar and a day, preview the changes, give a reason; and the list of past ones."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from knowledge.models import BusinessCalendar
from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.display import charts

from ..clocks import recalculation
from ..models import Recalculation

SHOWN = 50


class AskedForm(forms.Form):
    calendar = forms.ModelChoiceField(BusinessCalendar.objects.order_by("-is_default", "name"))
    since = forms.DateField()

    def moment(self) -> datetime:
        return datetime.combine(self.cleaned_data["since"], time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


class WantedForm(AskedForm):
    version = forms.IntegerField()
    reason = forms.CharField(
        max_length=500,
        error_messages={"required": gettext_lazy("Enter a reason. It is shown beside the change.")},
    )


@admin.register(Recalculation)
class RecalculationAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No clocks have been recalculated. Recalculate them when hours or holidays were entered late. You see the "
        "changes before you apply them."
    )
    see = "reports"
    edit = "calendars"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.done), name=self.url_name("changelist")),
            path("new/", view(self.new), name=self.url_name("new")),
        ]

    def done(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self._require(request, self.see)
        rows = Recalculation.objects.select_related("calendar", "by")[:SHOWN]
        return self.page(
            request, "reports/recalculations.html", title=_("Recalculated clocks"), rows=rows,
            new_url=self.url("new") if self.has_change_permission(request) else "",
        )  # fmt: skip

    def new(self, request: HttpRequest) -> HttpResponse:
        """GET previews the changes; POST, with a reason, applies them."""
        self._require(request, self.edit)
        if request.method == "POST":
            return self._apply(request)
        form = AskedForm(request.GET) if "calendar" in request.GET else None
        return self._preview(request, form)

    def _apply(self, request: HttpRequest) -> HttpResponse:
        form = WantedForm(request.POST)
        if not form.is_valid():
            return self._preview(
                request, AskedForm(request.POST), trouble=str(next(iter(form.errors.values()))[0])
            )
        asked = form.cleaned_data
        try:
            row = recalculation.apply(
                asked["calendar"], since=form.moment(), version=asked["version"], reason=asked["reason"],
                by=access.person(request), now=clock.now(),
            )  # fmt: skip
        except recalculation.CannotRecalculate as error:
            return self._preview(request, AskedForm(request.POST), trouble=str(error), status=409)
        self.log_addition(request, row, f"{row.clocks} clocks recalculated: {row.reason}")
        said = ngettext(
            "%(n)s clock recalculated. No alerts were sent.", "%(n)s clocks recalculated. No alerts were sent.", row.clocks
        ) % {"n": charts.count(row.clocks)}  # fmt: skip
        return self.back_to(request, "changelist", said=said)

    def _preview(
        self, request: HttpRequest, form: AskedForm | None, *, trouble: str = "", status: int = 400
    ) -> HttpResponse:
        found, calendar = None, None
        if form is not None and form.is_valid():
            calendar = form.cleaned_data["calendar"]
            try:
                found = recalculation.difference(calendar, since=form.moment(), now=clock.now())
            except recalculation.CannotRecalculate as error:
                trouble = trouble or str(error)
        elif form is not None:
            trouble = trouble or _("Choose a calendar and a day.")
        return self.page(
            request, "reports/recalculation.html", title=_("Recalculate clocks"), trouble=trouble, found=found, calendar=calendar,
            status=status if trouble else 200, changes=found.changes[:SHOWN] if found else [],
            calendars=BusinessCalendar.objects.order_by("-is_default", "name"), typed=form.data if form else {},
            today=timezone.localdate(clock.now()), done_url=self.url("changelist"),
        )  # fmt: skip

    def _require(self, request: HttpRequest, right: str) -> None:
        """A calendar applies to many inboxes, so only people who see every inbox may recalculate."""
        self.require(request, right)
        if not access.sees_every_inbox(access.person(request)):
            raise PermissionDenied(_("This page covers every inbox, and you do not see all of them."))
