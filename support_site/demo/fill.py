"""Writes a history into the database: its rows, clocks, deliveries and health samples. The database must have none yet."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction

from reports import sla
from reports.clocks import clocks
from reports.models import Clock
from reports.policies import versions
from webhooks.models import Conversation, Delivery, HealthSample

from . import bulk, health
from .history import History, Row

# In an order in which each table may refer to those before it.
TABLES = {
    "webhooks": ("Contact", "Conversation", "Message", "AttributeChange", "StatusChange"),
    "knowledge": ("Draft", "DraftEvent", "LearningSignal", "Citation", "Escalation", "NoDraft"),
}
NUMBERED = (
    "webhooks.Contact",
    "webhooks.Conversation",
    "webhooks.Message",
    "knowledge.Draft",
    "knowledge.LearningSignal",
)
KEPT = timedelta(days=14)  # older deliveries have been pruned
BY_PAGE = 200


def fill(history: History, *, now: datetime, done: Callable[[int], None] = lambda count: None) -> None:
    """done: called with the number of conversations so far."""
    count = 0
    for chunk in history.chunks():
        with transaction.atomic():  # a waiting conversation and its message name each other
            for app, tables in TABLES.items():
                for table in tables:
                    bulk.insert(apps.get_model(app, table), chunk.get(table, ()))
            bulk.insert(Delivery, _deliveries(history.cast.source, chunk["Message"], now=now))
            first, count = count + 1, count + len(chunk["Conversation"])
            _clocks_of(range(first, count + 1), now=now)
        done(count)
    arrived = Delivery.objects.filter(direction="IN", received_at__gt=now - health.WEEK)
    bulk.insert(HealthSample, health.samples(arrived.values_list("received_at", flat=True), now=now))
    bulk.settle(map(apps.get_model, NUMBERED))


def _clocks_of(keys: range, *, now: datetime) -> None:
    """As events and the sweep would have left them."""
    policies, changed, made = versions.all_versions(), [], []
    batch = list(Conversation.objects.filter(pk__in=keys).select_related("inbox").order_by("pk"))
    for conversation, (facts, as_of) in zip(batch, clocks.known(batch, now=now), strict=True):
        numbered, _ = sla.from_scratch(facts, policies, as_of=as_of)
        made += [_values(row) for row in clocks.rows(conversation, numbered, facts, as_of)]
        for name, value in clocks.deadlines([clock for _, clock in numbered]).items():
            setattr(conversation, name, value)
        if conversation.reply_due_at or conversation.clocks_look_at:
            changed.append(conversation)
    bulk.insert(Clock, made)
    Conversation.objects.bulk_update(changed, ["reply_due_at", "clocks_look_at"], batch_size=BY_PAGE)


def _values(row: Clock) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in ("_state", "id")}


def _deliveries(source: int, messages: list[Row], *, now: datetime) -> Iterator[Row]:
    """The webhooks of the newest messages, processed."""
    for message in messages:
        at = message["created_at"] + timedelta(seconds=1)
        if now - KEPT < at <= now:
            body = {"event": "message_created", "id": message["message_id"], "content": message["content"]}
            yield {
                "source_id": source, "direction": "IN", "lane": "in", "event": "message_created",
                "delivery_key": f"past-{message['message_id']}", "body": json.dumps(body).encode(), "status": "DONE",
                "attempts": 1, "due_since": at, "received_at": at, "finished_at": at + timedelta(seconds=1),
                "conversation_id": message["conversation_id"], "message_id": message["message_id"],
            }  # fmt: skip
