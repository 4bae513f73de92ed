"""Learning from decisions in the background: a chore looks whether it is time, and a slow worker does it."""

from datetime import datetime, timedelta

from django_q.tasks import async_task

from webhooks.database import clock

from ..models import LearningPass
from . import gap_rows, lesson_changes

EVERY = timedelta(hours=1)


def wake(*, now: datetime) -> None:
    """The chore. It does not load the embedder, which stays in the slow workers."""
    if lesson_changes.is_due(now=now) or _gaps_are_due(now=now):
        async_task("knowledge.learning.learn.run", cluster="slow")


def _gaps_are_due(*, now: datetime) -> bool:
    last = LearningPass.objects.filter(name=gap_rows.NAME).first()
    return last is None or last.finished_at is None or last.finished_at <= now - EVERY


def run() -> None:
    """One of the two in a task, so that drafts get their turn. Two tasks at once write the same."""
    now = clock.now()
    if lesson_changes.is_due(now=now):
        lesson_changes.run(now=now)
    elif _gaps_are_due(now=now):
        gap_rows.run(now=now)
