"""Learning, Coverage: what was drafted and with which confidence, whether that confidence held, and what models cost."""

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock
from webhooks.display import charts, formats
from webhooks.display.charts import Chart, Series

from ..learning import coverage, stated_confidence
from ..learning import figures as learning_figures
from ..learning.coverage import OUTCOMES
from ..learning.figures import Filter
from ..learning.stated_confidence import Calibrated
from ..templatetags.learning import rows_url

RANGES = (4, 12, 26)  # weeks
LEAST = 20  # decisions of a calibration chart
BUILT_IN: Filter = {"author_kind__exact": "drafter", "draft__prompt_version__exact": ""}
STATED: Filter = {"draft__prompt_version__gt": ""}


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view(partial(show, model_admin))
    return [path("coverage/", view, name=model_admin.url_name("coverage"))]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "learning")
    now, user, wanted = clock.now(), access.person(request), request.GET.get("weeks", "")
    weeks = int(wanted) if wanted in map(str, RANGES) else RANGES[1]
    begins = learning_figures.mondays(now, weeks)
    between = {"since": begins[0], "until": begins[-1]}
    dates: Filter = {"at__gte": begins[0], "at__lt": begins[-1]}
    turns_url = model_admin.url("turns")
    found = coverage.coverage(user, **between, now=now)
    calibrated = [
        (name, stated_confidence.calibration(user, dates | where), dates | where)
        for name, where in ((_("Built-in drafter"), BUILT_IN), (_("Language models"), STATED))
    ]
    first = stated_confidence.right_first(user, begins)
    costs = stated_confidence.model_cost(begins)
    return model_admin.page(
        request, "knowledge/learning_coverage.html", title=_("Coverage of the desk"), tab="coverage", now=now, begins=begins,
        ranges=[(count, f"?weeks={count}") for count in RANGES], chosen=weeks, found=found, outcomes=OUTCOMES.values(),
        bands=[(row, _address(turns_url, between, band=row.slug), [
            (row.counts[name], _address(turns_url, between, band=row.slug, outcome=name), label)
            for name, label in OUTCOMES.items()
        ]) for row in found.rows],
        turns_url=_address(turns_url, between), silence=found.silence,
        calibrated=[(one, _calibration(name, one, where)) for name, one, where in calibrated if one.n >= LEAST], least=LEAST,
        right_first=_right_first(first), first=[
            (week, stood, n, rows_url(_week(begins, at) | stated_confidence.CITED)) for at, (week, stood, n) in enumerate(first)
        ][::-1],
        costs=[row for row in reversed(costs) if row["calls"]],
    )  # fmt: skip


def _address(url: str, between: dict[str, datetime], **more: str) -> str:
    return f"{url}?{urlencode({name: at.isoformat() for name, at in between.items()} | more)}"


def _week(begins: list[datetime], at: int) -> Filter:
    return {"at__gte": begins[at], "at__lt": begins[at + 1]}


def _calibration(name: str, found: Calibrated, where: Filter) -> Chart:
    """Where the line is on the dashed one, confidence says what happens."""
    shown = [one for one in found.bins if one.n]
    labels = [
        _("%(low)s to %(high)s %% (n = %(n)s)")
        % {"low": f"{one.low * 100:.0f}", "high": f"{min(one.high, 1) * 100:.0f}", "n": formats.number(one.n)}
        for one in shown
    ]
    return Chart(
        _("%(name)s: stated confidence and drafts kept") % {"name": name}, labels,
        [
            Series(_("Drafts kept"), [one.share.value if one.share else None for one in shown]),
            Series(_("Stated, on average"), [one.said for one in shown], "warn", dashed=True),
            # xgettext:no-python-format
            Series(_("90 % interval from"), [one.share.low if one.share else None for one in shown], "quiet"),
            Series(_("to"), [one.share.high if one.share else None for one in shown], "quiet"),
        ],
        charts.SHARE, axis=_("Confidence"), links=[rows_url(stated_confidence.CITED | where | one.where) for one in shown],
    )  # fmt: skip


def _right_first(weeks: list[tuple[datetime, int, int]]) -> Chart:
    labels = [date_format(week, "MONTH_DAY_FORMAT") for week, _stood, _n in weeks]
    values = [stood / n if n else None for _week, stood, n in weeks]
    return Chart(
        _("The first article was right"),
        labels,
        [Series(_("Right first"), values)],
        charts.SHARE,
        axis=_("Week of"),
    )
