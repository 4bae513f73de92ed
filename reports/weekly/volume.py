"""Conversations opened and closed in a week, the backlog at its start and end, and contact reasons."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from knowledge.models import Dismissal
from webhooks.models import Conversation, StatusChange

from ..attainment.attainment import seen_by
from ..periods import Period
from .readers import EVERYONE

OLDEST = 5
REASONS = 5
RESOLVED = "resolved"


def figures(week: Period, *, reader: User = EVERYONE) -> dict[str, int]:
    """backlog_end = backlog_start + net."""
    counted = changes(week, reader=reader)
    backlogs = {"backlog_start": week.start, "backlog_end": week.end}
    return counted | {name: backlog(at, reader=reader).count() for name, at in backlogs.items()}


def changes(week: Period, *, reader: User = EVERYONE) -> dict[str, int]:
    """Without the backlog, which reads every conversation."""
    came, back = opened(week, reader=reader).count(), reopened(week, reader=reader).count()
    done, gone = resolved(week, reader=reader).count(), deleted(week, reader=reader).count()
    net = came + back - done - gone
    return {"opened": came, "resolved": done, "reopened": back, "deleted": gone, "net": net}


def opened(week: Period, *, reader: User = EVERYONE) -> QuerySet[Conversation]:
    return _conversations(reader).filter(created_at__gte=week.start, created_at__lt=week.end)


def _conversations(reader: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(seen_by(reader))


def resolved(week: Period, *, reader: User = EVERYONE) -> QuerySet[StatusChange]:
    return _status_changes(week, reader=reader).filter(current=RESOLVED).exclude(previous=RESOLVED)


def reopened(week: Period, *, reader: User = EVERYONE) -> QuerySet[StatusChange]:
    return _status_changes(week, reader=reader).filter(previous=RESOLVED).exclude(current=RESOLVED)


def deleted(week: Period, *, reader: User = EVERYONE) -> QuerySet[Conversation]:
    """Deleted in Chatwoot before they were resolved."""
    gone = _conversations(reader).filter(deleted_at__gte=week.start, deleted_at__lt=week.end)
    return gone.exclude(status=RESOLVED)


def _status_changes(week: Period, *, reader: User = EVERYONE) -> QuerySet[StatusChange]:
    seen = StatusChange.objects.filter(seen_by(reader, path="conversation__inbox"))
    return seen.filter(at__gte=week.start, at__lt=week.end)


def backlog(at: datetime, *, reader: User = EVERYONE) -> QuerySet[Conversation]:
    """Neither resolved nor deleted at that time, by the history of each conversation. Filters first, to read few of them."""
    changes = StatusChange.objects.filter(conversation=OuterRef("pk"))
    before = changes.filter(at__lt=at).order_by("-at", "-pk").values("current")[:1]
    after = changes.filter(at__gte=at).order_by("at", "pk").values("previous")[:1]
    then = Coalesce(Subquery(before), Subquery(after), F("status"), output_field=CharField())
    moved = StatusChange.objects.filter(at__gte=at).values("conversation")
    there = _conversations(reader).filter(Q(deleted_at=None) | Q(deleted_at__gte=at), created_at__lt=at)
    there = there.filter(~Q(status=RESOLVED) | Q(pk__in=moved))
    return there.annotate(then=then).exclude(then=RESOLVED)


def waiting(*, reader: User = EVERYONE) -> QuerySet[Conversation]:
    """As of now, because only the present state says who is waiting. Dismissed customers do not count."""
    dismissed = Dismissal.objects.filter(message=OuterRef("waiting_message"), put_back_at=None)
    return _conversations(reader).filter(waiting_since__isnull=False).exclude(Exists(dismissed))


def oldest_waiting(*, reader: User = EVERYONE) -> list[dict[str, Any]]:
    return [
        {"conversation": row.pk, "source": row.source.slug, "conversation_id": row.display_id,
         "waiting_since": row.waiting_since}
        for row in waiting(reader=reader).select_related("source").order_by("waiting_since", "pk")[:OLDEST]
    ]  # fmt: skip


def reasons(week: Period, *, reader: User = EVERYONE) -> list[dict[str, Any]]:
    """The most frequent labels of the week's new conversations, compared with the week before."""
    now, before = _labels(week, reader), _labels(week.before(), reader)
    ordered = sorted(now.items(), key=lambda one: (-one[1], one[0]))[:REASONS]
    return [
        {"label": label, "n": n, "last_week": before[label], "moved": n - before[label]}
        for label, n in ordered
    ]


def with_label(week: Period, label: str, *, reader: User = EVERYONE) -> list[tuple[int, datetime | None]]:
    """Filtered in Python, because the databases search JSON lists differently."""
    rows = opened(week, reader=reader).order_by("created_at", "pk").values_list("pk", "created_at", "labels")
    return [(number, at) for number, at, labels in rows.iterator() if label in labels]


def _labels(week: Period, reader: User) -> Counter[str]:
    listed = opened(week, reader=reader).values_list("labels", flat=True)
    return Counter(label for labels in listed.iterator() for label in dict.fromkeys(labels))
