"""Verbs on probes: questions with the article that must be found. Saved without personal data."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from webhooks.models import Conversation

from ..models import Article, Dismissal, LearningSignal, Probe
from ..text import redaction
from . import index, probe_effect, search
from .measuring import Outcome
from .standing import Standing

MOST_QUESTION = 2000  # characters
LOOKED_AT = 50  # articles among which the right one's rank is noted
NO_ARTICLE = "none"  # in a file, for a question that no article answers


def save(
    question: str, *, expected: Article | None, by: User, now: datetime, pinned: bool = False,
    conversation: Conversation | None = None, signal: LearningSignal | None = None, dismissal: Dismissal | None = None,
    names: Iterable[str] = (),
) -> Probe:  # fmt: skip
    """The same question again replaces what was expected of it. names: to mask, beside that of the conversation's contact.

    signal, dismissal: the decision that it is made from.
    """
    masked = masked_question(question, conversation=conversation, names=names)
    outcome, language = measured(masked, expected.slug if expected else None)
    probe, _ = Probe.objects.update_or_create(
        question=masked,
        defaults={
            "expected": expected, "language": language, "pinned": pinned, "last_rank": outcome.rank,
            "last_confidence": outcome.p,
        },
        create_defaults={
            "expected": expected, "language": language, "pinned": pinned, "last_rank": outcome.rank,
            "last_confidence": outcome.p, "created_by": by, "created_at": now, "conversation": conversation, "signal": signal,
            "dismissal": dismissal,
        },
    )  # fmt: skip
    return probe


def masked_question(
    question: str, *, conversation: Conversation | None = None, names: Iterable[str] = ()
) -> str:
    contact = conversation.contact if conversation else None
    known = [*names, contact.name] if contact else [*names]
    return redaction.redacted(question.strip(), names=known)[:MOST_QUESTION].strip()


def run(*, noting: bool = True) -> list[Outcome]:
    """All probes against the articles as they are now. noting: the rank and the confidence of each are kept on it."""
    now = index.current()
    asked = probe_effect.questions(now)
    standings = probe_effect.standings_of(now, asked)
    outcomes = [_outcome(one.expected, stood) for one, stood in zip(asked, standings, strict=True)]
    if noting:
        rows = [
            Probe(pk=one.key, last_rank=outcome.rank, last_confidence=outcome.p)
            for one, outcome in zip(asked, outcomes, strict=True)
        ]
        Probe.objects.bulk_update(rows, ["last_rank", "last_confidence"], batch_size=500)
    return outcomes


def _outcome(expected: str | None, stood: Standing) -> Outcome:
    rank = stood.rank if stood.rank and stood.rank <= LOOKED_AT else None
    return Outcome(expected, rank, stood.p, answered=stood.first is not None)


def of_rows(rows: Iterable[tuple[str, str]]) -> list[Outcome]:
    """rows: (question, slug of the right article or NO_ARTICLE)."""
    return [measured(question, None if slug == NO_ARTICLE else slug)[0] for question, slug in rows]


def measured(question: str, expected: str | None) -> tuple[Outcome, str]:
    """(the outcome, the language of the question)"""
    result = search.search(question, limit=LOOKED_AT)
    slugs = [answer.live.slug for answer in result.answers]
    rank = slugs.index(expected) + 1 if expected in slugs else None
    best = result.answers[0].confidence if result.answers else 0.0
    return Outcome(expected, rank, best, answered=bool(result.answers)), result.language
