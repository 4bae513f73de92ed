"""The articles that a person may have a draft written from, the best for the customer's question first."""

from dataclasses import dataclass
from datetime import datetime

from ..learning import learning_signals
from ..models import Article, Draft

MOST = 300


@dataclass(frozen=True)
class Choices:
    """(slug, title, language) each, without the article that the draft uses. best: what the drafter found beside it. others: by
    title.
    """

    best: list[tuple[str, str, str]]
    others: list[tuple[str, str, str]]


def choices(draft: Draft, *, now: datetime) -> Choices:
    used, *found = [*learning_signals.cited(draft.evidence), ""]
    usable = Article.objects.draftable(now=now, inbox_id=draft.conversation.inbox_id).exclude(slug=used)
    articles = sorted(usable[:MOST], key=lambda article: (article.title, article.pk))
    # Read from the evidence: opening a page must not search, which would load a model into the web process.
    best = sorted((one for one in articles if one.slug in found), key=lambda one: found.index(one.slug))
    return Choices(list(map(_row, best)), [_row(one) for one in articles if one not in best])


def is_there(slug: str, draft: Draft, *, now: datetime) -> bool:
    usable = Article.objects.draftable(now=now, inbox_id=draft.conversation.inbox_id)
    return usable.filter(slug=slug).exists()


def _row(article: Article) -> tuple[str, str, str]:
    return article.slug, article.title, article.language
