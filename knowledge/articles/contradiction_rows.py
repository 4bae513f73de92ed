"""Keeps the table of contradicting articles in step with what is live. The comparison itself: contradictions.py."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ..models import Article, Contradiction, SearchState
from . import contradictions
from .contradictions import Claim, Text

_claims: dict[int, Sequence[Claim]] = {}  # by version: a version never changes
_compared = ""  # the stamp of what was live then


def keep_up(*, now: datetime) -> None:
    """The chore: compares once after each change of what is live."""
    global _compared
    stamp = SearchState.objects.stamp()
    if stamp and stamp != _compared:
        compare(now=now)
        _compared = stamp


def compare(*, now: datetime) -> None:
    """Compares all articles that may be drafted from, and writes what has changed."""
    live = {article.pk: article for article in Article.objects.draftable(now=now).prefetch_related("inboxes")}
    versions = {article.current_id for article in live.values()}
    for replaced in set(_claims) - versions:
        del _claims[replaced]
    known = [(text, _of(article, text)) for article in live.values() for text in [_text(article)]]
    wanted = {
        (pair.one.key, pair.other.key): (pair.sentence, pair.other_sentence)
        for pair in contradictions.among(known)
    }
    with transaction.atomic():
        kept = {(row.article_id, row.other_id): row for row in Contradiction.objects.all()}
        gone = [row.pk for key, row in kept.items() if wanted.get(key) != (row.sentence, row.other_sentence)]
        Contradiction.objects.filter(pk__in=gone).delete()
        Contradiction.objects.bulk_create(
            [
                Contradiction(article_id=one, other_id=other, sentence=said[0], other_sentence=said[1])
                for (one, other), said in wanted.items()
                if (one, other) not in kept or kept[one, other].pk in gone
            ],
            ignore_conflicts=True,
        )


def _text(article: Article) -> Text:
    return Text(
        article.pk,
        article.language,
        article.title,
        article.body,
        frozenset(inbox.pk for inbox in article.inboxes.all()),
    )


def _of(article: Article, text: Text) -> Sequence[Claim]:
    version = article.current_id or 0
    if version not in _claims:
        _claims[version] = contradictions.claims(text)
    return _claims[version]
