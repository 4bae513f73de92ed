"""The decisions that a change rests on: added as they come, kept for ever, shown to those who may see their conversation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from webhooks.accounts import access

from ..models import Change, ChangeEvidence

MOST_WHAT = 300


@dataclass(frozen=True)
class Ground:
    """signal, contact, reviewer: keys. what: "five working days → seven working days". weight: 0 to 1, by age."""

    signal: int
    contact: int | None
    reviewer: int | None
    what: str
    at: datetime
    weight: float = 1.0


def add(change: Change, grounds: Iterable[Ground]) -> None:
    """Also counts again how many customers and people the change rests on. A decision is added once."""
    ChangeEvidence.objects.bulk_create(
        [
            ChangeEvidence(
                change=change, signal_id=one.signal, contact_id=one.contact, reviewer_id=one.reviewer,
                what=one.what[:MOST_WHAT], weight=one.weight, at=one.at,
            )
            for one in grounds
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    count(change)


def count(change: Change) -> None:
    """Withdrawn decisions do not count. A row whose customer is no longer known was one."""
    rows = list(change.evidence.filter(signal__withdrawn_at=None).values_list("pk", "contact", "reviewer"))
    customers = {contact or f"row {pk}" for pk, contact, _ in rows}
    people = {reviewer for _, _, reviewer in rows if reviewer}
    Change.objects.filter(pk=change.pk).update(customers=len(customers), people=len(people))
    change.customers, change.people = len(customers), len(people)


def visible(change: Change, user: User) -> QuerySet[ChangeEvidence]:
    """Newest first, in this person's inboxes. Rows whose decision is gone have nothing left to show."""
    return visible_rows(user).filter(change=change)


def visible_rows(user: User) -> QuerySet[ChangeEvidence]:
    mine = access.in_inboxes_of(user, path="signal__conversation__inbox")
    return (
        ChangeEvidence.objects.filter(mine, signal__isnull=False)
        .select_related("signal__conversation__source", "signal__conversation__contact", "reviewer")
        .order_by("-at", "-pk")
    )


def dismissed_before(change: Change) -> Change | None:
    """The last change that proposed the same and that a person dismissed, with the customers that it then rested on."""
    same = Q(digest=change.digest) | Q(lesson__gt="", lesson=change.lesson)
    earlier = change.article.changes.filter(
        same, kind=change.kind, status=Change.Status.DISMISSED, pk__lt=change.pk
    )
    return earlier.select_related("decided_by").order_by("pk").last()
