"""The turns that no draft answered within 28 days, and what people answered. Read from messages, signals and silences."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from webhooks.mirror.tombstones import ERASED
from webhooks.models import Message

from ..calendars import inbox_calendars
from ..models import Draft, GapTurn, LearningSignal, NoDraft
from ..models.grades import Decision
from ..text import injection, languages, quoting, redaction
from . import edits, learning_signals
from .gaps import Asked

DAYS = timedelta(days=28)
MOST = 1_500  # turns, the newest: grouping takes memory by their square
MOST_TEXT = 500  # characters
Why = GapTurn.Why


@dataclass(frozen=True)
class Turn:
    asked: Asked
    message: Message
    why: str


@dataclass(frozen=True)
class Reply:
    """A person's answer. text: their own words, without greeting and signature."""

    by: str
    text: str
    at: datetime


def read(*, now: datetime) -> list[Turn]:
    """Newest first, one per message. Customers who are not known, and texts that were erased, are left out."""
    found: dict[int, Turn] = {}
    for message, why, text in (*_decided(now), *_silent(now)):
        if message.pk not in found and (turn := _turn(message, why, text)):
            found[message.pk] = turn
    return sorted(found.values(), key=lambda one: (one.asked.at, one.asked.key), reverse=True)[:MOST]


def _decided(now: datetime) -> Iterator[tuple[Message, str, str]]:
    rewritten = Q(decision__in=(Decision.APPROVED, Decision.OVERTAKEN), ratio__gte=edits.REWRITTEN)
    signals = LearningSignal.objects.filter(
        Q(decision=Decision.REJECTED) | rewritten, withdrawn_at=None, at__gt=now - DAYS, at__lte=now
    )
    named = {
        Decision.REJECTED: Why.REJECTED,
        Decision.APPROVED: Why.REWRITTEN,
        Decision.OVERTAKEN: Why.OVERTAKEN,
    }
    rows = signals.select_related("draft__in_reply_to__conversation__contact").order_by("-at", "-pk")[:MOST]
    for signal in rows:
        yield signal.draft.in_reply_to, named[Decision(signal.decision)], signal.question


def _silent(now: datetime) -> Iterator[tuple[Message, str, str]]:
    rows = NoDraft.objects.filter(at__gt=now - DAYS, at__lte=now).exclude(
        reason=NoDraft.Reason.NO_REPLY_NEEDED
    )
    for row in rows.select_related("message__conversation__contact").order_by("-at", "-pk")[:MOST]:
        yield row.message, Why.SILENT, learning_signals.question(row.message)


def _turn(message: Message, why: str, text: str) -> Turn | None:
    contact = message.conversation.contact
    own = injection.without(quoting.core(text)) if text and text != ERASED else ""
    masked = redaction.redacted(own, names=[contact.name] if contact else [])[:MOST_TEXT].strip()
    if contact is None or not masked or message.deleted:
        return None
    asked = Asked(message.pk, contact.pk, message.created_at, masked, languages.known(masked))
    return Turn(asked, message, why)


def replies(messages: list[Message]) -> dict[int, Reply]:
    """By message: the first answer of a person after it. Under the name of who approved it, if it was sent from here."""
    conversations = {message.conversation_id for message in messages}
    answers: dict[int, list[Message]] = {}
    first = min((message.created_at for message in messages), default=None)
    if first is None:
        return {}
    rows = Message.objects.filter(
        conversation__in=conversations, is_person_answer=True, created_at__gte=first, deleted=False
    ).order_by("created_at", "message_id")  # fmt: skip
    for row in rows:
        answers.setdefault(row.conversation_id, []).append(row)
    names = _approvers(list(rows))
    found = {}
    for message in messages:
        after = (
            row for row in answers.get(message.conversation_id, ()) if row.created_at > message.created_at
        )
        if first_after := next(after, None):
            contact = message.conversation.contact
            text = redaction.redacted(
                quoting.core(first_after.content), names=[contact.name] if contact else []
            )
            found[message.pk] = Reply(
                names.get(first_after.pk) or first_after.sender_name, text, first_after.created_at
            )
    return found


def _approvers(rows: list[Message]) -> dict[int, str]:
    marks = {row.pk: str(row.content_attributes.get("support_reply", "")).partition(":")[0] for row in rows}
    wanted = {int(mark) for mark in marks.values() if mark.isdecimal()}
    drafts = Draft.objects.filter(pk__in=wanted, decided_by__isnull=False).select_related("decided_by")
    people = {
        str(draft.pk): draft.decided_by.get_full_name() or str(draft.decided_by)
        for draft in drafts
        if draft.decided_by
    }
    return {pk: people[mark] for pk, mark in marks.items() if mark in people}


def business_seconds(message: Message, reply: Reply) -> int:
    return max(
        round(inbox_calendars.open_seconds(message.conversation.inbox_id, message.created_at, reply.at)), 0
    )
