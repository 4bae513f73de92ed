"""The weekly report pages: the list of saved weeks, one week, the rows behind its figures, and the week as a file.

Viewing saves nothing: an unsaved week is calculated for the request, says so, and has a button that saves it.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.models import Conversation

from .. import weekly
from ..models import WeeklyNote, WeeklyReport
from ..periods import Period
from ..weekly import csat, drafts, drilldown, export, iso_week, notes, summary

MOST_WEEKS = 53
ROWS = 50
SHARED_S = 60
FILES = {
    "md": ("Markdown", "text/markdown"),
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
}


@admin.register(WeeklyReport)
class WeeklyReportAdmin(RightsAdmin):
    see = "reports"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.weeks), name=self.url_name("changelist")),
            path("<str:week>/", view(self.week), name=self.url_name("week")),
            path("<str:week>/save/", view(require_POST(self.save_week)), name=self.url_name("save")),
            path("<str:week>/note/", view(require_POST(self.note)), name=self.url_name("note")),
            path("<str:week>/rows/", view(self.rows), name=self.url_name("rows")),
            path("<str:week>/<str:form>/", view(self.file), name=self.url_name("file")),
        ]

    def weeks(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Saved weeks, latest first, and when the next report is due."""
        self._require(request)
        running = iso_week.of_day(timezone.localdate(clock.now(), iso_week.zone()))
        noted = dict(WeeklyNote.objects.values_list("week", "text"))
        rows = [(row, row.snapshot, noted.get(row.week)) for row in WeeklyReport.objects.all()[:MOST_WEEKS]]
        return self.page(
            request, "reports/weekly_list.html", title="Weekly reports", rows=rows, running=iso_week.named(running),
            last=iso_week.named(iso_week.back(running, 1)), next_at=weekly.due_at(running),
        )  # fmt: skip

    def week(self, request: HttpRequest, week: str) -> HttpResponse:
        self._require(request)
        period, now = _period(week), clock.now()
        try:
            report = _read(period, now=now)
        except weekly.Unavailable as error:
            messages.info(request, str(error))
            return self.back_to(request, "changelist")
        comments, name = csat.comments(report["csat"]["rated_low"]), report["week"]
        return self.page(
            request, "reports/weekly.html", title=f"Week {name}", report=report, targets=drafts.TARGETS,
            first=parse_date(report["from"]), last=parse_date(report["to"]), made_at=parse_datetime(report["made_at"]),
            complete_until=parse_datetime(report["webhooks"]["complete_until"]), webhooks=summary.webhooks(report["webhooks"]),
            oldest=[(one, parse_datetime(one["waiting_since"])) for one in report["oldest_waiting"]],
            rated_low=[(one, comments.get(one["message"], "")) for one in report["csat"]["rated_low"]],
            changed=weekly.changed_since(report, now=now) if report["kept"] else [], note=notes.of(period),
            may_see_deliveries=access.may(request.user, "deliveries"), longest=notes.LONGEST,
            before=iso_week.named(iso_week.back(period, 1)), after=iso_week.named(iso_week.back(period, -1)),
            files=[(label, self.url("file", name, form)) for form, (label, _) in FILES.items()],
            save_url=self.url("save", name), note_url=self.url("note", name), rows_url=self.url("rows", name),
        )  # fmt: skip

    def save_week(self, request: HttpRequest, week: str) -> HttpResponse:
        """A report saved by hand is sent to nobody: only Monday's report is news."""
        self._require(request)
        period = _period(week)
        try:
            weekly.make(period, now=clock.now())
        except weekly.Unavailable as error:
            return self.back_to(request, "changelist", trouble=str(error))
        name = iso_week.named(period)
        return self.back_to(request, "week", name, said=f"Saved. The report of {name} no longer changes.")

    def note(self, request: HttpRequest, week: str) -> HttpResponse:
        self._require(request)
        period, user = _period(week), access.person(request)
        note = notes.write(period, request.POST.get("text", ""), by=user, now=clock.now())
        said = (
            "Note saved. This week no longer counts in later medians and ranges."
            if note
            else "Note removed. This week counts again in later medians and ranges."
        )
        return self.back_to(request, "week", iso_week.named(period), said=said)

    def rows(self, request: HttpRequest, week: str) -> HttpResponse:
        """The conversations behind a figure, each linked to its timeline."""
        self._require(request)
        period, of, now = _period(week), request.GET.get("of", ""), clock.now()
        found = drilldown.pairs(period, of, lambda: _read(period, now=now)["missed"], now=now)
        if found is None:
            raise Http404
        what, pairs = found
        page = Paginator(pairs, ROWS).get_page(request.GET.get("page"))
        rows = Conversation.objects.select_related("contact", "inbox").defer("registers")
        known = rows.in_bulk([number for number, _ in page.object_list])
        return self.page(
            request, "reports/weekly_rows.html", title=f"Week {week}: {what}", what=what, page=page, week=week,
            found=[(known[number], at) for number, at in page.object_list if number in known],
            query=urlencode({"of": of, "page": ""}), week_url=self.url("week", week),
        )  # fmt: skip

    def file(self, request: HttpRequest, week: str, form: str) -> HttpResponse:
        self._require(request)
        if form not in FILES:
            raise Http404
        try:
            report = _read(_period(week), now=clock.now())
        except weekly.Unavailable as error:
            raise Http404 from error
        answer = HttpResponse(export.rendered(report, form), content_type=f"{FILES[form][1]}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="support-{report["week"]}.{form}"'
        return answer

    def _require(self, request: HttpRequest) -> None:
        """As in the API: the report covers every inbox, so its reader must see every inbox."""
        self.require(request, "reports")
        if not access.sees_every_inbox(access.person(request)):
            raise PermissionDenied("The weekly report covers every inbox, and you do not see all of them.")


def _period(week: str) -> Period:
    try:
        return weekly.parse(week)
    except weekly.BadWeek as error:
        raise Http404 from error


def _read(week: Period, *, now: datetime) -> dict[str, Any]:
    """Calculating an unsaved week can take seconds, so its page, rows and files share the result for a minute."""
    name = iso_week.named(week)
    found: dict[str, Any] | None = cache.get(f"weekly:{name}")
    if found is None or WeeklyReport.objects.filter(week=name).exists():
        found = weekly.read(week, now=now)
        cache.set(f"weekly:{name}", found, SHARED_S)
    return found
