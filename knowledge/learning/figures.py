"""The learning figures by week and by person. Each carries the filter for its rows, so that number and list agree.

Only for what drafters and agents proposed: a reply that a person wrote teaches a machine nothing. No data is None, not 0.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from webhooks.accounts import access
from webhooks.database.values import Values

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
    label: str | Promise
    kind: str  # grade, share, minutes or count
    behind: str
    beside: tuple[str, str]
    target: float | None = None
    at_most: bool = False
    team: bool = False  # for the team only, never for one person
    help: str | Promise = ""
    is_median: bool = False

    @property
    def beside_text(self) -> str | Promise:
        """With {part} and {whole}."""
        return BESIDE[self.beside]

    def met(self, value: float | None) -> bool | None:
        if value is None or self.target is None:
            return None
        return value <= self.target if self.at_most else value >= self.target


BESIDE = {
    ("graded", "decided"): _("graded {part} of {whole} decided"),
    ("accepted", "decided"): _("accepted {part} of {whole} decided"),
    ("approved", "decided"): _("approved {part} of {whole} decided"),
    ("drafted", "turns"): _("drafted {part} of {whole} turns"),
    ("stamped", "approved"): _("stamped {part} of {whole} approved"),
}
MEASURES = (
    Measure("tone", _("Tone"), "grade", "graded", ("graded", "decided"), 4.5),
    Measure("accuracy", _("Accuracy"), "grade", "graded", ("graded", "decided"), 4.7),
    Measure("policy", _("Policy"), "grade", "graded", ("graded", "decided"), 4.8),
    Measure("acceptance", _("Accepted as drafted"), "share", "accepted", ("accepted", "decided"),
            help=_("Share of decided drafts that were approved unchanged")),
    Measure("edit", _("Edit ratio"), "share", "approved", ("approved", "decided"),
            help=_("How much of an approved reply was changed, on average, without greeting and signature")),
    Measure("share", _("Share drafted"), "share", "drafted", ("drafted", "turns"), 0.9, team=True,
            help=_("Share of customer turns for which the drafter or an agent proposed a reply")),
    Measure("approval", _("Approval time"), "minutes", "approved", ("approved", "decided"), 15, at_most=True, is_median=True,
            help=_("Median business time from proposal to approval")),
    Measure("stamps", _("Rubber stamps"), "count", "stamped", ("stamped", "approved"), team=True,
            help=_("Approved unedited, with all grades 5, within 10 seconds of opening")),
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
    each = [Figures(since, until, own) for since, until in pairwise(begins)]
    rows = visible(user).filter(**total.rows({}))
    people, kinds = _count(rows, total, each, by_person=not mine)
    if not mine:
        _turns(user, begins, total, each, now=now)
    return Report(total, each, _named(people), _kinds(kinds, total))


def mondays(now: datetime, weeks: int) -> list[datetime]:
    """The starts of this many weeks and the end of the last, in the site's time zone."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    days = [monday - back * WEEK for back in range(weeks - 1, -2, -1)]
    return [timezone.make_aware(datetime.combine(day, time.min)) for day in days]


Counted = tuple[dict[int, Figures], Mapping[str, int]]  # by reviewer; by kind


def _count(
    rows: QuerySet[LearningSignal], total: Figures, weeks: Sequence[Figures], *, by_person: bool
) -> Counted:
    """Everything in one statement, which an index answers alone: one row for each week, reviewer and kind."""
    measured: dict[str, Any] = {name: Count("at", filter=Q(**wanted)) for name, wanted in COUNTS.items()}
    measured |= {f"sum_{name}": Sum(name, filter=Q(**GRADED)) for name in GRADES}
    measured |= {
        "sum_ratio": Sum("ratio", filter=Q(**APPROVED)),
        "waited": Values("waited_s", filter=Q(**APPROVED)),
    }
    begins = [total.since, *(week.until for week in weeks)]
    grouped = rows.annotate(week=place_of_week(begins)).order_by().values("week", "reviewer", "kind")
    sums: dict[int, _Sums] = {}
    people: dict[int, Figures] = {}
    kinds: Counter[str] = Counter()
    found_rows: Any = grouped.annotate(**measured, signals=Count("at"))
    for row in found_rows:
        kinds[row["kind"]] += row["signals"]
        found = [total, weeks[row["week"]]]
        if by_person and row["reviewer"] and row["decided"]:
            found.append(
                people.setdefault(
                    row["reviewer"],
                    Figures(total.since, total.until, {"reviewer__id__exact": row["reviewer"]}),
                )
            )
        for figures in found:
            sums.setdefault(id(figures), _Sums()).add(figures, row)
    for figures in (total, *weeks, *people.values()):
        sums.get(id(figures), _Sums()).write(figures)
    return people, kinds


def place_of_week(begins: Sequence[datetime]) -> Case:
    """Of a row's `at` among the weeks that begin then. TruncWeek calls Python for each row on SQLite."""
    whens = [When(at__lt=until, then=Value(place)) for place, until in enumerate(begins[1:])]
    return Case(*whens, output_field=IntegerField())


class _Sums:
    """What means and medians are calculated from."""

    def __init__(self) -> None:
        self.of: dict[str, float] = defaultdict(float)
        self.waited: list[float] = []

    def add(self, figures: Figures, row: Mapping[str, Any]) -> None:
        for name in COUNTS:
            figures.counts[name] += row[name]
        for name in (*GRADES, "ratio"):
            self.of[name] += row[f"sum_{name}"] or 0
        self.waited += row["waited"]

    def write(self, figures: Figures) -> None:
        counts = figures.counts
        figures.values.update({name: _share(self.of[name], counts["graded"]) for name in GRADES})
        figures.values["acceptance"] = _share(counts["accepted"], counts["decided"])
        figures.values["edit"] = _share(self.of["ratio"], counts["approved"])
        figures.values["stamps"] = counts["stamped"] if counts["approved"] else None
        figures.values["approval"] = median(self.waited) / 60 if self.waited else None


def _named(people: Mapping[int, Figures]) -> list[Figures]:
    for user in User.objects.filter(pk__in=people):
        people[user.pk].person = user
    return sorted(people.values(), key=lambda figures: str(figures.person).casefold())


def _turns(
    user: User, begins: list[datetime], total: Figures, weeks: list[Figures], *, now: datetime
) -> None:
    for week, (ended, drafted) in zip(weeks, turns.counted(user, begins, now=now), strict=True):
        for figures in (total, week):
            figures.counts["turns"] += ended
            figures.counts["drafted"] += drafted
    for figures in (total, *weeks):
        figures.values["share"] = _share(figures.counts["drafted"], figures.counts["turns"])


def _kinds(counted: Mapping[str, int], total: Figures) -> list[tuple[str, int, Filter]]:
    return [
        (str(capfirst(label)), counted.get(value, 0), total.rows({"kind__exact": value}))
        for value, label in LearningSignal.Kind.choices
    ]


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
