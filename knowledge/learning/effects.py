"""Reads the decisions that an effect compares: for one version of an article, and for all changes of a quarter.

A version whose texts equal the one before it (only its owner or review date changed) is the same text, and no change. Windows
are whole days in the site's time zone: eight weeks before the day of the approval, and eight weeks from it on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from webhooks.accounts import access

from ..articles.fields import TEXTS
from ..models import Article, ArticleVersion, Citation, LearningSignal
from ..models.grades import GOOD, GRADES
from . import effect, figures
from .edits import REWRITTEN
from .effect import Effect, Pooled
from .effect_measures import NOBODY, Side
from .figures import APPROVED, DECIDED, STANDING, Filter

WINDOW = timedelta(weeks=8)
QUARTER = timedelta(weeks=13)
MOST = 200  # changes of a quarter
LEAST_PASSED = 0.001  # of eight weeks: an hour and a half
BEFORE, AFTER, OTHERS_BEFORE, OTHERS_AFTER = "before", "after", "others_before", "others_after"
# What a measure counts, as filters of its rows; "edit" is of the approved ones.
PARTS: dict[str, Filter] = {
    "accepted": APPROVED | {"ratio__lt": REWRITTEN},
    "good": {f"{name}__gte": GOOD for name in GRADES},
}
WHOLES: dict[str, Filter] = {"n": {}, "graded": {"tone__isnull": False}, "approved": APPROVED}
BESIDES = "besides"  # not a column: signals that do not cite this article
LOOKUPS = (
    "citations__article__exact", "citations__version__in", "category__gt", "author__exact", "draft__prompt_version__exact",
    *(name for part in PARTS.values() for name in part),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A change of an article's text. numbers: the versions with the text before it, and with the text it made."""

    article: Article
    version: ArticleVersion
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def since(self) -> datetime:
        return _midnight(self.version.approved_at - WINDOW)

    @property
    def until(self) -> datetime:
        return _midnight(self.version.approved_at + WINDOW)

    def passed(self, now: datetime) -> float:
        """The share of the weeks after the approval that is over, above 0."""
        whole = self.until - self.version.approved_at
        return share_of((now - self.version.approved_at) / whole)

    def where(self, side: str) -> Filter:
        """The filter of its decisions, as in a link to them."""
        if side in (BEFORE, AFTER):
            numbers = self.before if side == BEFORE else self.after
            own = {
                "citations__article__exact": self.article.slug,
                "citations__version__in": tuple(map(str, numbers)),
            }
            return _between(self.since, self.until) | own
        day = _midnight(self.version.approved_at)
        dates = _between(self.since, day) if side == OTHERS_BEFORE else _between(day, self.until)
        return dates | {"category__gt": "", BESIDES: self.article.slug}


@dataclass(frozen=True)
class Found:
    step: Step
    effect: Effect


@dataclass(frozen=True)
class Quarter:
    """rows: newest first. more: changes that are not among them."""

    pooled: Pooled
    rows: Sequence[Found]
    more: int


def share_of(passed: float) -> float:
    """As effect.compare takes it: above 0, at most 1."""
    return min(max(passed, LEAST_PASSED), 1.0)


def _midnight(at: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localtime(at).date(), time.min))


def _between(since: datetime, until: datetime) -> Filter:
    return {**STANDING, **DECIDED, "at__gte": since, "at__lt": until}


def steps(versions: Iterable[ArticleVersion]) -> list[Step]:
    """Oldest first. versions: all of one article, oldest first. The first text has nothing before it, and is no step."""
    runs: list[list[ArticleVersion]] = []
    for version in versions:
        if runs and _texts(runs[-1][-1]) == _texts(version):
            runs[-1].append(version)
        else:
            runs.append([version])
    return [Step(run[0].article, run[0], _numbers(earlier), _numbers(run)) for earlier, run in pairwise(runs)]


def _texts(version: ArticleVersion) -> tuple[str, ...]:
    return tuple(getattr(version, name) for name in TEXTS)


def _numbers(run: Sequence[ArticleVersion]) -> tuple[int, ...]:
    return tuple(one.number for one in run)


def of_article(article: Article, user: User, *, now: datetime, most: int = 3) -> list[Found]:
    """Of its newest changes of text, newest first."""
    versions = article.versions.select_related("article").order_by("number")
    return [_found(step, user, now) for step in reversed(steps(versions)[-most:])]


def of_version(version: ArticleVersion, user: User, *, now: datetime) -> Found | None:
    """None if its text is the article's first, or the same as before."""
    versions = version.article.versions.select_related("article").order_by("number")
    step = next((one for one in steps(versions) if one.version.pk == version.pk), None)
    return None if step is None else _found(step, user, now)


