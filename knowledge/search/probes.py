"""Verbs on probes: questions with the article that must be found. Saved without personal data."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from webhooks.models import Conversation

from ..models import Article, Probe
from ..text import redaction
from . import search
from .measuring import Outcome

MOST_QUESTION = 2000  # characters
LOOKED_AT = 50  # articles among which the right one's rank is noted
NO_ARTICLE = "none"  # in a file, for a question that no article answers


def save(
    question: str, *, expected: Article | None, by: User, now: datetime, pinned: bool = False,
    conversation: Conversation | None = None,
) -> Probe:  # fmt: skip
    """The same question again replaces what was expected of it."""
    contact = conversation.contact if conversation else None
    masked = redaction.redacted(question.strip(), names=[contact.name] if contact else [])[:MOST_QUESTION]
    outcome, language = measured(masked, expected.slug if expected else None)
    probe, _ = Probe.objects.update_or_create(
        question=masked,
        defaults={
            "expected": expected, "language": language, "pinned": pinned, "last_rank": outcome.rank,
            "last_confidence": outcome.p,
        },
        create_defaults={
            "expected": expected, "language": language, "pinned": pinned, "last_rank": outcome.rank,
            "last_confidence": outcome.p, "created_by": by, "created_at": now, "conversation": conversation,
        },
    )  # fmt: skip
    return probe


def run() -> list[Outcome]:
    """All probes against the articles as they are now. Notes the rank and the confidence of each."""
    outcomes = []
    for probe in Probe.objects.select_related("expected").order_by("pk"):
        outcome, _ = measured(probe.question, probe.expected.slug if probe.expected else None)
        Probe.objects.filter(pk=probe.pk).update(last_rank=outcome.rank, last_confidence=outcome.p)
        outcomes.append(outcome)
    return outcomes


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
