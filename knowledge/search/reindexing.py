"""Makes the vectors of articles in the background, so that no request has to. Runs in a slow worker, woken by a chore."""

import time
from datetime import datetime

from django_q.tasks import async_task

from ..models import ArticleVector, SearchState
from . import articles, embedders, index, learnt_questions
from .embedders import Embedder, EmbedderError

AT_ONCE = 20
SLICE_S = 5  # then drafts get their turn
_complete: tuple[str, str] | None = None  # the stamp and embedder for which nothing was missing


def wake(*, now: datetime) -> None:
    """The chore: starts a task if vectors are missing. It does not load the embedder."""
    global _complete
    state = (articles.stamp(), embedders.wanted())
    if state[1] == embedders.WORDS:
        SearchState.objects.note("")
    elif why := embedders.trouble():
        SearchState.objects.note(why)
    elif state != _complete:
        if _is_anything_missing(state[1]):
            async_task("knowledge.search.reindexing.run", cluster="slow")
        else:
            _complete = state


def _is_anything_missing(embedder: str) -> bool:
    stored = dict(ArticleVector.objects.filter(embedder=embedder).values_list("article", "digest"))
    return any(stored.get(row.pk) != index.text_digest(row) for row in articles.live())


def run(*, seconds: float = SLICE_S) -> int:
    """Makes missing vectors until the time is over. Returns how many; what is left is made by the next task."""
    embedder = index.usable_embedder()
    if embedder is None:
        return 0
    ends, made = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < ends and (rows := missing(embedder)[:AT_ONCE]):
            made += len(index.make(rows, embedder))
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return made
    SearchState.objects.note("")
    return made


def missing(embedder: Embedder) -> list[articles.Live]:
    stored = index.load(embedder)
    return [
        row for row in articles.live() if stored.get(row.pk, index.MISSING).digest != index.text_digest(row)
    ]


def rebuild() -> int:
    """All vectors again, with the questions confirmed until now. Raises EmbedderError."""
    embedder = embedders.current()
    if embedder is None:
        raise EmbedderError("No embedder is in use: search goes by words, which need no vectors.")
    made = 0
    rows = list(articles.live())
    for at in range(0, len(rows), AT_ONCE):
        made += len(index.make(rows[at : at + AT_ONCE], embedder))
    ArticleVector.objects.filter(embedder=embedder.name).exclude(
        article__in=[row.pk for row in rows]
    ).delete()
    ArticleVector.objects.exclude(embedder=embedder.name).delete()
    learnt_questions.take_in(embedder, seconds=None)
    SearchState.objects.note("")
    SearchState.objects.move()
    return made
