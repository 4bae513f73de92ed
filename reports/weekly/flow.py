"""Conversations that came and went in a week, what was open at its ends, and what they were about."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from knowledge.models import Escalation
from webhooks.models import Conversation, StatusChange

from ..attainment import Period

OLDEST = 5
REASONS = 5
RESOLVED = "resolved"


def figures(week: Period) -> dict[str, int]:
    """backlog_end = backlog_start + opened - resolved + reopened."""
    opened = Conversation.objects.filter(created_at__gte=week.start, created_at__lt=week.end).count()
    changes = StatusChange.objects.filter(at__gte=week.start, at__lt=week.end)
    resolved = changes.filter(current=RESOLVED).exclude(previous=RESOLVED).count()
    reopened = changes.filter(previous=RESOLVED).exclude(current=RESOLVED).count()
    return {
        "opened": opened, "resolved": resolved, "reopened": reopened, "net": opened - resolved + reopened,
        "backlog_start": backlog(week.start).count(), "backlog_end": backlog(week.end).count(),
    }  # fmt: skip


def backlog(at: datetime) -> QuerySet[Conversation]:
    """Not resolved at that instant, by the history of each."""
    changes = StatusChange.objects.filter(conversation=OuterRef("pk"))
    before = changes.filter(at__lt=at).order_by("-at", "-pk").values("current")[:1]
    after = changes.filter(at__gte=at).order_by("at", "pk").values("previous")[:1]
    then = Coalesce(Subquery(before), Subquery(after), F("status"), output_field=CharField())
    return Conversation.objects.filter(created_at__lt=at).annotate(then=then).exclude(then=RESOLVED)


def oldest_waiting() -> list[dict[str, Any]]:
    """As of now: who waits is known of the present alone."""
    waiting = Conversation.objects.filter(waiting_since__isnull=False).order_by("waiting_since", "pk")
    return [
        {"source": row.source.slug, "conversation_id": row.display_id, "waiting_since": row.waiting_since}
        for row in waiting.select_related("source")[:OLDEST]
    ]


def reasons(week: Period) -> list[dict[str, Any]]:
    """The labels that most of the week's new conversations bear, beside the week before."""
    now, before = _labels(week), _labels(week.before())
    ordered = sorted(now.items(), key=lambda one: (-one[1], one[0]))[:REASONS]
    return [{"label": label, "n": n, "last_week": before[label]} for label, n in ordered]


def _labels(week: Period) -> Counter[str]:
    opened = Conversation.objects.filter(created_at__gte=week.start, created_at__lt=week.end)
    return Counter(label for labels in opened.values_list("labels", flat=True).iterator() for label in labels)


def escalations(week: Period) -> dict[str, Any]:
    """raised and closed in the week; open and overdue at its end."""
    raised = Escalation.objects.filter(raised_at__gte=week.start, raised_at__lt=week.end)
    closed = Escalation.objects.filter(closed_at__gte=week.start, closed_at__lt=week.end)
    known = Escalation.objects.filter(raised_at__lt=week.end)
    still = known.exclude(closed_at__lt=week.end)
    return {
        "raised": raised.count(), "closed": closed.count(), "open": still.count(),
        "overdue": still.filter(due_at__lt=week.end).count(),
        "by_reason": dict(sorted(Counter(raised.values_list("kind", flat=True)).items())),
        "by_level": {str(level): n for level, n in sorted(Counter(raised.values_list("level", flat=True)).items())},
    }  # fmt: skip
