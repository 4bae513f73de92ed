"""The index: what needs attention first, then a handful of true figures, each a link to the rows behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from knowledge.queue import queue
from knowledge.replies import outages
from webhooks.accounts import access
from webhooks.admin import alerts
from webhooks.database import clock, row_estimates
from webhooks.deliveries import failure_groups
from webhooks.display import formats, recorded
from webhooks.models import Alert, Delivery, Inbox, SendingSwitch, Source, WorkerHost
from webhooks.sources import mode_notices
from webhooks.workers import host_monitor

from ..demo import guide
from ..health.endpoints import QUIET_AFTER
from . import first_steps, needs
from .needs import Need

DAY = timedelta(hours=24)
MOST_ALERTS = 10
# What the page shows by itself to those who have the right: not once more as an alert.
SHOWN_ANYWAY = {"dead": "deliveries", "parked": "decide"}


@dataclass(frozen=True)
class Figure:
    """value None: there is no data, which is not zero."""

    label: str
    value: int | str | None
    link: str
    more: str = ""


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    now, user = clock.now(), access.person(request)
    sources = list(Source.objects.all())
    steps = first_steps.steps(user)
    next_step = next((step for step in steps if step.mine and not step.done), None)
    if sources and next_step is None:
        steps = []  # what the others have yet to do does not keep this person from working
    figures = [_inbox(user, now=now), _health(user, now=now)] if sources else []
    return context | {
        "title": _("Dashboard"),
        "guide": guide.guide(request) if settings.DEMO else None,
        "connected": bool(sources),
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "may_do_steps": any(step.mine for step in steps),
        "next_step": next_step,
        "all_well": _all_well(user, now=now),
        "stopped": SendingSwitch.objects.select_related("changed_by").filter(pk=1, stopped=True).first(),
        "may_switch": access.may(user, "switches"),
        "needs": _needs(user, sources, now=now),
        "sections": [section for section in figures if section],
        "now": now,
    }


def _all_well(user: User, *, now: datetime) -> str:
    """For a page without needs: no more than this person's page can know."""
    customers, health = access.may(user, "drafts"), access.may(user, "deliveries")
    if outages.current(user, now=now):
        return ""
    if customers and health:
        return _("No customer is waiting and nothing is stuck.")
    return _("No customer is waiting.") if customers else _("Nothing is stuck.") if health else ""


def _needs(user: User, sources: list[Source], *, now: datetime) -> list[Need]:
    found = [*needs.of_inbox(user, now=now)] if access.may(user, "drafts") else []
    if access.may(user, "deliveries") or access.may(user, "switches"):
        found = [*_health_needs(user, sources, now=now), *found]
    return [*_mode_notice(user), *_without_inboxes(user), *_alerts(user), *found]


def _without_inboxes(user: User) -> list[Need]:
    """Who sees no inbox would read everywhere that no customer waits."""
    if not access.may(user, "drafts") or not Inbox.objects.exists() or access.inboxes_of(user).exists():
        return []
    said = _("You have no inboxes yet, so you see no customers. Ask a superuser to give you access.")
    return [Need(said, reverse("admin:webhooks_profile_changelist"), _("Your profile"), icon="inbox")]


def _mode_notice(user: User) -> list[Need]:
    """Those who are notified of a mode change see it until they confirm it, whatever else they may see."""
    notice = mode_notices.open_for(user)
    if notice is None:
        return []
    change = notice.change
    text = _("%(source)s is now %(mode)s: %(reason)s") % {
        "source": change.source, "mode": formats.MODES[change.mode], "reason": change.reason,
    }  # fmt: skip
    page = reverse("admin:webhooks_modechange_change", args=[change.pk])
    return [Need(text, page, _("Read and confirm"), "warn", "campaign", change.at)]


def _alerts(user: User) -> list[Need]:
    shown = [kind for kind, right in SHOWN_ANYWAY.items() if access.may(user, right)]
    rows = alerts.visible(Alert.objects.filter(closed_at=None), user)
    rows = rows.exclude(Q(kind__in=shown) | Q(key=host_monitor.ALL_WORKERS))
    rows = rows.order_by("opened_at").select_related("source")[:MOST_ALERTS]
    return [
        Need(
            recorded.shown(row.text),
            alerts.link(row, user),
            str(alerts.kind(row).button),
            "bad",
            alerts.kind(row).icon,
            row.opened_at,
        )
        for row in rows
    ]


