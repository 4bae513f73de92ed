"""Keeps the rows of gaps in step with the last 28 days. A topic keeps its number while it shares questions with its row."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.module_loading import import_string

from webhooks.workers import liveness

from ..models import Article, Change, Gap, GapTurn, LearningPass
from ..search import embedders, index
from ..search import search as article_search
from ..search.embedders import Embedder, EmbedderError
from . import gap_answers, gap_turns, gaps
from .gap_turns import Reply, Turn
from .gaps import Asked, Topic

if TYPE_CHECKING:
    import numpy as np

NAME = "gaps"
AT_ONCE = 20  # questions embedded between two signs of life
NEAR = 0.5  # confidence from which an article answers the typical question
TYPICAL = 10  # questions that stand for a topic
AGAIN = 2  # times the customers with which a dismissed gap comes back
S = Gap.Status


def run(*, now: datetime) -> int:
    """Returns how many topics there are."""
    liveness.beat()
    turns = _unanswered(gap_turns.read(now=now))
    liveness.beat()
    asked = [turn.asked for turn in turns]
    vectors, name = _vectors(asked)
    passes = gaps.passes_of(name, vectors)
    found = gaps.topics(asked, vectors, passes=passes, erased=_erased(now=now)) if asked else []
    known = {turn.asked.key: turn for turn in turns}
    mine = [known[one.key].message for topic in found for one in topic.asked]
    replies = gap_turns.replies(mine)
    liveness.beat()
    answers = gap_answers.chosen([[one.key for one in topic.asked] for topic in found], replies)
    missed = import_string(settings.MISSED_TARGETS)(
        [message.conversation_id for message in mine], since=now - gap_turns.DAYS
    )
    liveness.beat()
    with transaction.atomic():
        rows = _rows(found, now=now)
        for topic, row in zip(found, rows, strict=True):
            _keep(row, topic, asked, known, replies, answers, missed, now=now)
            liveness.beat()
        _end([row.pk for row in rows], now=now)
    LearningPass.objects.update_or_create(name=NAME, defaults={"finished_at": now})
    return len(found)


def _unanswered(turns: list[Turn]) -> list[Turn]:
    """Without those that were asked before somebody approved the article for their topic."""
    filled = GapTurn.objects.filter(gap__change__status=Change.Status.APPROVED)
    since = {
        message: max(decided or at, at)
        for message, decided, at in filled.values_list("message", "gap__change__decided_at", "at")
    }
    return [turn for turn in turns if turn.asked.key not in since]


def _erased(*, now: datetime) -> dict[int, frozenset[int]]:
    """By message: the customers of its gap whose question was erased. An erasure takes the words and leaves the counts."""
    rows = GapTurn.objects.filter(question="", at__gt=now - gap_turns.DAYS)
    gone: dict[int, set[int]] = defaultdict(set)
    for gap, contact in rows.values_list("gap", "message__conversation__contact"):
        gone[gap].add(contact)
    others = GapTurn.objects.filter(gap__in=gone).exclude(question="").values_list("message", "gap")
    return {message: frozenset(gone[gap]) for message, gap in others}


def _vectors(asked: Sequence[Asked]) -> "tuple[np.ndarray, str]":
    said, embedder = gaps.word_vectors(asked), index.usable_embedder()
    if embedder is None or not asked:
        return said, embedders.WORDS
    try:
        return gaps.with_words(_embedded(asked, embedder), said), embedder.name
    except EmbedderError:
        return said, embedders.WORDS


def _embedded(asked: Sequence[Asked], embedder: Embedder) -> "np.ndarray":
    """A few at a time: the worker must say that it is alive, or it is restarted."""
    import numpy as np

    parts = []
    for at in range(0, len(asked), AT_ONCE):
        parts.append(embedder.embed([one.text for one in asked[at : at + AT_ONCE]]))
        liveness.beat()
    return np.vstack(parts)


def _rows(found: Sequence[Topic], *, now: datetime) -> list[Gap]:
    """The row that shares the most questions with each topic, the largest topic first; a new one where none does."""
    keys = [one.key for topic in found for one in topic.asked]
    earlier = dict(GapTurn.objects.filter(message__in=keys).values_list("message", "gap"))
    taken: set[int] = set()
    rows = []
    for topic in found:
        shared = Counter(earlier[one.key] for one in topic.asked if one.key in earlier)
        best = next((gap for gap, _ in shared.most_common() if gap not in taken), None)
        row = Gap.objects.get(pk=best) if best else Gap(since=now, found_at=now, updated_at=now)
        if best is None:
            row.save()
        taken.add(row.pk)
        rows.append(row)
    return rows


def _keep(
    row: Gap, topic: Topic, asked: Sequence[Asked], known: dict[int, Turn], replies: dict[int, list[Reply]],
    answers: dict[int, Reply], missed: set[int], *, now: datetime,
) -> None:  # fmt: skip
    keys = [one.key for one in topic.asked]
    row.turns.exclude(message__in=keys).exclude(
        question=""
    ).delete()  # an erased question counts until it is too old
    row.turns.filter(question="", at__lte=now - gap_turns.DAYS).delete()
    GapTurn.objects.filter(message__in=keys).delete()
    GapTurn.objects.bulk_create(
        _turn_row(
            row,
            known[one.key],
            topic.closeness[one.key],
            replies.get(one.key, []),
            answers.get(one.key),
            missed,
        )
        for one in topic.asked
    )
    contacts = row.turns.values_list("message__conversation__contact", flat=True)
    row.customers = len(set(contacts))
    row.since = min(row.since, *(one.at for one in topic.asked))
    row.title, row.language, row.updated_at = title(topic, asked)[:200], topic.language[:10], now
    row.near, row.near_confidence = _near(topic)
    back = row.status == S.DISMISSED and row.customers >= AGAIN * row.dismissed_customers
    if row.status == S.OVER or back:
        row.status, row.found_at = S.OPEN, now
    row.save()


def title(topic: Topic, asked: Sequence[Asked]) -> str:
    marks, embedder = gaps.marks(topic, asked), index.usable_embedder()
    if embedder is None or not marks:
        return gaps.title(marks)
    typical = [one.text for one in topic.asked[:TYPICAL]]
    try:
        vectors = embedder.embed([*typical, *marks])
    except EmbedderError:
        return gaps.title(marks)
    near = vectors[len(typical) :] @ vectors[: len(typical)].mean(axis=0)
    return gaps.title(marks, dict(zip(marks, map(float, near), strict=True)))


def _turn_row(
    row: Gap, turn: Turn, closeness: float, replies: list[Reply], answer: Reply | None, missed: set[int]
) -> GapTurn:
    """The wait ends with the first reply, although a later one may be the answer."""
    first = replies[0] if replies else None
    by = answer or first
    return GapTurn(
        gap=row, message=turn.message, question=turn.asked.text, why=turn.why, closeness=closeness, at=turn.asked.at,
        answered_by=by.by[:255] if by else "", missed=turn.message.conversation_id in missed,
        answered_s=gap_turns.business_seconds(turn.message, first) if first else None,
        answer_id=answer.message if answer else None,
    )  # fmt: skip


def _near(topic: Topic) -> tuple[Article | None, float | None]:
    """The article that probably answers it, though no draft was sent as it was."""
    answers = article_search.search(topic.medoid.text, limit=1, language=topic.language).answers
    if not answers or answers[0].confidence < NEAR:
        return None, None
    return Article.objects.get(pk=answers[0].live.pk), round(answers[0].confidence, 3)


def _end(found: Sequence[int], *, now: datetime) -> None:
    """What was not found again: its row stays, its questions go. Erased questions alone keep it open while they are enough."""
    over = Gap.objects.exclude(pk__in=found)
    old = Q(at__lte=now - gap_turns.DAYS) | Q(
        gap__change__status=Change.Status.APPROVED, at__lte=F("gap__change__decided_at")
    )
    GapTurn.objects.filter(~Q(question="") | old, gap__in=over).delete()
    asked = Count("turns__message__conversation__contact", distinct=True)
    few = over.filter(status=S.OPEN).annotate(left=asked).filter(left__lt=gaps.LEAST_CUSTOMERS)
    Gap.objects.filter(pk__in=[gap.pk for gap in few]).update(status=S.OVER, updated_at=now)
