"""Proposes lessons as changes of articles, reading the decisions article by article. A person decides (articles/changes.py)."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from webhooks.models import Message
from webhooks.workers import liveness

from .. import inbox_settings
from ..articles import change_notes, changes, evidence
from ..models import Article, Change, Citation, LearningPass, LearningSignal
from ..models.grades import Decision
from . import fact_edits, lessons
from .lessons import Lesson

NAME = "lessons"
EVERY = timedelta(hours=1)
OVERLAP = timedelta(days=1)  # decisions can be undone, and events recovered, as long afterwards
MOST_DECISIONS = 3_000  # an article, the newest
AT_ONCE = 500  # conversations a query
SLICE_S = 5.0  # then drafts get their turn
AGAIN = 2  # times the evidence with which a dismissed lesson comes back
S = Change.Status


def is_due(*, now: datetime) -> bool:
    row = LearningPass.objects.filter(name=NAME).first()
    return (
        row is None or row.started_at is not None or row.finished_at is None or row.finished_at <= now - EVERY
    )


def run(*, now: datetime, seconds: float = SLICE_S) -> int:
    """Goes on where the last task stopped. Returns how many articles were read."""
    row, _ = LearningPass.objects.get_or_create(name=NAME, defaults={"started_at": now})
    row.started_at = row.started_at or now
    ends, read = time.monotonic() + seconds, 0
    for article in _due(row):
        learn(article, now=now)
        row.cursor, read = article.pk, read + 1
        liveness.beat()
        if time.monotonic() >= ends:
            row.save()
            return read
    row.finished_at, row.started_at, row.cursor = row.started_at, None, 0
    row.save()
    return read


def _due(row: LearningPass) -> Iterator[Article]:
    """Articles with new decisions since the last pass, or with lessons that wait for a person."""
    cited = Citation.objects.filter(article=OuterRef("slug"))
    if row.finished_at:
        cited = cited.filter(
            Q(signal__at__gte=row.finished_at - OVERLAP)
            | Q(signal__withdrawn_at__gte=row.finished_at - OVERLAP)
        )
    waiting = Change.objects.filter(article=OuterRef("pk"), origin=Change.Origin.LESSON, status=S.OPEN)
    due = Article.objects.live().filter(Exists(cited) | Exists(waiting), pk__gt=row.cursor)
    return due.order_by("pk").iterator(50)


def learn(article: Article, *, now: datetime) -> list[Change]:
    """The open changes that its lessons are now."""
    if article.current is None:
        return []
    with transaction.atomic():
        follow(article, now=now)
        found = lessons.found(_decisions(article, now=now), now=now)
        proposed = [change for lesson in found if (change := _proposed(article, lesson, now=now))]
        for change in article.changes.filter(origin=Change.Origin.LESSON, status=S.OPEN):
            evidence.count(change)
            if change.customers < lessons.LEAST_CUSTOMERS or change.people < lessons.LEAST_PEOPLE:
                changes.retire(change, S.EXPIRED, now=now, reason=change_notes.UNDONE)
    return proposed


def follow(article: Article, *, now: datetime) -> None:
    """Lessons that were written from an older version: the same sentence is edited in the newest, or they are superseded."""
    old = article.changes.filter(origin=Change.Origin.LESSON, status=S.OPEN).exclude(
        base_version=article.version
    )
    for change in old.select_related("article__current"):
        if change.edited_by or change.made_by_id:
            continue  # a person's text: they see that the article has moved on
        base = article.versions.filter(number=change.base_version).first()
        body = base and moved(base.body, str(change.proposed.get("body", "")), article.body)
        if not body or not changes.follow(change, body):
            changes.retire(change, S.SUPERSEDED, now=now)


def moved(base: str, proposed: str, live: str) -> str | None:
    """The live text with the edit that leads from base to proposed; None where its sentence no longer is there exactly once."""
    spans = [
        one
        for one in SequenceMatcher(None, base, proposed, autojunk=False).get_opcodes()
        if one[0] != "equal"
    ]
    if not spans:
        return None
    start, end = spans[0][1], spans[-1][2]
    new = proposed[spans[0][3] : spans[-1][4]]
    sentence = next(
        (one for one in fact_edits.sentences(base) if one.start <= start < one.start + len(one.text)), None
    )
    if sentence is None or end > sentence.start + len(sentence.text) or live.count(sentence.text) != 1:
        return None
    at = live.index(sentence.text) - sentence.start
    return live[: at + start] + new + live[at + end :]


def _proposed(article: Article, lesson: Lesson, *, now: datetime) -> Change | None:
    earlier = (
        article.changes.filter(lesson=lesson.key)
        .exclude(status__in=(S.SUPERSEDED, S.EXPIRED))
        .order_by("pk")
        .last()
    )
    if earlier and earlier.status != S.OPEN and len(lesson.customers) < AGAIN * earlier.customers:
        return None
    for other in article.changes.filter(lesson__startswith=lesson.about, status=S.OPEN).exclude(
        lesson=lesson.key
    ):
        if not other.edited_by:
            changes.retire(other, S.SUPERSEDED, now=now)  # reviewers have come to say something else
    change = earlier if earlier and earlier.status == S.OPEN else _open(article, lesson, now=now)
    evidence.add(change, (
        evidence.Ground(one.signal, one.customer, one.person, lesson.what, one.at, weight)
        for one, weight in lesson.evidence
    ))  # fmt: skip
    Change.objects.filter(pk=change.pk).update(lesson=lesson.key, share_low=lesson.share_low)
    return change


def _open(article: Article, lesson: Lesson, *, now: datetime) -> Change:
    return changes.propose(
        article, {"body": lesson.body}, kind=Change.Kind.EDIT, origin=Change.Origin.LESSON, now=now,
        base_version=article.version, note=(change_notes.CORRECTED % {"what": lesson.what})[:500],
    )  # fmt: skip


def _decisions(article: Article, *, now: datetime) -> Iterator[lessons.Decision]:
    """Of the article's own inboxes, where it is limited to some."""
    signals = LearningSignal.objects.filter(
        citations__article=article.slug, decision=Decision.APPROVED, withdrawn_at=None, at__gt=now - lessons.READ, at__lte=now,
        conversation__contact__isnull=False,
    ).exclude(final_text="")  # fmt: skip
    if own := list(article.inboxes.values_list("pk", flat=True)):
        signals = signals.filter(conversation__inbox__in=own)
    bodies = dict(article.versions.values_list("number", "body"))
    since = sorted(article.versions.values_list("approved_at", "number"))
    ignoring: dict[int | None, list[str]] = {}
    newest = list(
        signals.select_related("conversation__contact")
        .prefetch_related("citations")
        .order_by("-at", "-pk")[:MOST_DECISIONS]
    )
    written = _written([signal.conversation_id for signal in newest])
    for signal in newest:
        cited = next(row.version for row in signal.citations.all() if row.article == article.slug)
        number = cited or next((number for at, number in reversed(since) if at <= signal.at), None)
        if number not in bodies:
            continue
        inbox = signal.conversation.inbox_id
        if inbox not in ignoring:
            ignoring[inbox] = inbox_settings.greeting_and_signature(inbox)
        contact = signal.conversation.contact
        if contact is None:
            continue
        yield lessons.Decision(
            signal.pk, contact.pk, signal.reviewer_id, signal.at,
            "\n".join([signal.question, *(text for at, text in written[signal.conversation_id] if at <= signal.at)]),
            signal.proposal, signal.final_text,
            (lessons.Text(article.pk, bodies[number], article.body, article.language),), (contact.name,), ignoring[inbox],
        )  # fmt: skip


def _written(conversations: Sequence[int]) -> dict[int, list[tuple[datetime, str]]]:
    """By conversation, all that its customer wrote, not only the question of a decision: they may have said it before."""
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for start in range(0, len(conversations), AT_ONCE):
        rows = Message.objects.filter(
            conversation__in=conversations[start : start + AT_ONCE], is_customer_message=True
        )
        for conversation, at, text in rows.values_list("conversation", "created_at", "content"):
            found[conversation].append((at, text))
    return found
