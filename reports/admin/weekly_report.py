"""The weekly reports as pages: the list of kept weeks, one week on one screen, the rows behind it, the week as a file.

Looking keeps nothing: a week that nobody kept is reckoned for whoever looks, says so, and has a button that keeps it.
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
from webhooks.models import Conversation

from .. import weekly
from ..models import WeeklyNote, WeeklyReport
from ..periods import Period
from ..weekly import csat, drafts, drilldown, export, iso_week, notes, summary

MOST_WEEKS = 53
ROWS = 50
SHARED_S = 60
FILES = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}


@admin.register(WeeklyReport)
class WeeklyReportAdmin(RightsAdmin):
    see = "reports"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.weeks), name=self.url_name("changelist")),
            path("<str:week>/", view(self.week), name=self.url_name("week")),
            path("<str:week>/keep/", view(require_POST(self.keep)), name=self.url_name("keep")),
            path("<str:week>/note/", view(require_POST(self.note)), name=self.url_name("note")),
            path("<str:week>/rows/", view(self.rows), name=self.url_name("rows")),
            path("<str:week>/<str:form>/", view(self.file), name=self.url_name("file")),
        ]

    def weeks(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Kept ones, the latest first, and when the next is made."""
        self._require(request)
        running = iso_week.of_day(timezone.localdate(timezone=iso_week.zone()))
        noted = dict(WeeklyNote.objects.values_list("week", "text"))
        rows = [(row, row.snapshot, noted.get(row.week)) for row in WeeklyReport.objects.all()[:MOST_WEEKS]]
        return self.page(
            request, "reports/weekly_list.html", title="Weekly reports", rows=rows, running=iso_week.named(running),
            last=iso_week.named(iso_week.back(running, 1)), made_at=weekly.due_at(running),
        )  # fmt: skip

    def week(self, request: HttpRequest, week: str) -> HttpResponse:
        self._require(request)
        period, now = _period(week), timezone.now()
        try:
            kept = _read(period, now=now)
        except weekly.Unavailable as error:
            messages.info(request, str(error))
            return self.back_to(request, "changelist")
        told, name = csat.comments(kept["csat"]["rated_low"]), kept["week"]
        return self.page(
            request, "reports/weekly.html", title=f"Week {name}", kept=kept, targets=drafts.TARGETS,
            first=parse_date(kept["from"]), last=parse_date(kept["to"]), made_at=parse_datetime(kept["made_at"]),
            complete_until=parse_datetime(kept["webhooks"]["complete_until"]), wire=summary.wire(kept["webhooks"]),
            oldest=[(one, parse_datetime(one["waiting_since"])) for one in kept["oldest_waiting"]],
            rated_low=[(one, told.get(one["message"], "")) for one in kept["csat"]["rated_low"]],
            changed=weekly.changed_since(kept, now=now) if kept["kept"] else [], note=notes.of(period),
            may_see_deliveries=access.may(request.user, "deliveries"), longest=notes.LONGEST,
            before=iso_week.named(iso_week.back(period, 1)), after=iso_week.named(iso_week.back(period, -1)),
            files=[(form.upper(), self.url("file", name, form)) for form in FILES],
            keep_url=self.url("keep", name), note_url=self.url("note", name), rows_url=self.url("rows", name),
        )  # fmt: skip

    def keep(self, request: HttpRequest, week: str) -> HttpResponse:
        """By hand it is kept and sent to nobody: what is old is no news."""
        self._require(request)
        period = _period(week)
        try:
            weekly.make(period, now=timezone.now())
        except weekly.Unavailable as error:
            return self.back_to(request, "changelist", trouble=str(error))
        name = iso_week.named(period)
        return self.back_to(request, "week", name, said=f"Kept: {name} stays as it is told here.")

    def note(self, request: HttpRequest, week: str) -> HttpResponse:
        self._require(request)
        period, user = _period(week), access.person(request)
        note = notes.write(period, request.POST.get("text", ""), by=user, now=timezone.now())
        said = (
            "Noted: later weeks are not measured by this one."
            if note
            else "No note: this week counts as any."
        )
        return self.back_to(request, "week", iso_week.named(period), said=said)

    def rows(self, request: HttpRequest, week: str) -> HttpResponse:
        """The conversations behind a figure, each with its timeline."""
        self._require(request)
        period, of, now = _period(week), request.GET.get("of", ""), timezone.now()
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
            kept = _read(_period(week), now=timezone.now())
        except weekly.Unavailable as error:
            raise Http404 from error
        answer = HttpResponse(export.told(kept, form), content_type=f"{FILES[form]}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="support-{kept["week"]}.{form}"'
        return answer

    def _require(self, request: HttpRequest) -> None:
        """As in the API: the report covers every inbox, so whoever reads it sees every inbox."""
        self.require(request, "reports")
        if not access.sees_every_inbox(access.person(request)):
            raise PermissionDenied("The weekly report covers every inbox, and you see some of them.")


def _period(week: str) -> Period:
    try:
        return weekly.parse(week)
    except weekly.BadWeek as error:
        raise Http404 from error


def _read(week: Period, *, now: datetime) -> dict[str, Any]:
    """What nobody kept takes seconds to reckon in a large house: a visit's page, rows and files tell the same for a minute."""
    name = iso_week.named(week)
    found: dict[str, Any] | None = cache.get(f"weekly:{name}")
    if found is None or WeeklyReport.objects.filter(week=name).exists():
        found = weekly.read(week, now=now)
        cache.set(f"weekly:{name}", found, SHARED_S)
    return found
