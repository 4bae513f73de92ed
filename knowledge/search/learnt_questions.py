"""Takes confirmed questions into the index and into their articles' vectors, in the background: every five minutes, not with each
decision, because every process builds its index again when the stamp moves. Until then search goes by the older ones.
"""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django_q.tasks import async_task

from ..models import Article, ArticleVector, Question, SearchState
from ..models.question import QuestionQuerySet
from . import articles, asked, embedders, index
from .embedders import Embedder, EmbedderError

SLICE_S = 5  # then drafts get their turn
CHUNK = 500


def wake(*, now: datetime) -> None:
    """The chore: starts a task if something is to be taken in, or calculated again. It does not load the embedder."""
    embedder = embedders.wanted()
    waiting = Question.objects.confirmed().filter(in_search=False, article__status=Article.Status.LIVE)
    if waiting.exists() or (embedder != embedders.WORDS and _is_anything_stale(embedder)):
        async_task("knowledge.search.learnt_questions.run", cluster="slow")


def _is_anything_stale(embedder: str) -> bool:
    """A question went with its conversation, an article was limited to some inboxes, or the embedder is another one."""
    known = ArticleVector.objects.filter(embedder=embedder, article__status=Article.Status.LIVE)
    counting, _ = articles.questions()
    wanted = {pk: asked.digest([text for _, text in rows]) for pk, rows in counting.items()}
    return any(wanted.get(pk, "") != digest for pk, digest in known.values_list("article", "asked_digest"))


def run(*, seconds: float | None = SLICE_S) -> int:
    """Returns how many articles it calculated; what is left when the time is over is for the next task."""
    try:
        return take_in(index.usable_embedder(), seconds=seconds)
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return 0


def take_in(embedder: Embedder | None, *, seconds: float | None) -> int:
    """All of an article's questions at once, with its vector, so that one stamp names one index. Raises EmbedderError.

    Without an embedder they count by their words alone. seconds: None for no limit.
    """
    ends = None if seconds is None else time.monotonic() + seconds
    stored = index.load(embedder) if embedder else {}
    means: dict[int, tuple[str, int, bytes]] = {}
    done: list[int] = []
    for row in articles.live(new_questions=True):
        if ends is not None and time.monotonic() > ends:
            break
        digest = asked.digest(row.asked)
        if embedder and row.pk in stored and stored[row.pk].asked_digest != digest:
            means[row.pk] = (digest, len(row.asked), asked.mean(row.asked, embedder))
        if embedder is None or row.pk in stored:
            done.append(row.pk)
    with transaction.atomic():
        changed = _settle(done)
        for pk, (digest, count, mean) in means.items():
            ArticleVector.objects.filter(article=pk, embedder=embedder.name if embedder else "").update(
                asked=mean, asked_count=count, asked_digest=digest
            )
        if changed or means:
            SearchState.objects.move()
    return len(means) if embedder else changed


def _settle(done: list[int]) -> int:
    """Marks what search contains now, and deletes what no longer counts. Returns how many were new."""
    counting, beyond = articles.questions(new=True)
    count, changed = {pk for rows in counting.values() for pk, _ in rows}, 0
    gone = {pk for pk, _ in beyond}
    for at in range(0, len(done), CHUNK):
        own = Question.objects.filter(article__in=done[at : at + CHUNK])
        waiting = set(own.filter(in_search=False).values_list("pk", flat=True))
        changed += _each(waiting & count, lambda rows: rows.update(in_search=True))
        _each(gone & set(own.values_list("pk", flat=True)), lambda rows: rows.delete()[0])
    return changed


def _each(pks: set[int], treat: Callable[[QuestionQuerySet], int]) -> int:
    """In pieces that every database takes."""
    some = sorted(pks)
    return sum(
        treat(Question.objects.filter(pk__in=some[at : at + CHUNK])) for at in range(0, len(some), CHUNK)
    )
