"""The live Support SLA dashboard, and a drill-down for each of its numbers."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webhooks.accounts import access
from webhooks.database import clock

from .. import dashboard
from ..attainment import north_star
from ..attainment.attainment import seen_by
from ..weekly import iso_week

TITLE = _("Support SLA dashboard")
RIGHT = "drafts"
ROWS = 50
Rows = Callable[[User, datetime], Any]
CLOCKS: dict[str, tuple[str | Promise, Rows]] = {
    "running": (_("Next to breach"), lambda user, now: dashboard.running(user)),
    "at-risk": (_("At risk"), lambda user, now: dashboard.at_risk(user, now=now)),
    "breached": (_("Breached"), lambda user, now: dashboard.breached(user, now=now)),
}
CONVERSATIONS: dict[str, tuple[str | Promise, Rows]] = {
    "unassigned": (_("Unassigned"), lambda user, now: dashboard.unassigned(user)),
    "backlog": (_("Backlog"), lambda user, now: dashboard.backlog(user)),
}


def _of_age(index: int) -> Rows:
    return lambda user, now: dashboard.aged(user, index, now=now)


def _title_of_age(index: int) -> str:
    return gettext("Backlog: %(age)s old") % {"age": dashboard.AGES[index][0]}


CONVERSATIONS |= {
    f"age-{index}": (lazy(_title_of_age, str)(index), _of_age(index)) for index in range(len(dashboard.AGES))
}


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view
    return [
        path("dashboard/", view(partial(show, model_admin)), name=model_admin.url_name("dashboard")),
        path(
            "dashboard/<slug:which>/",
            view(partial(drilldown, model_admin)),
            name=model_admin.url_name("drilldown"),
        ),
    ]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The page, or only its live part for a page that is open already."""
    model_admin.require(request, RIGHT)
    facts = _live(access.person(request), now=clock.now())
    if request.headers.get("X-Fragment"):
        return render(request, "reports/dashboard_live.html", facts)
    return model_admin.page(request, "reports/dashboard.html", title=TITLE, **facts)


def _live(user: User, *, now: datetime) -> dict[str, Any]:
    ages = dashboard.ages(user, now=now)
    late = dashboard.breached(user, now=now)
    soonest = [row for row in dashboard.next_to_breach(user) if row.due_at and row.due_at >= now]
    star = _star(user, now=now) if access.may(user, "reports") else {}
    return star | {
        "now": now, "next": dashboard.with_lateness(soonest, now=now), "at_risk": dashboard.at_risk(user, now=now).count(),
        "breached": late.count(), "late": dashboard.with_lateness(late.order_by("due_at", "pk")[: dashboard.MOST], now=now),
        "unassigned": dashboard.unassigned(user).count(), "ages": ages, "backlog": sum(age.count for age in ages),
        "most_of_an_age": max(age.count for age in ages) or 1, "review": dashboard.in_review(user),
        "escalated": dashboard.escalated(user, now=now), "health": dashboard.delivery_health(now=now),
        "deliveries_url": reverse("admin:webhooks_incoming_changelist") if access.may(user, "deliveries") else "",
        "report_url": reverse("admin:reports_clock_report") if access.may(user, "inbox_reports") else "",
    }  # fmt: skip


def _star(user: User, *, now: datetime) -> dict[str, Any]:
    """The running week so far, and where its rows are."""
    week = iso_week.of_day(timezone.localdate(now, iso_week.zone()))
    found = north_star.figures(week, within=seen_by(user))
    return {
        "star": found,
        "star_url": reverse("admin:reports_weeklyreport_rows", args=[iso_week.named(week)])
        + "?of=north_star",
    }


def drilldown(model_admin: Any, request: HttpRequest, which: str) -> HttpResponse:
    model_admin.require(request, RIGHT)
    user, now = access.person(request), clock.now()
    if which in CLOCKS:
        title, rows = CLOCKS[which]
        found = rows(user, now).order_by("due_at", "pk")
    elif which in CONVERSATIONS:
        title, rows = CONVERSATIONS[which]
        found = _oldest_first(rows(user, now))
    else:
        raise Http404
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    clocks = dashboard.with_lateness(page.object_list, now=now) if which in CLOCKS else []
    return model_admin.page(
        request, "reports/dashboard_drilldown.html", title=title, page=page, clocks=clocks, now=now,
        conversations=[] if which in CLOCKS else page.object_list, dashboard_url=model_admin.url("dashboard"),
    )  # fmt: skip


def _oldest_first(rows: Any) -> Any:
    return rows.select_related("contact", "inbox").defer("registers").order_by("created_at", "pk")
