"""The articles that a person may have a draft written from, the best for the customer's question first."""

from dataclasses import dataclass

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


def choices(draft: Draft) -> Choices:
    used = next(iter(learning_signals.cited(draft.evidence)), "")
    articles = list(Article.objects.filter(approved=True).exclude(slug=used).order_by("title", "pk")[:MOST])
    question = " ".join(customer_turn.texts(draft.in_reply_to, and_since=True))
    hits = [hit.article for hit in search.search(question, articles, limit=BEST)]
    best = {article.pk for article in hits}
    return Choices(list(map(_row, hits)), [_row(one) for one in articles if one.pk not in best])


def is_there(slug: str) -> bool:
    return Article.objects.filter(slug=slug, approved=True).exists()


def _row(article: Article) -> tuple[str, str, str]:
    return article.slug, article.title, article.language
