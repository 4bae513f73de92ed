"""The first page of the Health group: what is wrong, how many customers it affects and what to do; charts; each upstream."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.models import Draft
from knowledge.queue import queue
from knowledge.replies import outages
from webhooks.accounts import access
from webhooks.admin import alerts
from webhooks.database import clock, row_estimates
from webhooks.deliveries import failure_groups
from webhooks.display import recorded
from webhooks.models import Alert, Delivery, Source, Upstream, WorkerHost, alert_kinds

from . import charts
from .endpoints import QUIET_AFTER

MOST = 20
Rows = Callable[[Alert], QuerySet]


@dataclass(frozen=True)
class Trouble:
    """customers: how many it affects; None where that cannot be known."""

    text: str
    kind: alert_kinds.Kind
    since: datetime | None
    customers: row_estimates.Count | None
    link: str

    @property
    def todo(self) -> tuple[str, str]:
        """The first sentence, and the rest."""
        first, dot, rest = str(self.kind.todo).partition(". ")
        return first + dot.strip(), rest


@dataclass(frozen=True)
class System:
    """What this site calls, in plain words."""

    name: str
    text: str
    tone: str
    next_try: datetime | None = None
    link: str = ""


def show(request: HttpRequest) -> HttpResponse:
    if not access.may(request.user, "switches"):
        raise PermissionDenied
    now = clock.now()
    span = charts.SPANS.get(request.GET.get("span", ""), charts.SPANS["24h"])
    waiting, unsent = queue.count_all()
    systems = _systems()
    context = {
        **admin.site.each_context(request), "title": _("Health"), "troubles": _troubles(request, now=now), "waiting": waiting,
        "unsent": unsent, "charts": charts.charts(span, now=now), "span": span, "spans": charts.SPANS.values(),
        "systems": systems,
        "outage": bool(outages.current(access.person(request), now=now)),
        "quiet": all(system.tone == "good" for system in systems),
        "hosts": WorkerHost.objects.filter(beat_at__gte=now - QUIET_AFTER).count(),
        "last": Delivery.objects.filter(direction="IN").order_by("-pk").values_list("received_at", flat=True).first(),
        "now": now,
    }  # fmt: skip
    return TemplateResponse(request, "support/health.html", context)


def _troubles(request: HttpRequest, *, now: datetime) -> list[Trouble]:
    user = access.person(request)
    rows = list(Alert.objects.filter(closed_at=None).select_related("source").order_by("opened_at")[:MOST])
    found = [
        Trouble(
            recorded.shown(row.text), alerts.kind(row), row.opened_at, _customers(row), alerts.link(row, user)
        )
        for row in rows
    ]
    dead = row_estimates.capped(failure_groups.unmuted())
    if dead and not any(row.kind == "dead" for row in rows) and access.may(user, "deliveries"):
        found.append(_dead(dead))
    return found


def _dead(count: row_estimates.Count) -> Trouble:
    """Below the threshold of their alert, but somebody has to look at them."""
    text = ngettext(
        "%(number)s delivery has failed for good.",
        "%(number)s deliveries have failed for good.",
        count.number,
    ) % {"number": count}
    rows = failure_groups.unmuted()
    since = rows.order_by("finished_at").values_list("finished_at", flat=True).first()
    where = (
        reverse("admin:webhooks_delivery_changelist")
        + "?"
        + urlencode({"status__exact": "DEAD", "muted": "no"})
    )
    return Trouble(text, alert_kinds.of("dead"), since, _conversations(rows), where)


def _out(alert: Alert) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(direction="OUT", status__in=["PENDING", "HELD"])
    return rows.filter(source=alert.source_id) if alert.source_id else rows


def _due(alert: Alert) -> QuerySet[Delivery]:
    return Delivery.objects.filter(status="PENDING", next_attempt_at__lte=clock.now())


def _held(alert: Alert) -> QuerySet[Delivery]:
    return Delivery.objects.filter(status="HELD", event="reply.send")


# What an alert of a kind keeps waiting. Kinds that are not listed affect a number of customers that nobody can know.
AFFECTED: dict[str, Rows] = {
    "circuit_open": _out, "credentials": _out, "held": _held, "send_cap": _held, "late": _due, "workers": _due,
    "cluster": _due, "dead": lambda alert: failure_groups.unmuted(),
}  # fmt: skip


def _customers(alert: Alert) -> row_estimates.Count | None:
    if alert.kind == "parked":
        return row_estimates.capped(Draft.objects.filter(status="PARKED").values("conversation").distinct())
    rows = AFFECTED.get(alert.kind)
    return _conversations(rows(alert)) if rows else None


def _conversations(rows: QuerySet[Delivery]) -> row_estimates.Count:
    return row_estimates.capped(
        rows.filter(conversation_id__isnull=False).order_by().values("source", "conversation_id").distinct()
    )


def _systems() -> list[System]:
    known = {row.key: row for row in Upstream.objects.select_related("source")}
    chatwoots = [(f"chatwoot:{row.pk}", f"Chatwoot ({row})") for row in Source.objects.order_by("slug")]
    drafter = [("drafter", _("Drafter"))] if settings.DRAFTER_URL else []
    return [_system(name, known.get(key)) for key, name in [*chatwoots, *drafter]]


def _system(name: str, row: Upstream | None) -> System:
    if row is None or not row.failures:
        return System(name, _("answers."), "good")
    error = recorded.clause(row.last_error.removesuffix(".")) or _("no answer")
    link = reverse("admin:webhooks_upstream_change", args=[row.pk])
    if row.opened_at is None:
        text = ngettext(
            "failed at the last call: %(error)s. Calls continue.",
            "failed at the last %(number)s calls: %(error)s. Calls continue.",
            row.failures,
        ) % {"number": row.failures, "error": error}
        return System(name, text, "warn", None, link)
    text = _("does not answer: %(error)s. Calls to it are paused (circuit open), and nothing is lost.") % {
        "error": error
    }
    return System(name, text, "bad", row.probe_at, link)