def _health_needs(user: User, sources: list[Source], *, now: datetime) -> list[Need]:
    found = []
    if sources and not WorkerHost.objects.filter(beat_at__gte=now - QUIET_AFTER).exists():
        text = _(
            "No workers are running. Events are stored, but nothing is processed or sent. Start them: make workers."
        )
        found.append(
            Need(
                text,
                needs.rows("webhooks_delivery", status__exact="PENDING"),
                _("View pending"),
                "bad",
                "engineering",
            )
        )
    for source in sources:
        page = reverse("admin:webhooks_modechange_source", args=[source.pk])
        if source.mode != Source.Mode.ACTIVE and access.may(user, "switches"):
            found.append(
                Need(
                    _("The source %(source)s is %(mode)s: its events wait.")
                    % {"source": source, "mode": formats.MODES[source.mode]},
                    page,
                    _("Change mode"),
                    "warn",
                    "pause",
                )
            )
    if access.may(user, "deliveries"):
        dead = row_estimates.capped(failure_groups.unmuted())
        if dead:
            text = ngettext(
                "%(number)s delivery has failed and will not be retried.",
                "%(number)s deliveries have failed and will not be retried.",
                dead.number,
            ) % {"number": dead}
            found.append(
                Need(
                    text,
                    needs.rows("webhooks_delivery", status__exact="DEAD", muted="no"),
                    _("View dead letters"),
                    "bad",
                    "error",
                )
            )
    return found


def _inbox(user: User, *, now: datetime) -> dict[str, Any] | None:
    if not access.may(user, "drafts"):
        return None
    mine = needs.drafts(user)
    day = mine.filter(decided_at__gte=now - DAY).aggregate(
        approved=Count("pk", filter=Q(approval__gt=0)), sent=Count("pk", filter=Q(status="SENT")),
        rejected=Count("pk", filter=Q(status="REJECTED")),
    )  # fmt: skip
    decided = {"decided_at__gte": (now - DAY).isoformat()}
    figures = [
        Figure(_("Customers waiting"), queue.conversations(user).count(), reverse("admin:knowledge_draft_queue")),
        Figure(_("Drafts to decide"), mine.filter(status__in=["PROPOSED", "SECOND_LOOK"]).count(),
               needs.rows("knowledge_draft", status__in="PROPOSED,SECOND_LOOK")),
        Figure(pgettext("replies", "Approved"), day["approved"],
               needs.rows("knowledge_draft", approval__gt=0, **decided), _("in 24 h")),
        Figure(pgettext("replies", "Sent"), day["sent"],
               needs.rows("knowledge_draft", status__exact="SENT", **decided), _("of those approved in 24 h")),
        Figure(pgettext("replies", "Rejected"), day["rejected"],
               needs.rows("knowledge_draft", status__exact="REJECTED", **decided), _("in 24 h")),
    ]  # fmt: skip
    return {"title": _("Inbox"), "figures": figures}


def _health(user: User, *, now: datetime) -> dict[str, Any] | None:
    if not access.may(user, "deliveries"):
        return None
    since = now - DAY
    failing = {"status__exact": "PENDING", "attempts__gt": 0, "running_since__isnull": 1}
    seen = _arrived(since)
    day = {"received_at__gte": since.isoformat()}
    some, capped = bool(seen["received"]), seen["received"] > row_estimates.MOST
    of = (
        _("of the newest %(most)s") % {"most": formats.number(row_estimates.MOST)}
        if capped
        else _("%(done)s of %(received)s in 24 h") % seen
    )
    out = row_estimates.capped(
        Delivery.objects.filter(direction="OUT", status="PENDING", attempts__gt=0, running_since=None)
    )
    figures = [
        Figure(_("Deliveries received"), str(row_estimates.Count(min(seen["received"], row_estimates.MOST), more=capped)),
               needs.rows("webhooks_incoming", **day), _("in 24 h")),
        Figure(_("Processed"), _share(seen["done"], seen["received"]),
               needs.rows("webhooks_incoming", status__exact="DONE", **day), of if some else _("nothing arrived in 24 h")),
        Figure(_("Retrying"), seen["retrying"] if some else None,
               needs.rows("webhooks_incoming", **failing, **day), _("received in 24 h")),
        Figure(_("Retrying, outgoing"), str(out), needs.rows("webhooks_outgoing", **failing), _("now")),
        Figure(_("Dead letters"), str(row_estimates.capped(failure_groups.unmuted())),
               needs.rows("webhooks_delivery", status__exact="DEAD", muted="no"), _("in and out, now")),
    ]  # fmt: skip
    return {"title": _("Health"), "figures": figures}


def _arrived(since: datetime) -> dict[str, int]:
    """Of the newest deliveries in, at most MOST and one: the index page must open however many there are."""
    newest = Delivery.objects.filter(direction="IN").order_by("-pk")[: row_estimates.MOST + 1]
    fresh = Q(received_at__gte=since)
    return newest.aggregate(
        received=Count("pk", filter=fresh), done=Count("pk", filter=fresh & Q(status="DONE")),
        retrying=Count("pk", filter=fresh & Q(status="PENDING", attempts__gt=0, running_since=None)),
    )  # fmt: skip


def _share(part: int, whole: int) -> str | None:
    """Rounded down: 99.96 % done is not all done."""
    return f"{number_format(f'{part * 1000 // whole / 10:g}')} %" if whole else None
