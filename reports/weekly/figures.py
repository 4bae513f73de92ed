"""All figures of a week as they can be kept as JSON, beside those of the weeks before. No data is None, never 0 or 100 %."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Q

from .. import sla
from ..attainment import attainment
from ..models import WeeklyNote
from ..periods import Period
from . import csat, data_quality, drafts, escalations, iso_week, miss_causes, trends, volume

MEDIAN_OF = 4
USUAL_OF = 8


def figures(week: Period, *, now: datetime) -> dict[str, Any]:
    """left_out: weeks that a Manager's note takes out of the medians and ranges."""
    before = [iso_week.back(week, back) for back in range(USUAL_OF, 0, -1)]
    known = _known([*before, week], now=now)
    earlier = {iso_week.named(one): compared(one, now=now, known=known) for one in before}
    names = list(earlier)
    notes = dict(WeeklyNote.objects.filter(week__in=names).order_by("week").values_list("week", "text"))
    usual = [found for name, found in reversed(earlier.items()) if name not in notes]
    current, missed = counted(week, now=now, known=known), miss_causes.why(week, now=now)
    _beside(current["adherence"], [found["adherence"] for found in reversed(earlier.values())],
            [found["adherence"] for found in usual])  # fmt: skip
    current["flow"] = volume.figures(week)
    return current | {
        "why_missed": {cause: len(clocks) for cause, clocks in missed.items()}, "missed": missed,
        "oldest_waiting": volume.oldest_waiting(), "reasons": volume.reasons(week),
        "webhooks": data_quality.figures(week, now=now),
        "left_out": notes, "usual": trends.ranges(usual),
        "trend": {"weeks": [*names, iso_week.named(week)],
                  **trends.lines([*earlier.values(), current])},
    }  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is dear to read week by week, of all the weeks that are compared."""

    ratings: list[csat.Rating]
    turns: dict[Period, drafts.Turns]


def _known(those: list[Period], *, now: datetime) -> Known:
    """Of weeks that follow each other."""
    together = Period(those[0].first, those[-1].last, those[0].zone)
    return Known(csat.read(together), dict(zip(those, drafts.turns_of(those, now=now), strict=True)))


def counted(week: Period, *, now: datetime, known: Known | None = None) -> dict[str, Any]:
    """All that is told of its time alone."""
    found = compared(week, now=now, known=known or _known([week], now=now))
    found["adherence"] = adherence(week, now=now)
    found["drafts"]["without_signal"] = drafts.without_signal(week).count()
    return found


def compared(week: Period, *, now: datetime, known: Known) -> dict[str, Any]:
    """What one week is compared by with another."""
    kept, moves = _promises(week), volume.moves(week)
    return {
        "adherence": kept, "reopened": _reopened(kept["resolution"]), "flow": moves,
        "escalations": escalations.figures(week, opened=moves["opened"], now=now),
        "csat": csat.figures(week, known=known.ratings), "drafts": drafts.figures(week, now=now, known=known.turns[week]),
    }  # fmt: skip


def adherence(week: Period, *, now: datetime) -> dict[str, dict[str, Any]]:
    found = attainment.attainment(week, by=None, now=now, within=Q()).total
    told = {}
    for metric, tally in found.items():
        known = tally.figures()
        names = ("met", "missed", "running", "not_applicable", "closed_unanswered", "attainment", "stopped",
                 "median_s", "reopened_72h")  # fmt: skip
        told[metric] = {"n": known["met"] + known["missed"]} | {name: known[name] for name in names}
    return told


def _promises(week: Period) -> dict[str, dict[str, Any]]:
    """As much of the adherence as a week before is compared by."""
    told = {}
    for metric, tally in attainment.kept_or_not(week, within=Q()).items():
        known = tally.figures()
        told[metric] = {"n": known["met"] + known["missed"], "attainment": known["attainment"],
                        "reopened_72h": known["reopened_72h"]}  # fmt: skip
    return told


def _reopened(resolution: dict[str, Any]) -> dict[str, Any]:
    """Of the resolutions decided in the week, those whose customer came back within 72 hours."""
    n, back = resolution["n"], resolution["reopened_72h"]
    return {"n": n, "reopened": back, "rate": back / n if n else None}


def _beside(current: dict[str, Any], earlier: list[dict[str, Any]], usual: list[dict[str, Any]]) -> None:
    """The week before as it was, and the median of the latest four that no note takes out. Latest first."""
    for metric in sla.METRICS:
        known = [one[metric]["attainment"] for one in usual[:MEDIAN_OF]]
        recent = [value for value in known if value is not None]
        current[metric] |= {
            "last_week": earlier[0][metric]["attainment"],
            "median_4_weeks": median(recent) if recent else None,
        }
