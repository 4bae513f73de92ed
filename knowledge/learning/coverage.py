"""How much of what customers ask is drafted, how sure the drafter was, and what became of it. Each count is a set of turns.

Answerable: a turn that needs a reply. Of two machine drafts for one turn, the newest counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)  # fmt: skip
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncWeek
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from webhooks.models import Message

from .. import uncertainty
from ..models import Draft, LearningSignal, ModelCall, NoDraft
from ..uncertainty import Estimate
from . import figures, turns
from .edits import REWRITTEN
from .figures import STANDING, Filter

# slug, label, from, below
BANDS: tuple[tuple[str, str | Promise, float, float], ...] = (
    *(
        (
            f"{tens}",
            format_lazy(_("{low} to {high} %"), low=tens, high=tens + 10),
            tens / 100,
            (tens + 10) / 100,
        )
        for tens in (90, 80, 70, 60, 50)
    ),
    ("may-fit", format_lazy(_("{low} to {high} %"), low=15, high=50), 0.15, 0.5),
    ("nothing", format_lazy(_("under {high} %"), high=15), -1.0, 0.15),
)
UNSTATED = "unstated"
OUTCOMES = {
    "accepted": _("Accepted"), "rewritten": _("Rewritten"), "rejected": _("Rejected"), "overtaken": _("Answered in Chatwoot"),
    "by_hand": _("Written by hand"), "inserted": _("From an article"), "open": _("Not decided"),
}  # fmt: skip
S = Draft.Status


@dataclass(frozen=True)
class Row:
    """One band of confidence: outcome → turns."""

    slug: str
    label: str | Promise
    counts: dict[str, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Coverage:
    """unseen: turns that no drafter looked at. needless: those that need no reply."""

    rows: Sequence[Row]
    turns: int
    needless: int
    unseen: int

    @property
    def answerable(self) -> int:
        return self.turns - self.needless


def coverage(user: User, *, since: datetime, until: datetime, now: datetime) -> Coverage:
    ended = turns.turns(user, since=since, until=until, now=now)
    drafted, silent = _grouped(of_drafts(ended)), _grouped(of_silence(ended, needless=False))
    rows = []
    for slug, label in [(band[0], band[1]) for band in BANDS] + [(UNSTATED, _("not stated"))]:
        counts = {
            outcome: drafted.get((slug, outcome), 0) + silent.get((slug, outcome), 0) for outcome in OUTCOMES
        }
        if any(counts.values()) or slug != UNSTATED:
            rows.append(Row(slug, label, counts))
    needless, total = of_silence(ended, needless=True).count(), ended.count()
    return Coverage(rows, total, needless, total - needless - sum(row.n for row in rows))


def rows(ended: QuerySet[Message], *, band: str, outcome: str) -> QuerySet[Message]:
    """The turns behind a number. An empty band or outcome means all of them."""
    wanted = {name: value for name, value in (("band", band), ("outcome", outcome)) if value}
    drafted = of_drafts(ended).filter(**wanted).values("in_reply_to")
    silent = of_silence(ended, needless=False).filter(**wanted).values("message")
    return ended.filter(Q(pk__in=drafted) | Q(pk__in=silent))


def of_drafts(ended: QuerySet[Message]) -> QuerySet[Draft]:
    """The newest machine draft of each turn, with its band and what became of it."""
    machine = Q(author_kind__in=turns.MACHINES)
    newer = Draft.objects.filter(machine, in_reply_to=OuterRef("in_reply_to"), pk__gt=OuterRef("pk"))
    standing = LearningSignal.objects.filter(draft=OuterRef("pk"), withdrawn_at=None)
    found = Draft.objects.filter(machine, ~Exists(newer), in_reply_to__in=ended.values("pk"))
    return found.annotate(
        band=_band("confidence"),
        outcome=_case(
            ("accepted", Exists(standing.filter(decision="approved", ratio__lt=REWRITTEN))),
            ("rewritten", Exists(standing.filter(decision="approved"))),
            ("rejected", Exists(standing.filter(decision="rejected"))),
            ("overtaken", Exists(standing) | Exists(_answers("conversation", "in_reply_to__created_at"))),
        ),
    )  # fmt: skip


def of_silence(ended: QuerySet[Message], *, needless: bool) -> QuerySet[NoDraft]:
    """Turns without a machine draft, with the confidence of the best article and who answered. needless: need no reply."""
    machine = Draft.objects.filter(in_reply_to=OuterRef("message"), author_kind__in=turns.MACHINES)
    own = Draft.objects.filter(
        in_reply_to=OuterRef("message"),
        author_kind=Draft.AuthorKind.PERSON,
        status__in=(S.APPROVED, S.SENDING, S.SENT),
    )
    wanted = Q(reason=NoDraft.Reason.NO_REPLY_NEEDED)
    found = NoDraft.objects.filter(
        wanted if needless else ~wanted, ~Exists(machine), message__in=ended.values("pk")
    )
    return found.annotate(
        p=Cast(KT("articles__0__confidence"), FloatField()),
        band=Case(When(p=None, then=Value("nothing")), default=_band("p"), output_field=CharField()),
        outcome=_case(
            ("inserted", Exists(own.exclude(evidence=[]))),
            ("by_hand", Exists(own)),
            ("overtaken", Exists(_answers("message__conversation", "message__created_at"))),
        ),
    )  # fmt: skip


def _answers(conversation: str, at: str) -> QuerySet[Message]:
    return Message.objects.filter(
        conversation=OuterRef(conversation), created_at__gt=OuterRef(at), is_person_answer=True
    )


def _case(*named: tuple[str, Any]) -> Case:
    """The first condition that holds; otherwise open."""
    whens = [When(condition, then=Value(name)) for name, condition in named]
    return Case(*whens, default=Value("open"), output_field=CharField())


def _band(field: str) -> Case:
    whens = [When(**{f"{field}__gte": low}, then=Value(slug)) for slug, _, low, _ in BANDS]
    return Case(*whens, default=Value(UNSTATED), output_field=CharField())


def _grouped(found: QuerySet[Any]) -> dict[tuple[str, str], int]:
    counted = found.order_by().values_list("band", "outcome").annotate(n=Count("pk"))
    return {(band, outcome): n for band, outcome, n in counted}


@dataclass(frozen=True)
class Silence:
    """right: a person answered without an article, or a turn that needs no reply got none. unknown: answered in Chatwoot."""

    right: int
    wrong: int
    unknown: int

    @property
    def n(self) -> int:
        return self.right + self.wrong

    @property
    def share(self) -> Estimate | None:
        return uncertainty.share(self.right / self.n, self.n) if self.n else None


def silence(user: User, *, since: datetime, until: datetime, now: datetime) -> Silence:
    ended = turns.turns(user, since=since, until=until, now=now)
    by_outcome = dict(_outcomes(of_silence(ended, needless=False)))
    needless = dict(_outcomes(of_silence(ended, needless=True)))
    answered = sum(needless.values()) - needless.get("open", 0)
    return Silence(
        by_outcome.get("by_hand", 0) + needless.get("open", 0), by_outcome.get("inserted", 0) + answered,
        by_outcome.get("overtaken", 0),
    )  # fmt: skip


def _outcomes(found: QuerySet[Any]) -> Iterable[tuple[str, int]]:
    return found.order_by().values_list("outcome").annotate(n=Count("pk"))


# What drafters said of themselves, and what became of it

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
    wanted: dict[str, Any] = {}
    for place, (low, high) in enumerate(BINS):
        within = Q(draft__confidence__gte=low, draft__confidence__lt=TOP if place == len(BINS) - 1 else high)
        wanted[f"n_{place}"] = Count("pk", filter=within)
        wanted[f"stood_{place}"] = Count("pk", filter=within & Q(**STOOD))
        wanted[f"said_{place}"] = Sum("draft__confidence", filter=within)
    row = signals.aggregate(**wanted)
    return Calibrated([
        Bin(low, TOP if place == len(BINS) - 1 else high, row[f"n_{place}"], row[f"stood_{place}"], _mean(row, place))
        for place, (low, high) in enumerate(BINS)
    ])  # fmt: skip


def _mean(row: dict[str, Any], place: int) -> float | None:
    n = row[f"n_{place}"]
    return row[f"said_{place}"] / n if n else None


def right_first(user: User, begins: Sequence[datetime]) -> list[tuple[datetime, int, int]]:
    """By week: (start, how often the best cited article stood, of how many). begins: as figures.mondays gives them."""
    rows = figures.visible(user).filter(**CITED, at__gte=begins[0], at__lt=begins[-1])
    found = rows.annotate(week=TruncWeek("at")).order_by().values("week").annotate(
        n=Count("pk"), stood=Count("pk", filter=Q(**STOOD))
    )  # fmt: skip
    by_week = {row["week"]: (row["stood"], row["n"]) for row in found}
    return [(week, *by_week.get(week, (0, 0))) for week in begins[:-1]]


def model_cost(begins: Sequence[datetime]) -> list[dict[str, Any]]:
    """By week: calls, tokens, and the cost that endpoints stated (None: none did)."""
    rows = (
        ModelCall.objects.filter(at__gte=begins[0], at__lt=begins[-1])
        .annotate(week=TruncWeek("at"))
        .order_by()
    )
    found = rows.values("week").annotate(
        calls=Count("pk"), drafts=Count("draft", distinct=True), tokens_in=Sum("tokens_in"), tokens_out=Sum("tokens_out"),
        cost=Sum("cost"),
    )  # fmt: skip
    by_week = {row["week"]: row for row in found}
    empty = {"calls": 0, "drafts": 0, "tokens_in": None, "tokens_out": None, "cost": None}
    return [{"week": week, **(by_week.get(week) or empty)} for week in begins[:-1]]
