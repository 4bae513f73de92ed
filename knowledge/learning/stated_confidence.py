"""What drafters said of themselves, and what became of it: stated confidence by bins, the first article, what models cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Avg, Case, Count, IntegerField, Q, Sum, Value, When

from .. import uncertainty
from ..models import ModelCall
from ..uncertainty import Estimate
from . import figures
from .edits import REWRITTEN
from .figures import STANDING, Filter

CITED: Filter = {**STANDING, "category__gt": ""}
STOOD: Filter = {"ratio__lt": REWRITTEN, "decision__in": ("approved", "overtaken")}
BINS = tuple((low / 10, (low + 1) / 10) for low in range(10))
TOP = 1.01  # so that 100 % belongs to the last bin
LOOKUPS = (
    "draft__confidence__gte",
    "draft__confidence__lt",
    "draft__prompt_version__gt",
    "author_kind__exact",
)


@dataclass(frozen=True)
class Bin:
    """Drafts whose stated confidence was in [low, high). said: their mean."""

    low: float
    high: float
    n: int
    stood: int
    said: float | None

    @property
    def share(self) -> Estimate | None:
        return uncertainty.share(self.stood / self.n, self.n) if self.n else None

    @property
    def where(self) -> Filter:
        return {"draft__confidence__gte": self.low, "draft__confidence__lt": self.high}


@dataclass(frozen=True)
class Calibrated:
    bins: Sequence[Bin]

    @property
    def n(self) -> int:
        return sum(one.n for one in self.bins)

    @property
    def error(self) -> float | None:
        """Expected calibration error: how far the stated confidence is off, on average over the drafts."""
        if not self.n:
            return None
        return sum(abs(one.n * (one.said or 0) - one.stood) for one in self.bins) / self.n


def calibration(user: User, where: Filter) -> Calibrated:
    """where: which signals; those without a stated confidence are left out."""
    signals = figures.visible(user).filter(**{**CITED, **where}, draft__confidence__isnull=False)
    # When none of the conditions holds, it is 100 %, which belongs to the last bin.
    whens = [When(draft__confidence__lt=high, then=Value(place)) for place, (_low, high) in enumerate(BINS)]
    place = Case(*whens, default=Value(len(BINS) - 1), output_field=IntegerField())
    found = signals.annotate(place=place).order_by().values("place").annotate(
        n=Count("pk"), stood=Count("pk", filter=Q(**STOOD)), said=Avg("draft__confidence")
    )  # fmt: skip
    by_place = {row["place"]: (row["n"], row["stood"], row["said"]) for row in found}
    return Calibrated([
        Bin(low, TOP if place == len(BINS) - 1 else high, *by_place.get(place, (0, 0, None)))
        for place, (low, high) in enumerate(BINS)
    ])  # fmt: skip


def right_first(user: User, begins: Sequence[datetime]) -> list[tuple[datetime, int, int]]:
    """By week: (start, how often the best cited article stood, of how many). begins: as figures.mondays gives them."""
    rows = figures.visible(user).filter(**CITED, at__gte=begins[0], at__lt=begins[-1])
    found = rows.annotate(week=figures.place_of_week(begins)).order_by().values("week").annotate(
        n=Count("pk"), stood=Count("pk", filter=Q(**STOOD))
    )  # fmt: skip
    by_week = {row["week"]: (row["stood"], row["n"]) for row in found}
    return [(week, *by_week.get(place, (0, 0))) for place, week in enumerate(begins[:-1])]


def model_cost(begins: Sequence[datetime]) -> list[dict[str, Any]]:
    """By week: calls, tokens, and the cost that endpoints stated (None: none did)."""
    rows = ModelCall.objects.filter(at__gte=begins[0], at__lt=begins[-1]).order_by()
    found = rows.annotate(week=figures.place_of_week(begins)).values("week").annotate(
        calls=Count("pk"), drafts=Count("draft", distinct=True), tokens_in=Sum("tokens_in"), tokens_out=Sum("tokens_out"),
        cost=Sum("cost"),
    )  # fmt: skip
    by_week = {row["week"]: row for row in found}
    empty = {"calls": 0, "drafts": 0, "tokens_in": None, "tokens_out": None, "cost": None}
    return [empty | by_week.get(place, {}) | {"week": week} for place, week in enumerate(begins[:-1])]
