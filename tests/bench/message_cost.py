"""What one real `message_created` costs, in processor time of its process and in statements, beside a minimal mirror.

Called in a process that has Django (lab.py). Conversations have customers' messages and colleagues' answers in turn, as a
busy chat has, and each event carries the conversation as Chatwoot would show it then.
"""

import cProfile
import io
import itertools
import json
import pstats
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tests.factories import conversation_object, make_source, message_event
from webhooks import deliveries, parsing
from webhooks.database import clock, durability
from webhooks.mirror import payloads
from webhooks.models import Contact, Conversation, Delivery, Inbox, Message

KINDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_numbers = itertools.count(1)


def cost(*, how: str, inside: int, conversations: int, batch: int, rows: int) -> dict[str, Any]:
    """ms of processor a message and statements a message by kind, of conversations that have `inside` messages already.

    how: "ours" or "mirror". The messages are dealt to the conversations in turn.
    """
    apply = {"ours": _by_the_engine, "mirror": _by_the_mirror}[how]
    new = _prepare(apply, inside, conversations, rows)
    counted: Counter[str] = Counter()
    with _counting(counted, _kind):
        cpu = apply(batch)
    return {"ms": cpu * 1000 / new, "statements": {kind: n / new for kind, n in counted.items()}}


def profile(*, inside: int, conversations: int, rows: int, lines: int) -> str:
    """Where our time goes, by function, and each statement with how often it ran for a message."""
    new = _prepare(_by_the_engine, inside, conversations, rows)
    statements: Counter[str] = Counter()
    profiler, out = cProfile.Profile(), io.StringIO()
    with _counting(statements, lambda sql: " ".join(sql.split())[:200]):
        profiler.runcall(_by_the_engine, 25)
    pstats.Stats(profiler, stream=out).sort_stats("cumulative").print_stats(lines)
    return out.getvalue() + "\n".join(f"{n / new:6.2f}  {sql}" for sql, n in statements.most_common())


def _prepare(apply: Callable[[int], float], inside: int, conversations: int, rows: int) -> int:
    """New conversations with so many messages, and `rows` more that wait. Returns how many wait."""
    first = 10_000 * next(_numbers)
    displays = range(first, first + conversations)
    began = timezone.now() - timedelta(seconds=2 * (inside + rows))
    places = range(inside + -(-rows // conversations))
    bodies = [_event(place, display, began) for place in places for display in displays]
    known, new = bodies[: inside * conversations], bodies[inside * conversations :][:rows]
    for start in range(0, len(known), 500):
        _enqueue(known[start : start + 500])
        apply(25)
    _enqueue(new)
    return len(new)


def _kind(sql: str) -> str:
    word = sql.split(None, 1)[0]
    return word if word in KINDS else "transaction"


def _event(place: int, display: int, began: Any) -> bytes:
    """The message of that place: two of three are the customer's."""
    at = began + timedelta(seconds=2 * place)
    about = conversation_object(
        display, updated_at=at.timestamp() + 0.2, last_activity_at=int(at.timestamp()), created_at=int(began.timestamp()),
        meta={
            "sender": {"id": display, "name": "Ada Park", "email": "ada@example.com", "type": "contact"},
            "assignee": {"id": 3, "name": "Maria", "type": "user"},
        },
    )  # fmt: skip
    kind = "outgoing" if place % 3 == 2 else "incoming"
    who = (
        {"id": 3, "name": "Maria", "type": "user"}
        if kind == "outgoing"
        else {"id": display, "name": "Ada Park"}
    )
    number = display * 10_000 + place
    return json.dumps(message_event(number, at=at, kind=kind, conversation=about, sender=who)).encode()


def _enqueue(bodies: list[bytes]) -> None:
    now, source = clock.now(), make_source().pk
    Delivery.objects.bulk_create(
        Delivery(
            source_id=source, direction="IN", lane="in", delivery_key=f"cost-{parsing.read_columns(body).message_id}", body=body,
            received_at=now, due_since=now, next_attempt_at=now, **vars(parsing.read_columns(body)),
        )
        for body in bodies
    )  # fmt: skip


@contextmanager
def _counting(counted: Counter[str], name: Callable[[str], str]) -> Iterator[None]:
    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        counted[name(sql)] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


def _by_the_engine(batch: int) -> float:
    """Claimed in batches and processed as a worker does. Processor seconds."""
    began = time.process_time()
    with durability.relaxed():
        while claimed := deliveries.claim("in", now=clock.now(), limit=batch):
            for row in claimed:
                deliveries.process(row)
    took = time.process_time() - began
    assert not Delivery.objects.filter(lane="in").exclude(status="DONE").exists()
    return took


def _by_the_mirror(batch: int) -> float:
    """The least that stores the same: contact, conversation and message, in one transaction each."""
    rows = list(Delivery.objects.filter(lane="in", status="PENDING").order_by("pk"))
    source = make_source()
    inbox, _ = Inbox.objects.get_or_create(source=source, inbox_id=2, defaults={"name": "Chat"})
    began = time.process_time()
    with durability.relaxed():
        for row in rows:
            _mirror(source, inbox, json.loads(row.body))
    took = time.process_time() - began
    Delivery.objects.filter(lane="in", status="PENDING").update(status="DONE", next_attempt_at=None)
    return took


def _mirror(source: Any, inbox: Inbox, event: dict[str, Any]) -> None:
    about = event["conversation"]
    who = about["meta"]["sender"]
    with transaction.atomic():
        contact, _ = Contact.objects.update_or_create(
            source=source, contact_id=who["id"], defaults={"name": who["name"], "email": who["email"]}
        )
        conversation, _ = Conversation.objects.update_or_create(
            source=source, display_id=about["id"],
            defaults={
                "inbox": inbox, "contact": contact, "status": about["status"], "labels": about["labels"],
                "last_activity_at": payloads.moment(about["last_activity_at"]),
            },
        )  # fmt: skip
        Message.objects.update_or_create(
            conversation=conversation, message_id=event["id"],
            defaults={
                "kind": event["message_type"], "private": event["private"], "content": event["content"],
                "created_at": payloads.moment(event["created_at"]), "sender_name": event["sender"]["name"],
            },
        )  # fmt: skip
