"""The turns that no draft answered within 28 days, and what people answered. Read from messages, signals and silences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from webhooks.mirror.tombstones import ERASED
from webhooks.models import Message

from ..calendars import inbox_calendars
from ..models import Draft, GapTurn, LearningSignal, NoDraft
from ..models.grades import Decision
from ..text import courtesies, injection, languages, quoting, redaction
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

    message: int
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
        reason__in=(NoDraft.Reason.NO_REPLY_NEEDED, NoDraft.Reason.NO_TEXT)
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


def replies(messages: Sequence[Message]) -> dict[int, list[Reply]]:
    """By message: people's answers to it, in order. Under the name of who approved them, if they were sent from here.

    Thanks and "any news?" do not end what an answer answers; the customer's next question does.
    """
    first = min((message.created_at for message in messages), default=None)
    if first is None:
        return {}
    said = Q(is_person_answer=True) | Q(is_customer_message=True)
    rows = Message.objects.filter(
        said, conversation__in={message.conversation_id for message in messages}, created_at__gte=first, deleted=False
    ).order_by("created_at", "message_id")  # fmt: skip
    threads: dict[int, list[Message]] = {}
    for row in rows:
        threads.setdefault(row.conversation_id, []).append(row)
    names = approvers([row for row in rows if row.is_person_answer])
    found = {}
    for message in messages:
        after = (
            row for row in threads.get(message.conversation_id, ()) if row.created_at > message.created_at
        )
        answers = list(_answers(after))
        if answers:
            contact = message.conversation.contact
            found[message.pk] = [reply(row, names, contact.name if contact else "") for row in answers]
    return found


def _answers(rows: Iterable[Message]) -> Iterator[Message]:
    answered = False
    for row in rows:
        if row.is_person_answer:
            answered = True
            yield row
        elif answered and courtesies.courtesy(quoting.core(row.content)) is None:
            return


def reply(row: Message, names: Mapping[int, str], customer: str) -> Reply:
    text = redaction.redacted(quoting.core(row.content), names=[customer] if customer else [])
    return Reply(row.pk, names.get(row.pk) or row.sender_name, text, row.created_at)


def approvers(rows: Sequence[Message]) -> dict[int, str]:
    marks = {row.pk: str(row.content_attributes.get("support_reply", "")).partition(":")[0] for row in rows}
    wanted = {int(mark) for mark in marks.values() if mark.isdecimal()}
    drafts = Draft.objects.filter(pk__in=wanted, decided_by__isnull=False).select_related("decided_by")
    people = {str(draft.pk): str(draft.decided_by) for draft in drafts if draft.decided_by}
    return {pk: people[mark] for pk, mark in marks.items() if mark in people}


def business_seconds(message: Message, answer: Reply) -> int:
    return max(
        round(inbox_calendars.open_seconds(message.conversation.inbox_id, message.created_at, answer.at)), 0
    )
