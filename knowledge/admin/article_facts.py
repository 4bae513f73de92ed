"""What an article's page shows beside its text: versions, open changes, contradictions, translations, differences."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from webhooks.database import clock

from ..articles import fields
from ..learning import edits
from ..models import Article, ArticleVersion, Contradiction


def of(article: Article | None, user: Any) -> dict[str, Any]:
    if article is None:
        return {}
    now = clock.now()
    versions = article.versions.select_related("approved_by", "made_by", "change").order_by("-number")
    siblings = Article.objects.filter(group=article.group).exclude(pk=article.pk).select_related("current")
    return {
        "versions": versions, "open_changes": article.changes.filter(status="OPEN").select_related("made_by"),
        "expired": article.is_expired(now=now), "review_due": article.review_is_due(now=now),
        "translations": siblings if article.group else [], "contradictions": _contradictions(article),
        "mergeable": _mergeable(article, user),
    }  # fmt: skip


def _contradictions(article: Article) -> list[tuple[Article, str, str]]:
    """(the other article, what this one says, what that one says)"""
    rows = Contradiction.objects.filter(Q(article=article) | Q(other=article)).select_related(
        "article__current", "other__current"
    )
    return [
        (row.other, row.sentence, row.other_sentence) if row.article_id == article.pk
        else (row.article, row.other_sentence, row.sentence) for row in rows.order_by("pk")
    ]  # fmt: skip


def _mergeable(article: Article, user: Any) -> QuerySet[Article]:
    """Live articles of the same language."""
    live = Article.objects.visible_to(user).live().filter(language=article.language)
    return live.exclude(pk=article.pk).order_by("current__title") if article.version else live.none()


def between(before: ArticleVersion | None, after: ArticleVersion) -> list[tuple[str, list[edits.Piece]]]:
    """Field → its pieces, where it differs."""
    found = []
    for name in fields.TEXTS:
        was, now = (getattr(before, name) if before else ""), getattr(after, name)
        if was != now:
            found.append((str(LABELS[name]), edits.words_between(was, now)))
    return found


LABELS = {
    "title": gettext_lazy("Title"),
    "question": gettext_lazy("Question"),
    "body": gettext_lazy("Answer"),
    "keywords": gettext_lazy("Keywords"),
}
