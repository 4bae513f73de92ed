"""What somebody has to decide, as a table: how many, the question, where it is decided. As of when the report is made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from knowledge.models import Draft, Escalation
from webhooks.display import formats
from webhooks.models import Alert

from . import volume
from .drafts import GRADES, TARGETS

MOST = 5
Found = dict[str, Any]


@dataclass(frozen=True)
class Need:
    """one, many: what it says of one, and of more ({n})."""

    count: Callable[[Found, datetime], int]
    one: str
    many: str
    page: str
    query: dict[str, str] = field(default_factory=dict)
    anchor: str = ""


def _drafts(status: str) -> Callable[[Found, datetime], int]:
    return lambda found, now: Draft.objects.filter(status=status).count()


def _overdue(found: Found, now: datetime) -> int:
    return Escalation.objects.filter(closed_at=None, due_at__lt=now).count()


def _late(found: Found, now: datetime) -> int:
    return volume.waiting().filter(reply_due_at__lt=now).count()


def _below(found: Found, now: datetime) -> int:
    grades = [(found["drafts"][name], TARGETS[name]) for name in GRADES]
    return sum(value is not None and value < target for value, target in grades)


def _alerts(found: Found, now: datetime) -> int:
    return Alert.objects.filter(closed_at=None).count()


# The most pressing first.
NEEDS = (
    Need(_drafts("PARKED"), "1 reply is parked: does the customer have it?",
         "{n} replies are parked: do the customers have them?", "admin:knowledge_draft_changelist", {"status__exact": "PARKED"}),
    Need(_overdue, "1 escalation is overdue: who takes it?", "{n} escalations are overdue: who takes them?",
         "admin:knowledge_escalation_changelist", {"state": "overdue"}),
    Need(_late, "1 customer waits past the promise: who answers?", "{n} customers wait past their promise: who answers?",
         "admin:reports_clock_dashboard"),
    Need(_drafts("SECOND_LOOK"), "1 reply waits for a second person: who looks?",
         "{n} replies wait for a second person: who looks?", "admin:knowledge_draft_changelist",
         {"status__exact": "SECOND_LOOK"}),
    Need(lambda found, now: found["webhooks"]["given_up"], "1 event was given up and counts nowhere: replay or leave it?",
         "{n} events were given up and count nowhere: replay or leave them?", "docs", anchor=formats.RUNBOOK["DEAD"]),
    Need(lambda found, now: found["csat"]["low"], "1 customer rated 1 or 2: who gets in touch?",
         "{n} customers rated 1 or 2: who gets in touch?", "admin:reports_weeklyreport_rows", {"of": "low"}),
    Need(_below, "1 grade of drafts is below its target: which articles need work?",
         "{n} grades of drafts are below their targets: which articles need work?", "admin:knowledge_learningsignal_figures"),
    Need(lambda found, now: found["drafts"]["without_signal"], "1 decision taught nothing: why?",
         "{n} decisions taught nothing: why?", "admin:reports_weeklyreport_rows", {"of": "without_signal"}),
    Need(_alerts, "1 alert is open: who mends it?", "{n} alerts are open: who mends them?", "admin:webhooks_alert_changelist"),
)  # fmt: skip


def you(week: str, found: Found, *, now: datetime) -> list[dict[str, str]]:
    counted = [(need, need.count(found, now)) for need in NEEDS]
    return [
        {"what": need.one if n == 1 else need.many.format(n=f"{n:,}"), "where": _where(need, week)}
        for need, n in counted
        if n
    ][:MOST]


def _where(need: Need, week: str) -> str:
    named = {"docs": [formats.RUNBOOK_PAGE], "admin:reports_weeklyreport_rows": [week]}
    address = reverse(need.page, args=named.get(need.page))
    query = f"?{urlencode(need.query)}" if need.query else ""
    return address + query + (f"#{need.anchor}" if need.anchor else "")
