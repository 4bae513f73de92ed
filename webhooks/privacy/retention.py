"""What is removed because of its age: the rules of the webhooks app. Others are in knowledge/privacy/retention.py.

Audit logs, counts, SLA clocks and saved weekly reports have no rule, so that a figure's drill-down still opens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from ..deliveries import redaction
from ..models import (
    Attempt,
    Delivery,
    DeliveryAudit,
    HealthSample,
    Notice,
    ReconcileItem,
    Rejection,
    RetentionRule,
)
from ..receiver import spool


@dataclass(frozen=True)
class Rule:
    """due: rows older than a time. treat: (rows, now) → count. days: the seeded value, used while no row sets another."""

    label: str | Promise
    note: str | Promise
    days: int
    least: int
    due: Callable[[datetime], QuerySet]
    treat: Callable[[QuerySet, datetime], int]


def deleted(rows: QuerySet, now: datetime) -> int:
    """How many of these rows. Dependent rows are deleted too, but not counted."""
    return rows.only("pk").delete()[1].get(rows.model._meta.label, 0)


def _finished(before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(status__in=redaction.FINAL, finished_at__lt=before)


def _without_audit(before: datetime) -> QuerySet[Delivery]:
    """Deliveries with an audit log are kept."""
    return _finished(before).exclude(Exists(DeliveryAudit.objects.filter(delivery=OuterRef("pk"))))


def _aged(rows: QuerySet, now: datetime) -> int:
    return redaction.remove(rows, why=Delivery.Redacted.AGE, now=now)


RULES = {
    "delivery_bodies": Rule(
        _("Bodies of deliveries"),
        _("What Chatwoot sent and what was sent to it. Hash, outcome and attempts stay. It can then no longer be replayed."),
        90, 2, lambda before: _finished(before).filter(redacted_at=None), _aged,
    ),
    "attempts": Rule(
        _("Attempts"), _("The log of each attempt at a finished delivery."),
        180, 14, lambda before: Attempt.objects.filter(delivery__in=_finished(before)), deleted,
    ),
    "deliveries": Rule(
        _("Deliveries"),
        _("The whole row with its attempts. Deliveries that a person replayed or accepted are kept with their audit log."),
        400, 14, _without_audit, deleted,
    ),
    "rejections": Rule(
        _("Refused requests"), _("Includes bodies stored because of a wrong timestamp. The daily counts stay."),
        30, 2, lambda before: Rejection.objects.filter(at__lt=before), deleted,
    ),
    "notices": Rule(
        _("Notices to people"), _("What people were notified of about their own work."),
        90, 2, lambda before: Notice.objects.filter(at__lt=before), deleted,
    ),
    "health_samples": Rule(
        _("Samples for the Health page"), _("Arrivals, failures and backlog, minute by minute."),
        30, 8, lambda before: HealthSample.objects.filter(at__lt=before), deleted,
    ),
    "searches": Rule(
        _("Conversations read in reconciliation runs"), _("The result of each run stays."),
        30, 2, lambda before: ReconcileItem.objects.filter(run__finished_at__lt=before), deleted,
    ),
}  # fmt: skip
# Not rows but files on the disk of each host that could not import them.
SPOOL = "spool_files"
SPOOL_RULE = Rule(
    _("Files set aside"), _("Webhooks stored on disk that could not be imported when the database was back."),
    30, 2, lambda before: Rejection.objects.none(), lambda rows, now: 0,
)  # fmt: skip


def rules() -> dict[str, Rule]:
    """By name, in the order in which they are applied."""
    return {name: rule for path in settings.RETENTION for name, rule in import_string(path).items()} | {
        SPOOL: SPOOL_RULE
    }


def days(name: str) -> int | None:
    """How many days; None: for ever."""
    row = RetentionRule.objects.filter(name=name).first()
    return row.days if row else rules()[name].days


def files(before: datetime) -> list[Path]:
    return spool.set_aside(before=before)


def discard_files(before: datetime) -> int:
    found = files(before)
    for file in found:
        file.unlink(missing_ok=True)
    return len(found)


def seed() -> None:
    for name, rule in rules().items():
        RetentionRule.objects.get_or_create(name=name, defaults={"days": rule.days})
