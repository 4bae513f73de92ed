"""Open changes that nobody decided while their article moved on. They expire with the reason; nothing is deleted."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ..models import Article, ArticleVersion, Change
from . import change_notes

AFTER = timedelta(days=28)
AT_ONCE = 200


def expire(*, now: datetime) -> int:
    """The chore. Returns how many changes expired."""
    done = 0
    for change in _outdated().select_related("article__current", "merges__current").order_by("pk")[:AT_ONCE]:
        if reason := why(change, now=now):
            done += Change.objects.filter(pk=change.pk, status=Change.Status.OPEN).update(
                status=Change.Status.EXPIRED, decided_at=now, reason=reason
            )
    return done


def _outdated() -> QuerySet[Change]:
    """Written from another version than the newest one, for so long that it may be over."""
    moved = ~Q(base_version=F("article__version")) | (
        Q(merges__isnull=False) & ~Q(merges_version=F("merges__version"))
    )
    return Change.objects.filter(moved, status=Change.Status.OPEN)


def why(change: Change, *, now: datetime) -> str:
    """Why it expires; empty while it does not."""
    pairs = [(change.article, change.base_version)]
    if change.merges:
        pairs.append((change.merges, change.merges_version or 0))
    return next(filter(None, (_of(article, base, now=now) for article, base in pairs)), "")


def _of(article: Article, base: int, *, now: datetime) -> str:
    if base == article.version:
        return ""
    versions = ArticleVersion.objects.filter(article=article)
    if base and not versions.filter(number=base).exists():
        return change_notes.BASE_GONE % {"n": base, "slug": article.slug}
    next_one = versions.filter(number=base + 1).first()
    if next_one is None or next_one.approved_at > now - AFTER:
        return ""
    since = f"{timezone.localtime(next_one.approved_at):%-d %b %Y}"
    return change_notes.OUTDATED % {"slug": article.slug, "n": base, "day": since, "days": AFTER.days}
