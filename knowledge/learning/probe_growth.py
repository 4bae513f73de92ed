"""Probes from decisions: what people approved must be found again, and what needs no answer must stay without one.

A task in the slow lane, woken by a chore. It goes over each decision once; SearchState keeps how far it has come.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django_q.tasks import async_task

from webhooks.database import clock

from ..models import Article, Dismissal, LearningSignal, Probe, SearchState
from ..models.grades import Decision
from ..search import index, probe_effect, probes, search
from ..search.embedders import EmbedderError
from ..text.courtesies import courtesy
from ..text.words import plain_words
from . import confirmed_questions, customer_turn

if TYPE_CHECKING:
    import numpy as np

AFTER = timedelta(minutes=10)  # by then most decisions are not undone any more
SAME = 0.95  # cosine
MOST = 20  # an article
MOST_WITHOUT = 200  # that no article answers
LEAST_WORDS = 3
AT_ONCE = 100
SLICE_S = 5


def wake(*, now: datetime) -> None:
    state = SearchState.objects.only_row()
    if _signals(state, now=now).exists() or _dismissals(state, now=now).exists():
        async_task("knowledge.learning.probe_growth.run", cluster="slow")


def _signals(state: SearchState, *, now: datetime) -> QuerySet[LearningSignal]:
    wanted = confirmed_questions.CONFIRMED | Q(decision=Decision.REJECTED, no_article=True)
    rows = LearningSignal.objects.filter(wanted, pk__gt=state.grown_to_signal, at__lte=now - AFTER)
    return rows.exclude(question="").filter(withdrawn_at=None)


def _dismissals(state: SearchState, *, now: datetime) -> QuerySet[Dismissal]:
    return Dismissal.objects.filter(pk__gt=state.grown_to_dismissal, put_back_at=None, at__lte=now - AFTER)


def run(*, now: datetime | None = None) -> int:
    """Makes probes until the slice is over. Returns how many."""
    now, made, ends = now or clock.now(), 0, time.monotonic() + SLICE_S
    state = SearchState.objects.only_row()
    related = "conversation__contact", "draft__in_reply_to", "reviewer"
    for signal in _signals(state, now=now).select_related(*related).order_by("pk")[:AT_ONCE]:
        made += _from_signal(signal, now=now)
        SearchState.objects.filter(pk=state.pk).update(grown_to_signal=signal.pk)
        if time.monotonic() > ends:
            return made
    related = "conversation__contact", "message", "by"
    for dismissal in _dismissals(state, now=now).select_related(*related).order_by("pk")[:AT_ONCE]:
        made += _from_dismissal(dismissal, now=now)
        SearchState.objects.filter(pk=state.pk).update(grown_to_dismissal=dismissal.pk)
        if time.monotonic() > ends:
            break
    return made


def _from_signal(signal: LearningSignal, *, now: datetime) -> bool:
    expected = None
    if signal.decision == Decision.APPROVED:
        expected = Article.objects.live().filter(slug=signal.category).first()
        if expected is None:
            return False
    return _grow(
        signal.question, expected, names=[signal.draft.in_reply_to.sender_name], conversation=signal.conversation,
        signal=signal, by=signal.reviewer, now=now,
    )  # fmt: skip


def _from_dismissal(dismissal: Dismissal, *, now: datetime) -> bool:
    message = dismissal.message
    question = "\n\n".join(customer_turn.texts(message))
    return _grow(
        question, None, names=[message.sender_name], conversation=dismissal.conversation, dismissal=dismissal,
        by=dismissal.by, now=now,
    )  # fmt: skip


def _grow(question: str, expected: Article | None, *, names: Iterable[str], **facts: object) -> bool:
    """Whether a probe was made: the question asks something, the article has room, and no probe asks the same."""
    masked = probes.masked_question(question, conversation=facts["conversation"], names=names)  # type: ignore[arg-type]
    if len(list(plain_words(masked))) < LEAST_WORDS or courtesy(masked):
        return False
    if Probe.objects.filter(expected=expected).count() >= (MOST if expected else MOST_WITHOUT):
        return False
    alike = _alike(masked)
    if any(expected is None or probe.expected_id == expected.pk for probe in alike):
        return False
    # A person has answered what was thought to need no answer. What people typed or pinned stays.
    Probe.objects.grown().filter(pk__in=[one.pk for one in alike], expected=None, pinned=False).delete()
    if Probe.objects.filter(question=masked).exists():
        return False
    probes.save(masked, expected=expected, **facts)  # type: ignore[arg-type]
    return True


def _alike(question: str) -> list[Probe]:
    """Probes that ask the same: by meaning, or word for word where there is no embedder."""
    same = list(Probe.objects.filter(question=question))
    now = index.current()
    if now.embedder is None:
        return same
    rows = list(Probe.objects.order_by("pk").values_list("pk", "question"))
    vectors = probe_effect.vectors_of(rows, now)
    try:
        own = now.embedder.embed([search.corrected(question, now)])[0]
    except EmbedderError as error:
        SearchState.objects.note(str(error))
        return same
    return [*same, *Probe.objects.filter(pk__in=_near(own, vectors))]


def _near(own: "np.ndarray", vectors: "dict[int, np.ndarray]") -> list[int]:
    return [pk for pk, vector in vectors.items() if len(vector) == len(own) and float(vector @ own) >= SAME]
