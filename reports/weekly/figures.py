"""All figures of a week as they can be kept as JSON. No data is None, never 0 or 100 %."""

from datetime import datetime
from statistics import mean, median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Avg, Exists, OuterRef, Q

from knowledge import learning_figures, turns
from knowledge.models import Draft, LearningSignal
from webhooks.models import Delivery

from .. import attainment, sla
from ..attainment import Period
from . import flow, misses, weeks

MEDIAN_OF = 4
USUAL_OF = 8
TARGETS = {"tone": 4.5, "accuracy": 4.7, "policy": 4.8, "share": 0.9, "approval_min": 15}


def figures(week: Period, *, now: datetime) -> dict[str, Any]:
    earlier = [adherence(weeks.back(week, back), now=now) for back in range(1, USUAL_OF + 1)]
    return {
        "adherence": _beside(adherence(week, now=now), earlier),
        "why_missed": misses.why(week, now=now),
        "flow": flow.figures(week),
        "oldest_waiting": flow.oldest_waiting(),
        "escalations": flow.escalations(week),
        "drafts": drafts(week, now=now),
        "reasons": flow.reasons(week),
        "webhooks": webhooks(week, now=now),
    }


def adherence(week: Period, *, now: datetime) -> dict[str, dict[str, Any]]:
    found = attainment.attainment(week, by=None, now=now, within=Q()).total
    told = {}
    for metric, tally in found.items():
        known = tally.figures()
        names = ("met", "missed", "running", "not_applicable", "attainment", "median_s", "reopened_72h")
        told[metric] = {"n": known["met"] + known["missed"]} | {name: known[name] for name in names}
    return told


def _beside(current: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """earlier: the weeks before, the latest first. usual: the least and most of the last eight that had any."""
    for metric in sla.METRICS:
        known = [one[metric]["attainment"] for one in earlier]
        had = [value for value in known if value is not None]
        recent = [value for value in known[:MEDIAN_OF] if value is not None]
        current[metric] |= {
            "last_week": known[0],
            "median_4_weeks": median(recent) if recent else None,
            "usual": [min(had), max(had)] if had else None,
        }
    return current


def drafts(week: Period, *, now: datetime) -> dict[str, Any]:
    """Decisions on what drafters and agents proposed, as learning_figures counts them."""
    rows = LearningSignal.objects.filter(**learning_figures.STANDING, at__gte=week.start, at__lt=week.end)
    decided, graded = rows.filter(**learning_figures.DECIDED), rows.filter(**learning_figures.GRADED)
    approved = rows.filter(**learning_figures.APPROVED)
    accepted, n = rows.filter(**learning_figures.ACCEPTED).count(), decided.count()
    waited = list(approved.values_list("waited_s", flat=True))
    # turns asks for whom: this is the report of all inboxes.
    asked = turns.turns(User(is_superuser=True), since=week.start, until=week.end, now=now)
    told = list(asked.values_list("drafted", flat=True))
    grades = graded.aggregate(**{name: Avg(name) for name in ("tone", "accuracy", "policy")})
    return {
        "decided": n, "graded": graded.count(), "approved": len(waited), "accepted": accepted,
        "accepted_share": accepted / n if n else None,
        "edit_ratio": approved.aggregate(mean=Avg("ratio"))["mean"], **grades,
        "approval_min": median(waited) / 60 if waited else None,
        "turns": len(told), "share": mean(map(int, told)) if told else None,
        "without_signal": _without_signal(week),
    }  # fmt: skip


def _without_signal(week: Period) -> int:
    decided = Draft.objects.filter(
        decided_at__gte=week.start, decided_at__lt=week.end, author_kind__in=turns.MACHINES,
        status__in=("APPROVED", "SENDING", "SENT", "PARKED", "CLOSED", "REJECTED"),
    )  # fmt: skip
    taught = LearningSignal.objects.filter(
        draft=OuterRef("pk"), withdrawn_at=None, **learning_figures.DECIDED
    )
    return decided.exclude(Exists(taught)).count()


def webhooks(week: Period, *, now: datetime) -> dict[str, Any]:
    rows = Delivery.objects.filter(direction="IN", received_at__gte=week.start, received_at__lt=week.end)
    n = rows.count()
    done = rows.filter(status="DONE").count()
    until = attainment.complete_until(now=now)
    return {
        "n": n, "processed": done, "share": done / n if n else None,
        "retried": rows.filter(attempts__gt=1).count(), "given_up": rows.filter(status="DEAD").count(),
        "complete": until >= week.end, "complete_until": until,
    }  # fmt: skip
