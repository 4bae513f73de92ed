"""The SLA report page, the clocks behind each of its numbers, and the export. attainment.py calculates the figures."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models.functions import ExtractIsoWeekDay
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.dates import WEEKDAYS
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from webhooks.accounts import access
from webhooks.database import clock

from .. import sla
from ..attainment import attainment, cells, csv_export, daily_rollup, heat_map, outcomes
from ..attainment import charts as attainment_charts
from ..attainment.groupings import GROUPINGS
from ..periods import Period
from ..weekly import flow

Page = Callable[..., HttpResponseBase]
LONGEST_DAYS = 366  # a longer range would take too long for a page
RANGES = (7, 28, 84)
ROWS = 50
RIGHT, EXPORT = "inbox_reports", "reports"
BY = {
    "inbox": gettext_lazy("Inbox"), "agent": gettext_lazy("Agent"), "team": gettext_lazy("Team"), "label": gettext_lazy("Label"),
    "priority": gettext_lazy("Priority"), "policy": pgettext_lazy("SLA", "Policy"), "hour": gettext_lazy("Hour of day"),
}  # fmt: skip
ISO_WEEKDAYS = {str(number + 1): name for number, name in WEEKDAYS.items()}


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view

    def at(where: str, name: str, page: Page) -> URLPattern:
        return path(where, view(partial(page, model_admin)), name=model_admin.url_name(name))

    return [
        at("report/", "report", show),
        at("report/clocks/", "rows", rows),
        at("report/export.csv", "export", export),
    ]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, RIGHT)
    now, user = clock.now(), access.person(request)
    period, trouble = _period(request, now=now)
    by = request.GET.get("by", "")
    by = by if by in GROUPINGS else "inbox"
    within = attainment.seen_by(user)
    saved = daily_rollup.saved(period, by=by, within=within)
    found = attainment.attainment(period, by=by, now=now, within=within, saved=saved)
    earlier = attainment.met_and_missed(period.before(), within=within)
    trend = attainment.trend(period, within=within, saved=saved)
    links = cells.Links(model_admin.url("rows"), period)
    shown = cells.cards(found, earlier, trend, links, now=now)
    hours, hours_before = cells.open_hours(period)
    return model_admin.page(
        request, "reports/report.html", title=_("SLA report"), period=period, before=period.before(), trouble=trouble, now=now,
        cards=[(card, [] if card.cell.few else attainment_charts.of(card, period)) for card in shown],
        flow=flow.chart(period, [day for day, _ in shown[0].steps], reader=user),
        heat=heat_map.read(period, links, now=now, within=within) if by == "hour" else None,
        groups=cells.groups(found, links, by=by),
        hours=hours, hours_before=hours_before, comparable=cells.comparable(hours, hours_before),
        by=by, by_label=BY[by], choices=_choices(request, by),
        ranges=_ranges(period, by, now),
        stamp=cells.stamp(period, now=now), any=any(any(tally.counts.values()) for tally in found.total.values()),
        export_url=model_admin.url("export") + "?" + urlencode(_asked(period)) if access.may(user, EXPORT) else "",
        dashboard_url=model_admin.url("dashboard"),
    )  # fmt: skip


def rows(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The clocks that a number counts, each linked to its timeline."""
    model_admin.require(request, RIGHT)
    now = clock.now()
    period = _period(request, now=now)[0]
    asked = request.GET
    found = outcomes.clocks(period, now=now, within=attainment.seen_by(access.person(request)))
    if asked.get("metric") in sla.METRICS:
        found = found.filter(metric=asked["metric"])
    by = asked.get("by", "") if asked.get("by") in GROUPINGS else ""
    others = {name: str(value) for name, value in asked.items() if name != "page"}
    outcome, group = asked.get("outcome", ""), asked.get("group", "")
    found = attainment.matching(found, period, now=now, outcome=outcome, by=by, group=group)
    if (weekday := asked.get("weekday", "")) in ISO_WEEKDAYS:
        extract = ExtractIsoWeekDay("started_at", tzinfo=period.zone)
        found = found.annotate(weekday=extract).filter(weekday=int(weekday))
    wanted = found.select_related("conversation__contact", "conversation__inbox", "policy")
    page = Paginator(wanted.defer("conversation__registers").order_by("started_at", "pk"), ROWS).get_page(
        asked.get("page")
    )
    return model_admin.page(
        request, "reports/report_rows.html", title=_("SLA report: clocks"), page=page, period=period,
        clocks=page.object_list, metric=asked.get("metric", ""), by=BY.get(by, ""), group=group, now=now,
        weekday=ISO_WEEKDAYS.get(weekday, ""),
        outcome=cells.OUTCOME_NAMES.get(outcome, outcome), query=urlencode(others | {"page": ""}),
        report_url=model_admin.url("report") + "?" + urlencode(_asked(period) | ({"by": by} if by else {})),
    )  # fmt: skip


def export(model_admin: Any, request: HttpRequest) -> StreamingHttpResponse:
    """One row for each conversation, streamed."""
    model_admin.require(request, EXPORT)
    now = clock.now()
    period = _period(request, now=now)[0]
    found = outcomes.clocks(period, now=now, within=attainment.seen_by(access.person(request)))
    name = f"sla-{period.first}-to-{period.last}.csv"
    return StreamingHttpResponse(
        csv_export.lines(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _period(request: HttpRequest, *, now: datetime) -> tuple[Period, str]:
    """The requested range, or the last four weeks and the reason why."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    usual = Period(today - timedelta(days=27), today, zone)
    if "from" not in request.GET and "to" not in request.GET:
        return usual, ""
    first, last = (_day(request.GET.get(name, "")) for name in ("from", "to"))
    if first is None or last is None:
        return usual, _("Choose two dates. Showing the last four weeks.")
    if last < first:
        return usual, _("The last day is before the first. Showing the last four weeks.")
    if (last - first).days >= LONGEST_DAYS:
        return usual, _("The page shows at most one year. Showing the last four weeks.")
    return Period(first, last, zone), ""


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1971 <= day.year < 2200 else None


def _asked(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _choices(request: HttpRequest, by: str) -> list[tuple[str, str, bool]]:
    return [
        (str(label), "?" + urlencode({**request.GET.dict(), "by": name}) + "#groups", name == by)
        for name, label in BY.items()
    ]


def _ranges(period: Period, by: str, now: datetime) -> list[tuple[str, str, bool]]:
    today = now.astimezone(period.zone).date()
    found = []
    for days in RANGES:
        one = Period(today - timedelta(days=days - 1), today, period.zone)
        weeks = days // 7
        label = ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": weeks} if weeks > 1 else _("7 days")
        found.append((label, "?" + urlencode(_asked(one) | {"by": by}), one == period))
    return found
