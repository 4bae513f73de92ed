"""Decisions that wait for a person, as a table: how many, the question, the page to decide it. As of the report's creation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext_lazy

from knowledge.models import Draft, Escalation, Gap, GapTurn
from webhooks.accounts import access
from webhooks.display import charts, formats
from webhooks.models import Alert

from ..attainment.attainment import seen_by
from . import volume
from .drafts import GRADES, TARGETS
from .readers import EVERYONE

MOST = 5
Found = dict[str, Any]


@dataclass(frozen=True)
class ActionItem:
    """name: in saved reports. text: for one, and for more (%(n)s)."""

    name: str
    count: Callable[[Found, User, datetime], int]
    text: Any
    page: str
    query: dict[str, str] = field(default_factory=dict)
    right: str = "drafts"  # what the page needs; others do not see the item


def _drafts(status: str) -> Callable[[Found, User, datetime], int]:
    return lambda found, reader, now: Draft.objects.filter(
        seen_by(reader, path="conversation__inbox"), status=status
    ).count()


def _overdue(found: Found, reader: User, now: datetime) -> int:
    seen = Escalation.objects.filter(seen_by(reader, path="conversation__inbox"))
    return seen.filter(closed_at=None, due_at__lt=now).count()


def _late(found: Found, reader: User, now: datetime) -> int:
    return volume.waiting(reader=reader).filter(reply_due_at__lt=now).count()


def _below(found: Found, reader: User, now: datetime) -> int:
    grades = [(found["drafts"][name], TARGETS[name]) for name in GRADES]
    return sum(value is not None and value < target for value, target in grades)


def _gaps(found: Found, reader: User, now: datetime) -> int:
    return Gap.objects.open().filter(turns__in=GapTurn.objects.filter(
        seen_by(reader, path="message__conversation__inbox")
    )).exclude(change__status="OPEN").distinct().count()  # fmt: skip


def _alerts(found: Found, reader: User, now: datetime) -> int:
    return Alert.objects.filter(closed_at=None).count()


# Most urgent first.
ACTION_ITEMS = (
    ActionItem(
        "parked", _drafts("PARKED"), ngettext_lazy(
            "%(n)s reply is parked: did the customer receive it?",
            "%(n)s replies are parked: did the customers receive them?", "count",
        ), "admin:knowledge_draft_changelist", {"status__exact": "PARKED"},
    ),
    ActionItem(
        "escalations", _overdue, ngettext_lazy(
            "%(n)s escalation is overdue: who takes it?", "%(n)s escalations are overdue: who takes them?", "count",
        ), "admin:knowledge_escalation_changelist", {"state": "overdue"},
    ),
    ActionItem(
        "customers", _late, ngettext_lazy(
            "%(n)s customer is overdue for an answer: who replies?",
            "%(n)s customers are overdue for an answer: who replies?", "count",
        ), "admin:reports_clock_dashboard",
    ),
    ActionItem(
        "second_look", _drafts("SECOND_LOOK"), ngettext_lazy(
            "%(n)s reply waits for a second person: who reviews it?",
            "%(n)s replies wait for a second person: who reviews them?", "count",
        ), "admin:knowledge_draft_changelist", {"status__exact": "SECOND_LOOK"},
    ),
    ActionItem(
        "events", lambda found, reader, now: found["webhooks"]["given_up"], ngettext_lazy(
            "%(n)s event failed and is not counted: replay it or leave it?",
            "%(n)s events failed and are not counted: replay or leave them?", "count",
        ), "docs", right="reports",
    ),
    ActionItem(
        "ratings", lambda found, reader, now: found["csat"]["low"], ngettext_lazy(
            "%(n)s customer gave 1 or 2 stars: who gets in touch?",
            "%(n)s customers gave 1 or 2 stars: who gets in touch?", "count",
        ), "admin:reports_weeklyreport_rows", {"of": "low"},
    ),
    ActionItem(
        "grades", _below, ngettext_lazy(
            "%(n)s draft grade is below its target: which articles need work?",
            "%(n)s draft grades are below their targets: which articles need work?", "count",
        ), "admin:knowledge_change_monday",
    ),
    ActionItem(
        "gaps", _gaps, ngettext_lazy(
            "%(n)s question has no article: who writes it?", "%(n)s questions have no article: who writes them?", "count",
        ), "admin:knowledge_gap_changelist",
    ),
    ActionItem(
        "signals", lambda found, reader, now: found["drafts"]["without_signal"], ngettext_lazy(
            "%(n)s decision left no learning signal: why?", "%(n)s decisions left no learning signal: why?", "count",
        ), "admin:reports_weeklyreport_rows", {"of": "without_signal"},
    ),
    ActionItem(
        "alerts", _alerts, ngettext_lazy("%(n)s alert is open: who fixes it?", "%(n)s alerts are open: who fixes them?", "count"),
        "admin:webhooks_alert_changelist", right="switches",
    ),
)  # fmt: skip
BY_NAME = {item.name: item for item in ACTION_ITEMS}


def listed(week: str, found: Found, *, now: datetime, reader: User = EVERYONE) -> list[dict[str, Any]]:
    listed = [item for item in ACTION_ITEMS if access.may(reader, item.right)]
    counted = [(item, item.count(found, reader, now)) for item in listed]
    return [
        {"what": text(item.name, n), "where": _where(item, week), "item": item.name, "n": n}
        for item, n in counted
        if n
    ][:MOST]


def text(name: str, n: int) -> str:
    return str(BY_NAME[name].text % {"count": n, "n": charts.count(n)})


def _where(item: ActionItem, week: str) -> str:
    arguments = {
        "docs": [formats.runbook_page(formats.RUNBOOK["DEAD"])],
        "admin:reports_weeklyreport_rows": [week],
    }
    address = reverse(item.page, args=arguments.get(item.page))
    query = f"?{urlencode(item.query)}" if item.query else ""
    return address + query
