"""The learning figures by week and by person. Each carries the filter for its rows, so that number and list agree.

Only for what drafters and agents proposed: a reply that a person wrote teaches a machine nothing. No data is None, not 0.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from webhooks.accounts import access

from ..models import LearningSignal
from ..models.grades import GRADES, Decision
from . import edits, turns

Filter = dict[str, Any]
WEEK = timedelta(weeks=1)
STANDING: Filter = {"withdrawn_at__isnull": True, "author_kind__in": turns.MACHINES}
DECIDED: Filter = {"decision__in": (Decision.APPROVED.value, Decision.REJECTED.value)}
GRADED: Filter = DECIDED | {"tone__isnull": False}
APPROVED: Filter = {"decision__exact": Decision.APPROVED.value}
ACCEPTED: Filter = APPROVED | {"distance__exact": 0}
STAMPED: Filter = ACCEPTED | {f"{name}__exact": edits.BEST for name in GRADES} | {"opened_s__lte": 10}
COUNTS = {
    "decided": DECIDED,
    "graded": GRADED,
    "approved": APPROVED,
    "accepted": ACCEPTED,
    "stamped": STAMPED,
}
# The filters in the links from a figure to its rows.
LOOKUPS = ("at__gte", "at__lt", "reviewer__id__exact", "kind__exact", *STANDING, *GRADED, *STAMPED)


@dataclass(frozen=True)
class Measure:
    """behind: the count whose rows the number links to. beside: the counts shown with it, such as graded 31 of 40 decided."""

    name: str
    label: str
    kind: str  # grade, share, minutes or count
    behind: str
    beside: tuple[str, str]
    target: float | None = None
    at_most: bool = False
    team: bool = False  # for the team only, never for one person
    help: str = ""
    note: str = ""

    def met(self, value: float | None) -> bool | None:
        if value is None or self.target is None:
            return None
        return value <= self.target if self.at_most else value >= self.target


MEASURES = (
    Measure("tone", "Tone", "grade", "graded", ("graded", "decided"), 4.5),
    Measure("accuracy", "Accuracy", "grade", "graded", ("graded", "decided"), 4.7),
    Measure("policy", "Policy", "grade", "graded", ("graded", "decided"), 4.8),
    Measure("acceptance", "Accepted as drafted", "share", "accepted", ("accepted", "decided"),
            help="Share of decided drafts that were approved unchanged"),
    Measure("edit", "Edit ratio", "share", "approved", ("approved", "decided"),
            help="How much of an approved reply was changed, on average, without greeting and signature"),
    Measure("share", "Share drafted", "share", "drafted", ("drafted", "turns"), 0.9, team=True,
            help="Share of customer turns for which the drafter or an agent proposed a reply"),
    Measure("approval", "Approval time", "minutes", "approved", ("approved", "decided"), 15, at_most=True, note="median, ",
            help="Median business time from proposal to approval"),
    Measure("stamps", "Rubber stamps", "count", "stamped", ("stamped", "approved"), team=True,
            help="Approved unedited, with all grades 5, within 10 seconds of opening"),
)  # fmt: skip


@dataclass
class Figures:
    """The figures of one week, one person or the whole range. where: the filter for its rows."""

    since: datetime
    until: datetime
    where: Filter
    person: User | None = None
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    values: dict[str, float | None] = field(default_factory=dict)

    def rows(self, wanted: Filter) -> Filter:
        between = {"at__gte": self.since, "at__lt": self.until}
        return {**STANDING, **between, **self.where, **wanted}


@dataclass(frozen=True)
class Report:
    total: Figures
    weeks: list[Figures]  # oldest first
    people: list[Figures]
    kinds: list[tuple[str, int, Filter]]  # label, count, where


def visible(user: User) -> QuerySet[LearningSignal]:
    """Leads and Managers see their inboxes' signals; everyone else sees their own."""
    rows = LearningSignal.objects.filter(access.in_inboxes_of(user, path="conversation__inbox"))
    return rows if access.may(user, "learning") else rows.filter(reviewer=user)