def _found(step: Step, user: User, now: datetime) -> Found:
    sides = {
        side: side_of(selected(user, step.where(side)))
        for side in (BEFORE, AFTER, OTHERS_BEFORE, OTHERS_AFTER)
    }
    return Found(step, effect.effect(**sides, passed=step.passed(now)))


def selected(user: User, where: Filter) -> QuerySet[LearningSignal]:
    """The decisions behind a figure that this person may see, each once."""
    columns = {name: value for name, value in where.items() if name != BESIDES}
    rows = figures.visible(user).filter(**columns)
    return besides(rows, where[BESIDES]) if BESIDES in where else rows


def besides(rows: QuerySet[Any], slug: str) -> QuerySet[Any]:
    return rows.exclude(Exists(Citation.objects.filter(signal=OuterRef("pk"), article=slug)))


def counts(path: str = "") -> dict[str, Any]:
    """The aggregates that make a Side. path: of the signal, from the rows that are counted."""
    ratio = f"{path}ratio"
    approved = Q(**{f"{path}{name}": value for name, value in APPROVED.items()})
    graded = Q(**{f"{path}tone__isnull": False})
    accepted, good = (
        Q(**{f"{path}{name}": value for name, value in PARTS[part].items()}) for part in ("accepted", "good")
    )
    at = f"{path}at"
    return {
        "n": Count(at), "accepted": Count(at, filter=accepted), "graded": Count(at, filter=graded),
        "good": Count(at, filter=good), "approved": Count(at, filter=approved),
        "ratios": Sum(ratio, filter=approved), "squares": Sum(F(ratio) * F(ratio), filter=approved),
    }  # fmt: skip


def side_of(rows: QuerySet[LearningSignal]) -> Side:
    return made(rows.order_by().aggregate(**counts()))


def made(row: dict[str, Any]) -> Side:
    return Side(**{name: row[name] or 0 for name in counts()})


def of_quarter(user: User, *, now: datetime) -> Quarter:
    """All changes of text that were approved in the last thirteen weeks: pooled, and each by itself without the others."""
    recent = ArticleVersion.objects.filter(approved_at__gte=now - QUARTER, approved_at__lte=now, number__gt=1)
    seen = Article.objects.visible_to(user).filter(pk__in=recent.values("article"))
    found: list[Step] = []
    versions: dict[int, list[ArticleVersion]] = {}
    rows = (
        ArticleVersion.objects.filter(article__in=seen)
        .select_related("article__current")
        .order_by("article", "number")
    )
    for version in rows.iterator(chunk_size=1000):
        versions.setdefault(version.article_id, []).append(version)
    for own in versions.values():
        found += [step for step in steps(own) if now - QUARTER <= step.version.approved_at <= now]
    found.sort(key=lambda step: (step.version.approved_at, step.version.pk), reverse=True)
    shown = found[:MOST]
    before, after = (_sides(user, shown, side) for side in (BEFORE, AFTER))
    pairs = [(before[step.version.pk], after[step.version.pk]) for step in shown]
    each = [
        Found(step, effect.effect(*pair, passed=step.passed(now)))
        for step, pair in zip(shown, pairs, strict=True)
    ]
    return Quarter(effect.pooled(pairs), each, len(found) - len(shown))


def _sides(user: User, steps: Sequence[Step], side: str) -> dict[int, Side]:
    """By version's key: one query for all of them. A text is before one change and after one, so nothing counts twice."""
    sides = {step.version.pk: NOBODY for step in steps}
    owner = {
        (step.article.slug, number): step.version.pk
        for step in steps for number in (step.before if side == BEFORE else step.after)
    }  # fmt: skip
    if not owner:
        return sides
    wanted = reduce(or_, (Q(**_of_citations(step.where(side))) for step in steps))
    rows = Citation.objects.filter(wanted)
    if not (access.may(user, "learning") and access.sees_every_inbox(user)):
        rows = rows.filter(signal__in=figures.visible(user))
    grouped: Any = rows.order_by().values("article", "version").annotate(**counts("signal__"))
    for row in grouped:
        key = owner[row["article"], row["version"]]
        sides[key] = sides[key] + made(row)
    return sides


def _of_citations(where: Filter) -> Filter:
    """A signal's filter as one of its citations'."""
    return {
        name.removeprefix("citations__") if name.startswith("citations__") else f"signal__{name}": value
        for name, value in where.items()
    }  # fmt: skip
