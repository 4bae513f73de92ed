"""What people type into the search of deliveries → the rows it means, found only by indexes.

A number may be our id, a conversation or a message. Anything else is a delivery ID as Chatwoot sent it or, within a
chosen time range, text of a body.
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BinaryField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from ..models import Conversation, Delivery, Message, Source

WIDEST = timedelta(days=31)
MOST = 1_000  # rows in one result
MOST_BY_TEXT = 200
SECONDS = 5.0  # a text search reads bodies: after this it stops and reports how far it came
STEP = timedelta(hours=6)
BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class Range:
    since: datetime
    until: datetime

    @property
    def too_wide(self) -> bool:
        return self.until - self.since > WIDEST


@dataclass(frozen=True)
class Found:
    """The result of a text search. reached: how far back it came before time ran out. cut: there are more."""

    ids: list[int]
    reached: datetime | None = None
    cut: bool = False


def by_number(number: int) -> list[int]:
    """IDs of deliveries for which the number is the id, the conversation or the message."""
    if number > BIGGEST:
        return []
    own = Delivery.objects.filter(pk=number)
    return _newest(own, of_conversation(number), of_message(number))


def of_conversation(number: int) -> QuerySet[Delivery]:
    """Names all sources, so that the index by source and conversation serves the query."""
    return Delivery.objects.filter(source__in=sources(), conversation_id=number)


def of_message(number: int) -> QuerySet[Delivery]:
    """By its conversation, which the delivery that created it names, or else the mirror."""
    created = Delivery.objects.filter(semantic_key=f"message_created:{number}")
    conversations = set(created.values_list("source", "conversation_id")) or set(
        Message.objects.filter(message_id=number).values_list(
            "conversation__source", "conversation__display_id"
        )
    )
    where = Q(pk__in=[])
    for source, conversation in conversations:
        where |= Q(source=source, conversation_id=conversation)
    return Delivery.objects.filter(where, message_id=number)


def by_key(key: str) -> list[int]:
    """By the delivery ID that Chatwoot sent, or the key of an outgoing delivery."""
    return _newest(
        Delivery.objects.filter(source__in=sources(), direction__in=["IN", "OUT"], delivery_key=key)
    )


def by_text(rows: QuerySet[Delivery], text: str, within: Range, *, seconds: float = SECONDS) -> Found:
    """Those of `rows` whose body contains the text, newest first, step by step back in time until the seconds are used up."""
    ids: list[int] = []
    matching = rows.filter(holds(text), source__in=sources()).order_by("-received_at", "-pk")
    until, began = within.until, time.monotonic()
    while until > within.since:
        if time.monotonic() - began > seconds:
            return Found(ids, reached=until)
        since = max(until - STEP, within.since)
        step = matching.filter(received_at__gt=since, received_at__lte=until)
        ids += step.values_list("pk", flat=True)[: MOST_BY_TEXT + 1 - len(ids)]
        if len(ids) > MOST_BY_TEXT:
            return Found(ids[:MOST_BY_TEXT], cut=True)
        until = since
    return Found(ids)


class Holds(Func):
    """True if the first bytes occur in the second."""

    output_field = BooleanField()
    function = "position"
    template = "(position(%(expressions)s) > 0)"
    arg_joiner = " in "

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        swapped = self.copy()
        swapped.set_source_expressions(list(reversed(self.get_source_expressions())))
        return swapped.as_sql(
            compiler, connection, template="(instr(%(expressions)s) > 0)", arg_joiner=", ", **context
        )


def holds(text: str) -> Q:
    """The body is JSON in bytes: looks for the text in each way that a JSON writer may encode it."""
    where = Q()
    for needle in needles(text):
        where |= Q(Holds(Value(needle, output_field=BinaryField()), F("body")))
    return where


def needles(text: str) -> list[bytes]:
    """The text unescaped, as Rails escapes it (& < > and two line separators), and with everything escaped."""
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    rails = plain
    for sign in "&<>\u2028\u2029":
        rails = rails.replace(sign, f"\\u{ord(sign):04x}")
    escaped = json.dumps(text)[1:-1]
    return list(dict.fromkeys(way.encode() for way in (plain, rails, escaped)))


def readable(rows: QuerySet[Delivery], *, conversations: QuerySet[Conversation]) -> QuerySet[Delivery]:
    """Those whose text a person may read, given the conversations that the person sees."""
    theirs = conversations.filter(source=OuterRef("source"), display_id=OuterRef("conversation_id"))
    return rows.filter(Exists(theirs))


def sources() -> list[int]:
    return list(Source.objects.values_list("pk", flat=True))


def _newest(*found: QuerySet[Delivery]) -> list[int]:
    ids: set[int] = set()
    for rows in found:
        ids.update(rows.order_by("-pk").values_list("pk", flat=True)[:MOST])
    return sorted(ids, reverse=True)[:MOST]