def report(user: User, *, weeks: int, mine: bool, now: datetime) -> Report:
    """weeks: how many, including the current one. mine: only this user's decisions, without names."""
    begins = mondays(now, weeks)
    own: Filter = {"reviewer__id__exact": user.pk} if mine else {}
    total = Figures(begins[0], begins[-1], own)
    each = {since: Figures(since, until, own) for since, until in pairwise(begins)}
    rows = visible(user).filter(**total.rows({}))
    _count(rows, None, {None: total})
    _count(rows.annotate(week=TruncWeek("at")), "week", each)
    people = {} if mine else _people(rows, total)
    _medians(rows, total, each, people)
    if not mine:
        _turns(user, begins, total, list(each.values()), now=now)
    named = sorted(people.values(), key=lambda figures: str(figures.person).casefold())
    return Report(total, list(each.values()), named, _kinds(rows, total))


def mondays(now: datetime, weeks: int) -> list[datetime]:
    """The starts of this many weeks and the end of the last, in the site's time zone."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    days = [monday - back * WEEK for back in range(weeks - 1, -2, -1)]
    return [timezone.make_aware(datetime.combine(day, time.min)) for day in days]


def _count(rows: QuerySet[Any], by: str | None, into: Mapping[Any, Figures]) -> None:
    measured: dict[str, Any] = {name: Count("pk", filter=Q(**wanted)) for name, wanted in COUNTS.items()}
    measured |= {f"mean_{name}": Avg(name, filter=Q(**GRADED)) for name in GRADES}
    measured["mean_ratio"] = Avg("ratio", filter=Q(**APPROVED))
    whole = {None: None}
    found: Any = (
        rows.values(by).annotate(**measured).order_by(by) if by else [whole | rows.aggregate(**measured)]
    )
    for row in found:
        figures = into[row[by]]
        figures.counts.update({name: row[name] for name in COUNTS})
        figures.values.update({name: row[f"mean_{name}"] for name in GRADES})
        figures.values["acceptance"] = _share(row["accepted"], row["decided"])
        figures.values["edit"] = row["mean_ratio"]
        figures.values["stamps"] = row["stamped"] if row["approved"] else None


def _people(rows: QuerySet[LearningSignal], total: Figures) -> dict[int, Figures]:
    reviewers = User.objects.filter(pk__in=rows.filter(**DECIDED).values("reviewer"))
    found = {
        user.pk: Figures(total.since, total.until, {"reviewer__id__exact": user.pk}, person=user)
        for user in reviewers
    }
    _count(rows.filter(reviewer__in=found), "reviewer", found)
    return found


def _medians(
    rows: QuerySet[LearningSignal],
    total: Figures,
    weeks: Mapping[Any, Figures],
    people: Mapping[Any, Figures],
) -> None:
    """In minutes. Not every database has a median, and reading the seconds of a few thousand rows is fast."""
    waited: dict[int, list[int]] = defaultdict(list)
    ordered, begins = list(weeks.values()), list(weeks)
    for at, reviewer, seconds in rows.filter(**APPROVED).values_list("at", "reviewer", "waited_s"):
        week = ordered[bisect_right(begins, at) - 1]
        for figures in filter(None, (total, week, people.get(reviewer))):
            waited[id(figures)].append(seconds)
    for figures in (total, *weeks.values(), *people.values()):
        known = waited.get(id(figures))
        figures.values["approval"] = median(known) / 60 if known else None


def _turns(
    user: User, begins: list[datetime], total: Figures, weeks: list[Figures], *, now: datetime
) -> None:
    for week, (ended, drafted) in zip(weeks, turns.counted(user, begins, now=now), strict=True):
        for figures in (total, week):
            figures.counts["turns"] += ended
            figures.counts["drafted"] += drafted
    for figures in (total, *weeks):
        figures.values["share"] = _share(figures.counts["drafted"], figures.counts["turns"])


def _kinds(rows: QuerySet[LearningSignal], total: Figures) -> list[tuple[str, int, Filter]]:
    counted = dict(rows.values_list("kind").annotate(count=Count("pk")).order_by())
    return [
        (str(label).capitalize(), counted.get(value, 0), total.rows({"kind__exact": value}))
        for value, label in LearningSignal.Kind.choices
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
