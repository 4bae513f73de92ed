"""The weekly reports as pages: the list of kept weeks, one week on one screen, and the week as a file."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from webhooks import access
from webhooks.admin.base import RightsAdmin

from . import weekly
from .models import WeeklyReport
from .weekly import figures, weeks, words

MOST_WEEKS = 53
FILES = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}


@admin.register(WeeklyReport)
class WeeklyReportAdmin(RightsAdmin):
    see = "reports"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.weeks), name=self.url_name("changelist")),
            path("<str:week>/", view(self.week), name=self.url_name("week")),
            path("<str:week>/<str:form>/", view(self.file), name=self.url_name("file")),
        ]

    def weeks(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Kept ones, the latest first, and when the next is made."""
        self._require(request)
        running = weeks.of_day(timezone.localdate(timezone=weeks.zone()))
        rows = [(row, row.snapshot) for row in WeeklyReport.objects.all()[:MOST_WEEKS]]
        return self.page(
            request, "reports/weekly_list.html", title="Weekly reports", rows=rows, running=weeks.named(running),
            last=weeks.named(weeks.back(running, 1)), made_at=weekly.due_at(running),
        )  # fmt: skip

    def week(self, request: HttpRequest, week: str) -> HttpResponse:
        self._require(request)
        try:
            row = self._kept(week)
        except weekly.Unavailable as error:
            messages.info(request, str(error))
            return self.back_to(request, "changelist")
        kept = row.snapshot
        return self.page(
            request, "reports/weekly.html", title=f"Week {row.week}", kept=kept, targets=figures.TARGETS,
            first=parse_date(kept["from"]), last=parse_date(kept["to"]), made_at=row.made_at,
            complete_until=parse_datetime(kept["webhooks"]["complete_until"]), oldest=_oldest(kept),
            files=[(form.upper(), self.url("file", row.week, form)) for form in FILES],
        )  # fmt: skip

    def file(self, request: HttpRequest, week: str, form: str) -> HttpResponse:
        self._require(request)
        if form not in FILES:
            raise Http404
        try:
            row = self._kept(week)
        except weekly.Unavailable as error:
            raise Http404 from error
        told = {"md": words.markdown, "csv": words.as_csv, "json": lambda _: row.kept}[form](row.snapshot)
        answer = HttpResponse(told, content_type=f"{FILES[form]}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="support-{row.week}.{form}"'
        return answer

    def _require(self, request: HttpRequest) -> None:
        """As in the API: the report covers every inbox, so whoever reads it sees every inbox."""
        self.require(request, "reports")
        if not access.sees_every_inbox(access.person(request)):
            raise PermissionDenied("The weekly report covers every inbox, and you see some of them.")

    def _kept(self, week: str) -> WeeklyReport:
        try:
            return weekly.of_week(weekly.parse(week), now=timezone.now())
        except weekly.BadWeek as error:
            raise Http404 from error


def _oldest(kept: dict[str, Any]) -> list[tuple[dict[str, Any], datetime | None]]:
    return [(one, parse_datetime(one["waiting_since"])) for one in kept["oldest_waiting"]]
