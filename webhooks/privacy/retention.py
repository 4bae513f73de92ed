"""What is removed because of its age: one table of rules for the wire's rows. The desk's stand in knowledge/privacy/retention.py.

Audits, counts, clocks and kept weekly reports are in no rule: figures go on opening what is left of the rows behind them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.module_loading import import_string

from ..deliveries import redaction
from ..models import Attempt, Delivery, DeliveryAudit, ReconcileItem, Rejection, RetentionRule
from ..receiver import spool


@dataclass(frozen=True)
class Rule:
    """due: what is older than a moment. treat: (rows, now) → how many. days: as seeded, where no row says otherwise."""

    label: str
    note: str
    days: int
    least: int
    due: Callable[[datetime], QuerySet]
    treat: Callable[[QuerySet, datetime], int]


def deleted(rows: QuerySet, now: datetime) -> int:
    """How many of these; what hangs on them goes with them and is not counted."""
    return rows.only("pk").delete()[1].get(rows.model._meta.label, 0)


def _finished(before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(status__in=redaction.FINAL, finished_at__lt=before)


def _without_audit(before: datetime) -> QuerySet[Delivery]:
    """What people did stays, and the delivery with it."""
    return _finished(before).exclude(Exists(DeliveryAudit.objects.filter(delivery=OuterRef("pk"))))


def _aged(rows: QuerySet, now: datetime) -> int:
    return redaction.remove(rows, why=Delivery.Redacted.AGE, now=now)


RULES = {
    "delivery_bodies": Rule(
        "Bodies of deliveries",
        "What Chatwoot sent and what was sent to it. Hash, outcome and attempts stay; it cannot be replayed any more.",
        90, 2, lambda before: _finished(before).filter(redacted_at=None), _aged,
    ),
    "attempts": Rule(
        "Attempts", "The log of each try at a finished delivery.",
        180, 14, lambda before: Attempt.objects.filter(delivery__in=_finished(before)), deleted,
    ),
    "deliveries": Rule(
        "Deliveries",
        "The whole row with its attempts. Those that somebody replayed or admitted stay, with who did it and why.",
        400, 14, _without_audit, deleted,
    ),
    "rejections": Rule(
        "Rejected requests", "With the bodies that a wrong clock kept out. How many there were each day stays.",
        30, 2, lambda before: Rejection.objects.filter(at__lt=before), deleted,
    ),
    "searches": Rule(
        "Conversations read in searches for missed events", "What each search found stays.",
        30, 2, lambda before: ReconcileItem.objects.filter(run__finished_at__lt=before), deleted,
    ),
}  # fmt: skip
# Not rows: on the disk of each host that could not import them.
SPOOL = "spool_files"
SPOOL_RULE = Rule(
    "Files set aside", "Webhooks kept on disk that could not be read when the database was back.",
    30, 2, lambda before: Rejection.objects.none(), lambda rows, now: 0,
)  # fmt: skip


def rules() -> dict[str, Rule]:
    """By name, in the order in which they are applied."""
    return {name: rule for path in settings.RETENTION for name, rule in import_string(path).items()} | {
        SPOOL: SPOOL_RULE
    }


def days(name: str) -> int | None:
    """How long; None: for ever."""
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
