"""Decisions that wait for a person, as a table: how many, the question, the page to decide it. As of the report's creation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.http import urlencode

from knowledge.models import Draft, Escalation, Gap, GapTurn
from webhooks.accounts import access
from webhooks.display import formats
from webhooks.models import Alert

from ..attainment.attainment import seen_by
from . import volume
from .drafts import GRADES, TARGETS
from .readers import EVERYONE

MOST = 5
Found = dict[str, Any]


@dataclass(frozen=True)
class ActionItem:
    """one, many: the text for one, and for more ({n})."""

    count: Callable[[Found, User, datetime], int]
    one: str
    many: str
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
        _drafts("PARKED"), "1 reply is parked: did the customer receive it?",
        "{n} replies are parked: did the customers receive them?",
        "admin:knowledge_draft_changelist", {"status__exact": "PARKED"},
    ),
    ActionItem(
        _overdue, "1 escalation is overdue: who takes it?", "{n} escalations are overdue: who takes them?",
        "admin:knowledge_escalation_changelist", {"state": "overdue"},
    ),
    ActionItem(
        _late, "1 customer is overdue for an answer: who replies?",
        "{n} customers are overdue for an answer: who replies?", "admin:reports_clock_dashboard",
    ),
    ActionItem(
        _drafts("SECOND_LOOK"), "1 reply waits for a second person: who reviews it?",
        "{n} replies wait for a second person: who reviews them?",
        "admin:knowledge_draft_changelist", {"status__exact": "SECOND_LOOK"},
    ),
    ActionItem(
        lambda found, reader, now: found["webhooks"]["given_up"], "1 event failed and is not counted: replay it or leave it?",
        "{n} events failed and are not counted: replay or leave them?", "docs", right="reports",
    ),
    ActionItem(
        lambda found, reader, now: found["csat"]["low"], "1 customer gave 1 or 2 stars: who gets in touch?",
        "{n} customers gave 1 or 2 stars: who gets in touch?", "admin:reports_weeklyreport_rows", {"of": "low"},
    ),
    ActionItem(
        _below, "1 draft grade is below its target: which articles need work?",
        "{n} draft grades are below their targets: which articles need work?",
        "admin:knowledge_change_monday",
    ),
    ActionItem(
        _gaps, "1 question has no article: who writes it?", "{n} questions have no article: who writes them?",
        "admin:knowledge_gap_changelist",
    ),
    ActionItem(
        lambda found, reader, now: found["drafts"]["without_signal"], "1 decision left no learning signal: why?",
        "{n} decisions left no learning signal: why?", "admin:reports_weeklyreport_rows", {"of": "without_signal"},
    ),
    ActionItem(
        _alerts, "1 alert is open: who fixes it?", "{n} alerts are open: who fixes them?",
        "admin:webhooks_alert_changelist", right="switches",
    ),
)  # fmt: skip


def listed(week: str, found: Found, *, now: datetime, reader: User = EVERYONE) -> list[dict[str, str]]:
    listed = [item for item in ACTION_ITEMS if access.may(reader, item.right)]
    counted = [(item, item.count(found, reader, now)) for item in listed]
    return [
        {"what": item.one if n == 1 else item.many.format(n=f"{n:,}"), "where": _where(item, week)}
        for item, n in counted
        if n
    ][:MOST]


def _where(item: ActionItem, week: str) -> str:
    arguments = {
        "docs": [formats.runbook_page(formats.RUNBOOK["DEAD"])],
        "admin:reports_weeklyreport_rows": [week],
    }
    address = reverse(item.page, args=arguments.get(item.page))
    query = f"?{urlencode(item.query)}" if item.query else ""
    return address + query
