"""All figures of a week, ready for JSON, compared with the weeks before. No data is None, never 0 or 100 %."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.contrib.auth.models import User

from .. import sla
from ..attainment import attainment, north_star
from ..attainment.attainment import seen_by
from ..models import WeeklyNote
from ..periods import Period
from . import csat, data_quality, drafts, escalations, iso_week, miss_causes, trends, volume
from .readers import EVERYONE

MEDIAN_OF = 4
USUAL_OF = 8


def figures(week: Period, *, now: datetime, reader: User = EVERYONE) -> dict[str, Any]:
    """left_out: weeks with a Manager's note, which do not count in the medians and ranges."""
    before = [iso_week.back(week, back) for back in range(USUAL_OF, 0, -1)]
    known = _known([*before, week], now=now, reader=reader)
    earlier = {iso_week.named(one): compared(one, now=now, known=known) for one in before}
    names = list(earlier)
    notes = dict(WeeklyNote.objects.filter(week__in=names).order_by("week").values_list("week", "text"))
    usual = [found for name, found in reversed(earlier.items()) if name not in notes]
    current = counted(week, now=now, known=known)
    missed = miss_causes.causes(week, now=now, reader=reader)
    _beside(current["adherence"], [found["adherence"] for found in reversed(earlier.values())],
            [found["adherence"] for found in usual])  # fmt: skip
    last = next(reversed(earlier.values()))["north_star"]
    current["north_star"] |= {"last_week": last["share"], "last_week_n": last["n"]}
    current["flow"] = volume.figures(week, reader=reader)
    weeks = [*earlier.values(), current]
    return current | {
        "why_missed": {cause: len(clocks) for cause, clocks in missed.items()}, "missed": missed,
        "oldest_waiting": volume.oldest_waiting(reader=reader), "reasons": volume.reasons(week, reader=reader),
        "webhooks": data_quality.figures(week, now=now),
        "left_out": notes, "usual": trends.ranges(usual),
        "trend": {"weeks": [*names, iso_week.named(week)], **trends.lines(weeks), **trends.counts(weeks)},
    }  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is expensive to read week by week, read once for all compared weeks."""

    reader: User
    ratings: list[csat.Rating]
    turns: dict[Period, drafts.TurnCounts]


def _known(weeks: list[Period], *, now: datetime, reader: User) -> Known:
    """For consecutive weeks."""
    together = Period(weeks[0].first, weeks[-1].last, weeks[0].zone)
    turns = drafts.turn_counts(weeks, now=now, reader=reader)
    return Known(reader, csat.read(together, reader=reader), dict(zip(weeks, turns, strict=True)))


def counted(week: Period, *, now: datetime, known: Known | None = None) -> dict[str, Any]:
    """The figures that depend on this period alone. Without `known`, of every inbox."""
    known = known or _known([week], now=now, reader=EVERYONE)
    found = compared(week, now=now, known=known)
    found["adherence"] = adherence(week, now=now, reader=known.reader)
    found["drafts"]["without_signal"] = drafts.without_signal(week, reader=known.reader).count()
    return found


def compared(week: Period, *, now: datetime, known: Known) -> dict[str, Any]:
    """The figures by which weeks are compared."""
    reader = known.reader
    shares, changes = _shares(week, reader), volume.changes(week, reader=reader)
    return {
        "adherence": shares, "north_star": north_star.figures(week, within=seen_by(reader)),
        "reopened": _reopened(shares["resolution"]), "flow": changes,
        "escalations": escalations.figures(week, opened=changes["opened"], now=now, reader=reader),
        "csat": csat.figures(week, known=known.ratings, reader=reader),
        "drafts": drafts.figures(week, now=now, known=known.turns[week], reader=reader),
    }  # fmt: skip


def adherence(week: Period, *, now: datetime, reader: User = EVERYONE) -> dict[str, dict[str, Any]]:
    found = attainment.attainment(week, by=None, now=now, within=seen_by(reader)).total
    adherence_of = {}
    for metric, tally in found.items():
        known = tally.figures()
        names = ("met", "missed", "running", "not_applicable", "closed_unanswered", "attainment", "stopped",
                 "median_s", "reopened_72h")  # fmt: skip
        adherence_of[metric] = {"n": known["met"] + known["missed"]} | {name: known[name] for name in names}
    return adherence_of


def _shares(week: Period, reader: User) -> dict[str, dict[str, Any]]:
    """The part of the adherence that an earlier week is compared by."""
    adherence_of = {}
    for metric, tally in attainment.met_and_missed(week, within=seen_by(reader)).items():
        known = tally.figures()
        adherence_of[metric] = {"n": known["met"] + known["missed"], "attainment": known["attainment"],
                        "reopened_72h": known["reopened_72h"]}  # fmt: skip
    return adherence_of


def _reopened(resolution: dict[str, Any]) -> dict[str, Any]:
    """Resolutions decided in the week, and how many were reopened within 72 hours."""
    n, back = resolution["n"], resolution["reopened_72h"]
    return {"n": n, "reopened": back, "rate": back / n if n else None}


def _beside(current: dict[str, Any], earlier: list[dict[str, Any]], usual: list[dict[str, Any]]) -> None:
    """Adds last week's share and the median of the latest four weeks without a note. Lists are latest first."""
    for metric in sla.METRICS:
        known = [one[metric]["attainment"] for one in usual[:MEDIAN_OF]]
        recent = [value for value in known if value is not None]
        current[metric] |= {
            "last_week": earlier[0][metric]["attainment"],
            "last_week_n": earlier[0][metric]["n"],
            "median_4_weeks": median(recent) if recent else None,
        }
