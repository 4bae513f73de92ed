"""The weekly report pages: the list of weeks, one week, the rows behind its figures, the week as a file, *Send now*.

Viewing saves nothing: an unsaved week is calculated for the request, says so, and has a button that saves it. Leads, and
Managers of some inboxes, see the figures of their own inboxes.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.models import Conversation

from .. import weekly
from ..models import WeeklyNote, WeeklyReport
from ..periods import Period
from ..weekly import drilldown, export, iso_week, languages, notes, notifications, readers
from . import weekly_page

MOST_WEEKS = 53
ROWS = 50
SHARED_S = 60
OWN_WEEKS = 9  # that a reader of some inboxes may choose from: those are calculated, not saved
LOOK = "inbox_reports"
FILES = {
    "pdf": ("PDF", "application/pdf"),
    "md": ("Markdown", "text/markdown; charset=utf-8"),
    "csv": ("CSV", "text/csv; charset=utf-8"),
    "json": ("JSON", "application/json; charset=utf-8"),
}


@admin.register(WeeklyReport)
class WeeklyReportAdmin(RightsAdmin):
    see = LOOK

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.weeks), name=self.url_name("changelist")),
            path("<str:week>/", view(self.week), name=self.url_name("week")),
            path("<str:week>/save/", view(require_POST(self.save_week)), name=self.url_name("save")),
            path("<str:week>/send/", view(require_POST(self.send_now)), name=self.url_name("send")),
            path("<str:week>/note/", view(require_POST(self.note)), name=self.url_name("note")),
            path("<str:week>/rows/", view(self.rows), name=self.url_name("rows")),
            path("<str:week>/<str:form>/", view(self.file), name=self.url_name("file")),
        ]

    def weeks(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The running week, then the saved ones, latest first."""
        self.require(request, LOOK)
        running, sees_all = _running(), _sees_all(request)
        noted = dict(WeeklyNote.objects.values_list("week", "text"))
        rows = (
            [
                (row, languages.translated(row.snapshot), noted.get(row.week))
                for row in WeeklyReport.objects.all()[:MOST_WEEKS]
            ]
            if sees_all
            else []
        )
        return self.page(
            request, "reports/weekly_list.html", title=_("Weekly reports"), rows=rows, running=iso_week.named(running),
            recent=[iso_week.named(iso_week.back(running, back)) for back in range(OWN_WEEKS)], sees_all=sees_all,
            may_manage=_may_manage(request), last=iso_week.named(iso_week.back(running, 1)), next_at=weekly.due_at(running),
        )  # fmt: skip

    def week(self, request: HttpRequest, week: str) -> HttpResponse:
        """The saved report, or the figures of the reader's inboxes as of now."""
        self.require(request, LOOK)
        period, now = _period(week), clock.now()
        report = languages.translated(_read(period, access.person(request), now=now))
        return self.page(
            request, "reports/weekly.html", title=_("Week %(week)s") % {"week": report["week"]}, now=now,
            **weekly_page.facts(report, period, access.person(request), self, now=now),
            running_week=iso_week.named(_running()), note=notes.of(period), longest=notes.LONGEST,
            may_manage=_may_manage(request), sees_all=_sees_all(request),
            recipients=notifications.recipients() if _may_manage(request) else [],
        )  # fmt: skip

    def save_week(self, request: HttpRequest, week: str) -> HttpResponse:
        """A report saved by hand is sent to nobody: *Send now* is a button of its own."""
        self._require(request)
        period = _period(week)
        try:
            weekly.make(period, now=clock.now())
        except weekly.Unavailable as error:
            return self.back_to(request, "changelist", trouble=str(error))
        name = iso_week.named(period)
        return self.back_to(
            request, "week", name, said=_("Saved. The report of %(week)s no longer changes.") % {"week": name}
        )

    def send_now(self, request: HttpRequest, week: str) -> HttpResponse:
        """To everyone who receives Monday's report. Saves the week first, so that what was sent no longer changes."""
        self._require(request)
        period, now = _period(week), clock.now()
        name = iso_week.named(period)
        try:
            sent = notifications.notify(weekly.make(period, now=now), now=now, again=True)
        except weekly.Unavailable as error:
            return self.back_to(request, "week", name, trouble=str(error))
        if not sent:
            return self.back_to(
                request, "week", name, trouble=_("Nobody receives the report yet. Add a recipient first.")
            )
        said = ngettext(
            "The report is on its way to %(n)s recipient.",
            "The report is on its way to %(n)s recipients.",
            sent,
        )
        return self.back_to(request, "week", name, said=said % {"n": sent})

    def note(self, request: HttpRequest, week: str) -> HttpResponse:
        self._require(request)
        period, user = _period(week), access.person(request)
        note = notes.write(period, request.POST.get("text", ""), by=user, now=clock.now())
        said = (
            _("Note saved. This week no longer counts in later medians and ranges.")
            if note
            else _("Note removed. This week counts again in later medians and ranges.")
        )
        return self.back_to(request, "week", iso_week.named(period), said=said)

    def rows(self, request: HttpRequest, week: str) -> HttpResponse:
        """The conversations behind a figure, each linked to its timeline. Only those of the reader's inboxes."""
        self.require(request, LOOK)
        period, of, now, reader = (
            _period(week),
            request.GET.get("of", ""),
            clock.now(),
            access.person(request),
        )
        found = drilldown.pairs(
            period, of, lambda: _read(period, reader, now=now)["missed"], now=now, reader=reader
        )
        if found is None:
            raise Http404
        what, pairs = found
        page = Paginator(pairs, ROWS).get_page(request.GET.get("page"))
        rows = Conversation.objects.select_related("contact", "inbox").defer("registers")
        known = rows.in_bulk([number for number, _ in page.object_list])
        return self.page(
            request, "reports/weekly_rows.html", what=what, title=_("Week %(week)s: %(figure)s") % {"week": week, "figure": what},
            page=page, week=week,
            found=[(known[number], at) for number, at in page.object_list if number in known],
            query=urlencode({"of": of, "page": ""}), week_url=self.url("week", week),
        )  # fmt: skip

    def file(self, request: HttpRequest, week: str, form: str) -> HttpResponse:
        self._require(request)
        if form not in FILES:
            raise Http404
        report = _read(_period(week), access.person(request), now=clock.now())
        from ..weekly import pdf  # loads fpdf2, and with it numpy: 25 MB that few processes need

        if form != "json":  # for programs, as it was saved
            report = languages.translated(report)
        content = pdf.rendered(report) if form == "pdf" else export.rendered(report, form)
        answer = HttpResponse(content, content_type=FILES[form][1])
        answer["Content-Disposition"] = f'attachment; filename="support-{report["week"]}.{form}"'
        return answer

    def _require(self, request: HttpRequest) -> None:
        """As in the API: the saved report covers every inbox, so its reader must see every inbox."""
        self.require(request, "reports")
        if not _sees_all(request):
            raise PermissionDenied(_("The saved report covers every inbox, and you do not see all of them."))


def _sees_all(request: HttpRequest) -> bool:
    return access.sees_every_inbox(access.person(request))


def _may_manage(request: HttpRequest) -> bool:
    return access.may(request.user, "reports") and _sees_all(request)


def _running() -> Period:
    return iso_week.of_day(timezone.localdate(clock.now(), iso_week.zone()))


def _period(week: str) -> Period:
    """A week that has begun."""
    try:
        period = weekly.parse(week)
    except weekly.BadWeek as error:
        raise Http404 from error
    if period.start > clock.now():
        raise Http404(_("This week has not begun."))
    return period


def _read(week: Period, reader: User, *, now: datetime) -> dict[str, Any]:
    """Calculating a week can take seconds, so its page, rows and files share the result for a minute."""
    name, scope = iso_week.named(week), readers.scope(reader)
    if scope == readers.ALL and WeeklyReport.objects.filter(week=name).exists():
        return weekly.read(week, now=now)
    key = f"weekly:{name}:{scope}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = weekly.calculated(week, now=now, reader=readers.EVERYONE if scope == readers.ALL else reader)
        cache.set(key, found, SHARED_S)
    return found
