"""How each article does: how often it was used in four weeks, what became of that, and what its owner should look at.

A fixed number of statements, however many articles there are. Decisions count as in figures.py: machine drafts, not withdrawn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.display import formats

from ..models import Article, Citation, Contradiction
from ..models.grades import GRADES
from . import figures
from .figures import DECIDED, STANDING, Filter

USED = timedelta(days=28)
UNUSED = timedelta(days=90)
ENDS_SOON = timedelta(days=14)
LEAST = 5  # uses: below, no share
POOR = 0.5  # of the uses accepted
LOW = 3  # a median accuracy this low


class Concern(NamedTuple):
    """weight: 3 misleads customers now, 2 will or may, 1 is worth a look."""

    weight: int
    text: str


@dataclass
class Health:
    """uses: decisions that cite it. grades: kind → how often each grade was given."""

    uses: int = 0
    accepted: int = 0
    edited: int = 0
    grades: dict[str, Counter[int]] = field(default_factory=dict)
    concerns: list[Concern] = field(default_factory=list)

    @property
    def accepted_share(self) -> float | None:
        return self.accepted / self.uses if self.uses >= LEAST else None

    @property
    def edited_share(self) -> float | None:
        return self.edited / self.uses if self.uses >= LEAST else None

    @property
    def graded(self) -> int:
        return sum(self.grades.get(GRADES[0], Counter()).values())

    @property
    def medians(self) -> list[float]:
        """Tone, accuracy, policy. Empty where nothing was graded."""
        return [median(self.grades[name]) for name in GRADES] if self.graded else []

    @property
    def weight(self) -> int:
        return max((one.weight for one in self.concerns), default=0)


@dataclass(frozen=True)
class Report:
    """by_key: of live articles."""

    since: datetime
    by_key: Mapping[int, Health]

    def where(self, article: Article) -> Filter:
        """The filter of its uses, as in a link to them."""
        return {**STANDING, **DECIDED, "at__gte": self.since, "citations__article__exact": article.slug}

    def keys(self, weight: int) -> list[int]:
        return [key for key, one in self.by_key.items() if one.weight == weight]


def report(user: User, *, now: datetime) -> Report:
    since = _day(now - USED)
    rows = Article.objects.visible_to(user).filter(status=Article.Status.LIVE)
    live = list(rows.values_list("pk", "slug", "review_by", "valid_until", "current__approved_at"))
    by_slug: dict[str, Health] = {slug: Health() for _, slug, *_ in live}
    _count(user, since, by_slug)
    idle = [slug for slug, own in by_slug.items() if not own.uses]
    recent = _used_since(now - UNUSED, user, idle)
    contradicting = _contradicting()
    today = timezone.localtime(now).date()
    for key, slug, review_by, valid_until, approved_at in live:
        own = by_slug[slug]
        unused = approved_at < now - UNUSED and not own.uses and slug not in recent
        own.concerns = sorted(
            _concerns(own, today, review_by, valid_until, key in contradicting, unused), reverse=True
        )
    return Report(since, {key: by_slug[slug] for key, slug, *_ in live})


def _cited(user: User) -> Any:
    rows = Citation.objects.order_by().filter(
        **{f"signal__{name}": value for name, value in {**STANDING, **DECIDED}.items()}
    )
    if access.may(user, "learning") and access.sees_every_inbox(user):
        return rows
    return rows.filter(signal__in=figures.visible(user))


def _count(user: User, since: datetime, into: Mapping[str, Health]) -> None:
    """Grouped by grades, so that medians need no further statement."""
    accepted = Q(**{f"signal__{name}": value for name, value in figures.ACCEPTED.items()})
    approved = Q(**{f"signal__{name}": value for name, value in figures.APPROVED.items()})
    names = [f"signal__{name}" for name in GRADES]
    rows = _cited(user).filter(signal__at__gte=since).order_by().values("article", *names)
    for row in rows.annotate(
        uses=Count("pk"), accepted=Count("pk", filter=accepted), approved=Count("pk", filter=approved)
    ):
        own = into.get(row["article"])
        if own is None:
            continue
        own.uses += row["uses"]
        own.accepted += row["accepted"]
        own.edited += row["approved"] - row["accepted"]
        for kind, name in zip(GRADES, names, strict=True):
            if row[name] is not None:
                own.grades.setdefault(kind, Counter())[row[name]] += row["uses"]


def _used_since(since: datetime, user: User, slugs: Sequence[str]) -> set[str]:
    """Which of these articles. Asked only of the few that had no use lately: a busy desk has 100,000 uses in the time."""
    rows = _cited(user).filter(article__in=slugs, signal__at__gte=since)
    return set(rows.values_list("article", flat=True).distinct())


def _contradicting() -> set[int]:
    pairs = Contradiction.objects.values_list("article", "other")
    return {key for pair in pairs for key in pair}


def _concerns(
    own: Health,
    today: date,
    review_by: date | None,
    valid_until: date | None,
    contradicts: bool,
    unused: bool,
) -> Iterable[Concern]:
    if valid_until and valid_until < today:
        yield Concern(3, _("Expired %(day)s") % {"day": formats.day(valid_until)})
    elif valid_until and valid_until < today + ENDS_SOON:
        yield Concern(2, _("Ends %(day)s") % {"day": formats.day(valid_until)})
    if contradicts:
        yield Concern(3, _("Contradicts another"))
    if own.accepted_share is not None and own.accepted_share < POOR:
        yield Concern(3, _("Often changed"))
    if own.graded >= LEAST and own.medians[GRADES.index("accuracy")] <= LOW:
        yield Concern(3, _("Accuracy is low"))
    if review_by and review_by <= today:
        yield Concern(2, _("Review due %(day)s") % {"day": formats.day(review_by)})
    if unused:
        yield Concern(1, _("Not used in 90 days"))


def median(counts: Counter[int]) -> float:
    """Of grades that are counted: the middle one, or the mean of the two in the middle. At least one."""
    ordered = sorted(counts.elements())
    middle = len(ordered) // 2
    return float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _day(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
