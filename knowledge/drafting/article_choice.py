"""The articles that a person may have a draft written from, the best for the customer's question first."""

from dataclasses import dataclass
from datetime import datetime

from ..articles import search
from ..learning import customer_turn, learning_signals
from ..models import Article, Draft

BEST = 8
MOST = 300


@dataclass(frozen=True)
class Choices:
    """(slug, title, language) each. best: by the search. others: by title. The article that the draft uses is in neither."""

    best: list[tuple[str, str, str]]
    others: list[tuple[str, str, str]]


def choices(draft: Draft, *, now: datetime) -> Choices:
    used = next(iter(learning_signals.cited(draft.evidence)), "")
    usable = Article.objects.draftable(now=now, inbox_id=draft.conversation.inbox_id).exclude(slug=used)
    articles = sorted(usable[:MOST], key=lambda article: (article.title, article.pk))
    question = " ".join(customer_turn.texts(draft.in_reply_to, and_since=True))
    hits = [hit.article for hit in search.search(question, articles, limit=BEST)]
    best = {article.pk for article in hits}
    return Choices(list(map(_row, hits)), [_row(one) for one in articles if one.pk not in best])


def is_there(slug: str, draft: Draft, *, now: datetime) -> bool:
    usable = Article.objects.draftable(now=now, inbox_id=draft.conversation.inbox_id)
    return usable.filter(slug=slug).exists()


def _row(article: Article) -> tuple[str, str, str]:
    return article.slug, article.title, article.language
