"""What became of drafts in a week: decisions on what drafters and agents proposed, as learning_figures counts them."""

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

from ..periods import Period

GRADES = ("tone", "accuracy", "policy")
SHOWN = ("decided", "accepted", "approved", "graded")
TARGETS = {
    measure.name: measure.target for measure in learning_figures.MEASURES if measure.target is not None
}


EVERYBODYS = User(is_superuser=True)

Turns = tuple[int, int]  # how many customers' turns ended, how many of them were drafted


def figures(week: Period, *, now: datetime, known: Turns | None = None) -> dict[str, Any]:
    """known: the week's turns, where they are at hand."""
    measured: dict[str, Any] = {name: Count("pk", filter=Q(**COUNTS[name])) for name in SHOWN}
    measured |= {f"mean_{name}": Avg(name, filter=Q(**GRADED)) for name in GRADES}
    found = _signals(week).aggregate(**measured, edit_ratio=Avg("ratio", filter=Q(**APPROVED)))
    waited = signals(week, "approved").values_list("waited_s", flat=True)
    asked_for, drafted = known or turns_of([week], now=now)[0]
    return {
        "turns": asked_for, "share": drafted / asked_for if asked_for else None,
        **{name.removeprefix("mean_"): value for name, value in found.items()},
        "accepted_share": found["accepted"] / found["decided"] if found["decided"] else None,
        "approval_min": median(waited) / 60 if waited else None,
    }  # fmt: skip


def _signals(week: Period) -> QuerySet[LearningSignal]:
    return LearningSignal.objects.filter(**STANDING, at__gte=week.start, at__lt=week.end)


def signals(week: Period, count: str) -> QuerySet[LearningSignal]:
    """count: one of learning_figures' counts."""
    return _signals(week).filter(**COUNTS[count])


def turns_of(weeks: Sequence[Period], *, now: datetime) -> list[Turns]:
    """Of weeks that follow each other."""
    return turns.counted(EVERYBODYS, [*(week.start for week in weeks), weeks[-1].end], now=now)


def asked(week: Period, *, now: datetime) -> QuerySet[Any]:
    """Customers' turns, of all inboxes."""
    return turns.turns(EVERYBODYS, since=week.start, until=week.end, now=now)


def without_signal(week: Period) -> QuerySet[Draft]:
    decided = Draft.objects.filter(
        decided_at__gte=week.start, decided_at__lt=week.end, author_kind__in=turns.MACHINES,
        status__in=("APPROVED", "SENDING", "SENT", "PARKED", "CLOSED", "REJECTED"),
    )  # fmt: skip
    taught = LearningSignal.objects.filter(draft=OuterRef("pk"), withdrawn_at=None, **DECIDED)
    return decided.exclude(Exists(taught))
