"""Escalations of a week: raised and closed in it; open and overdue at its end."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from knowledge.models import Escalation

from ..attainment.attainment import seen_by
from ..periods import Period
from .readers import EVERYONE

WHAT = ("raised", "closed", "open", "overdue")
NAMES = {str(value): label for value, label in (*Escalation.Kind.choices, *Escalation.Level.choices)}


def called(which: str) -> str:
    """A reason, or the number of a level, as people call it."""
    return str(NAMES.get(which, which))


def figures(week: Period, *, opened: int, now: datetime, reader: User = EVERYONE) -> dict[str, Any]:
    """share: of the week's new conversations. The target is below 10 %."""
    found = {
        what: list(rows(week, what, now=now, reader=reader).values_list("kind", "level")) for what in WHAT
    }
    counts = {what: len(chosen) for what, chosen in found.items()}
    return {
        **counts, "share": counts["raised"] / opened if opened else None,
        "by_reason": _split({what: [kind for kind, _ in chosen] for what, chosen in found.items()}),
        "by_level": _split({what: [level for _, level in chosen] for what, chosen in found.items()}),
    }  # fmt: skip


def rows(week: Period, what: str, *, now: datetime, reader: User = EVERYONE) -> QuerySet[Escalation]:
    end, seen = min(week.end, now), Escalation.objects.filter(seen_by(reader, path="conversation__inbox"))
    within = {"__gte": week.start, "__lt": week.end}
    if what in ("raised", "closed"):
        return seen.filter(**{f"{what}_at{how}": at for how, at in within.items()})
    still = seen.filter(Q(closed_at=None) | Q(closed_at__gte=end), raised_at__lt=end)
    return still.filter(due_at__lt=end) if what == "overdue" else still


def _split(found: dict[str, list[Any]]) -> dict[str, dict[str, int]]:
    """The counts of each reason or level that occurs."""
    counted = {what: Counter(chosen) for what, chosen in found.items()}
    names = sorted(set().union(*counted.values()))
    return {str(name): {what: counts[name] for what, counts in counted.items()} for name in names}
