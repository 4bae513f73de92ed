"""Addresses of the pages about clocks: the dashboard, the SLA report, a conversation's timeline. All are read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from webhooks.admin.base import RightsAdmin

from ..clocks import timeline
from ..models import Clock
from . import dashboard, sla_report


@admin.register(Clock)
class ClockAdmin(RightsAdmin):
    nothing = _("No clocks yet. A clock starts when a customer writes to an inbox that an SLA policy covers.")
    see = "drafts"

    def get_urls(self) -> list[URLPattern]:
        """There is no list of all clocks: the report leads to the clocks of a range."""
        first = path("", self.admin_site.admin_view(self.first), name=self.url_name("changelist"))
        return [first, *dashboard.urls(self), *sla_report.urls(self), *timeline.urls(self)]

    def first(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.back_to(request, "dashboard")
