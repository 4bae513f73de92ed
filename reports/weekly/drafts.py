"""Decisions on machine drafts in a week, counted as in knowledge/learning/figures.py."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from knowledge.learning import figures as learning_figures
from knowledge.learning import turns
from knowledge.learning.figures import APPROVED, COUNTS, DECIDED, GRADED, STANDING
from knowledge.models import Draft, LearningSignal

from ..attainment.attainment import seen_by
from ..periods import Period
from .readers import EVERYONE

GRADES = ("tone", "accuracy", "policy")
SHOWN = ("decided", "accepted", "approved", "graded")
TARGETS = {
    measure.name: measure.target for measure in learning_figures.MEASURES if measure.target is not None
}

TurnCounts = tuple[int, int]  # customer turns that ended, and how many of them had a draft


def figures(
    week: Period, *, now: datetime, known: TurnCounts | None = None, reader: User = EVERYONE
) -> dict[str, Any]:
    """known: the turn counts of the week, if the caller has them already."""
    measured: dict[str, Any] = {name: Count("pk", filter=Q(**COUNTS[name])) for name in SHOWN}
    measured |= {f"mean_{name}": Avg(name, filter=Q(**GRADED)) for name in GRADES}
    found = _signals(week, reader).aggregate(**measured, edit_ratio=Avg("ratio", filter=Q(**APPROVED)))
    waited = signals(week, "approved", reader=reader).values_list("waited_s", flat=True)
    ended, drafted = known or turn_counts([week], now=now, reader=reader)[0]
    return {
        "turns": ended, "share": drafted / ended if ended else None,
        **{name.removeprefix("mean_"): value for name, value in found.items()},
        "accepted_share": found["accepted"] / found["decided"] if found["decided"] else None,
        "approval_min": median(waited) / 60 if waited else None,
    }  # fmt: skip


def _signals(week: Period, reader: User) -> QuerySet[LearningSignal]:
    seen = LearningSignal.objects.filter(seen_by(reader, path="conversation__inbox"))
    return seen.filter(**STANDING, at__gte=week.start, at__lt=week.end)


def signals(week: Period, count: str, *, reader: User = EVERYONE) -> QuerySet[LearningSignal]:
    """count: one of the counts in learning_figures."""
    return _signals(week, reader).filter(**COUNTS[count])


def turn_counts(weeks: Sequence[Period], *, now: datetime, reader: User = EVERYONE) -> list[TurnCounts]:
    """For consecutive weeks."""
    return turns.counted(reader, [*(week.start for week in weeks), weeks[-1].end], now=now)


def customer_turns(week: Period, *, now: datetime, reader: User = EVERYONE) -> QuerySet[Any]:
    return turns.turns(reader, since=week.start, until=week.end, now=now)


def without_signal(week: Period, *, reader: User = EVERYONE) -> QuerySet[Draft]:
    decided = Draft.objects.filter(
        seen_by(reader, path="conversation__inbox"),
        decided_at__gte=week.start, decided_at__lt=week.end, author_kind__in=turns.MACHINES,
        status__in=("APPROVED", "SENDING", "SENT", "PARKED", "CLOSED", "REJECTED"),
    )  # fmt: skip
    taught = LearningSignal.objects.filter(draft=OuterRef("pk"), withdrawn_at=None, **DECIDED)
    return decided.exclude(Exists(taught))
