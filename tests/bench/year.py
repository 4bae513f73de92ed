"""A year of support on PostgreSQL, made in minutes: DATABASE_URL=postgres://… python -m tests.bench.year

100,000 conversations with 1,000,000 messages, as their mirror, clocks and deliveries would stand. Not for a database
that anybody needs: run `manage.py migrate` and `manage.py seed` on an empty one first.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

AGENTS = [(number, f"Agent {number}") for number in range(1, 13)]
TEAMS = [(number, f"Team {number}") for number in range(1, 5)]
LABELS = ("billing", "refund", "login", "shipping", "bug", "vip")
PRIORITIES = ("", "", "", "low", "medium", "high", "urgent")
HOURS = [1] * 7 + [4, 12, 20, 22, 20, 16, 18, 20, 18, 14, 8, 5, 4, 3, 2, 2, 1]  # when customers write
QUICKLY, SLOWLY = timedelta(minutes=25), timedelta(hours=5)
OPEN_DAYS, OPEN_SHARE = 5, 0.3  # of the newest conversations, some are not resolved yet
CHUNK = 1000


class Year:
    """Rows of one conversation after another; the same dice give the same year."""

    def __init__(self, *, until: datetime, conversations: int, messages: int, seed: int = 1) -> None:
        self.until, self.count, self.dice = until, conversations, random.Random(seed)
        self.messages_each = messages / conversations
        self.next_message = 1

    def stories(self, *, source: Any, inboxes: list[Any]) -> Iterator[dict[str, list[dict[str, Any]]]]:
        """Table → rows, CHUNK conversations at a time."""
        made: dict[str, list[dict[str, Any]]] = {}
        for number in range(1, self.count + 1):
            for table, row in self._story(number, source, self.dice.choice(inboxes)):
                made.setdefault(table, []).append(row)
            if number % CHUNK == 0 or number == self.count:
                yield made
                made = {}

    def _story(self, number: int, source: Any, inbox: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        dice, begun = self.dice, self._begun()
        agent, team = dice.choice(AGENTS), dice.choice(TEAMS)
        said = list(self._said(begun, agent))
        last = said[-1]["created_at"]
        young = self.until - begun < timedelta(days=OPEN_DAYS) and dice.random() < OPEN_SHARE
        ended = None if young else last + timedelta(minutes=dice.randint(1, 600))
        ended = ended if ended and ended < self.until else None
        status, at = ("resolved" if ended else "open"), (ended or last).timestamp()
        labels = sorted(dice.sample(LABELS, dice.choice((0, 1, 1, 2))))
        state = {
            "status": status, "labels": labels, "assignee": agent[1], f"assignee:{agent[0]}": agent[1],
            "team": team[1], f"team:{team[0]}": team[1], "priority": dice.choice(PRIORITIES),
        }  # fmt: skip
        waits = not ended and said[-1]["is_customer_message"]
        yield "Contact", {
            "id": number, "source_id": source.pk, "contact_id": number, "name": f"Customer {number}",
            "email": f"customer{number}@example.com",
        }  # fmt: skip
        yield "Conversation", {
            "id": number, "source_id": source.pk, "display_id": number, "inbox_id": inbox.pk, "contact_id": number,
            "status": status, "labels": labels, "assignee": agent[1], "team": team[1], "priority": state["priority"],
            "created_at": begun, "last_activity_at": ended or last, "waiting_since": last if waits else None,
            "registers": {field: [at, value] for field, value in state.items()},
        }  # fmt: skip
        for row in said:
            yield "Message", row | {"conversation_id": number}
        yield "AttributeChange", {
            "conversation_id": number, "at": begun + timedelta(minutes=2), "field": "assignee_id", "current": agent[0],
        }  # fmt: skip
        if ended:
            change = {"at": ended, "previous": "open", "current": "resolved"}
            yield "StatusChange", change | {"conversation_id": number}

    def _begun(self) -> datetime:
        """More on weekdays, and by day."""
        day = self.until - timedelta(days=self.dice.randrange(365))
        if day.weekday() > 4 and self.dice.random() < 0.7:
            day -= timedelta(days=2)
        hour = self.dice.choices(range(24), HOURS)[0]
        begun = day.replace(hour=hour, minute=self.dice.randrange(60), second=self.dice.randrange(60))
        return begun if begun < self.until else begun - timedelta(days=1)

    def _said(self, at: datetime, agent: tuple[int, str]) -> Iterator[dict[str, Any]]:
        dice, by_customer = self.dice, True
        for place in range(max(1, round(dice.triangular(1, 2 * self.messages_each - 1)))):
            if place:
                usual = SLOWLY if by_customer else QUICKLY
                at += timedelta(seconds=dice.lognormvariate(0, 1) * usual.total_seconds())
            if at >= self.until:
                return
            yield {
                "id": self.next_message, "message_id": self.next_message, "created_at": at,
                "kind": "incoming" if by_customer else "outgoing", "content": f"Words of message {self.next_message}.",
                "sender_id": None if by_customer else agent[0], "sender_name": "" if by_customer else agent[1],
                "sender_type": "" if by_customer else "user", "status": "sent",
                "is_customer_message": by_customer, "is_person_answer": not by_customer,
            }  # fmt: skip
            self.next_message += 1
            by_customer = not by_customer if dice.random() < 0.85 else by_customer


def copy(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """COPY: ten times as fast as INSERT. What a row does not say has the model's default."""
    from django.db import connection
    from django.db.models import AutoField, JSONField

    rows = list(rows)
    if not rows:
        return
    fields = [
        field for field in model._meta.concrete_fields if not isinstance(field, AutoField) or "id" in rows[0]
    ]
    usual = {field.attname: field.get_default() for field in fields}
    listed = [field.attname for field in fields if isinstance(field, JSONField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as stream,
    ):
        for row in rows:
            told = usual | row
            told |= {name: json.dumps(told[name]) for name in listed if told[name] is not None}
            stream.write_row(list(told.values()))


def clocks_of(keys: range, *, now: datetime) -> None:
    """As events and the sweep would have left them."""
    from reports import clocks, promises, sla
    from reports.models import Clock
    from webhooks.models import Conversation

    policies, changed = promises.all_versions(), []
    made: list[dict[str, Any]] = []
    batch = list(Conversation.objects.filter(pk__in=keys).select_related("inbox").order_by("pk"))
    for conversation, (facts, as_of) in zip(batch, clocks.known(batch, now=now), strict=True):
        found = sla.clocks(facts, policies, as_of=as_of)
        for row in clocks.rows(conversation, found, facts, as_of):
            made.append({name: value for name, value in vars(row).items() if name not in ("_state", "id")})
        for name, value in clocks.deadlines(found).items():
            setattr(conversation, name, value)
        if conversation.reply_due_at or conversation.clocks_look_at:
            changed.append(conversation)
    copy(Clock, made)
    Conversation.objects.bulk_update(changed, ["reply_due_at", "clocks_look_at"], batch_size=200)


def deliveries(*, source: Any, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    """The newest webhooks: older ones are pruned."""
    for number in range(count):
        at = now - timedelta(days=14) * (1 - number / count)
        yield {
            "source_id": source.pk, "direction": "IN", "lane": "in", "event": "message_created", "delivery_key": f"y-{number}",
            "body": b"{}", "status": "DONE", "attempts": 1, "due_since": at, "received_at": at, "finished_at": at,
        }  # fmt: skip


def settle() -> None:
    """Ids go on after those that were given; the planner knows what is there."""
    from django.apps import apps
    from django.db import connection

    tables = [
        apps.get_model("webhooks", name)._meta.db_table for name in ("Contact", "Conversation", "Message")
    ]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))", [table]
            )
        cursor.execute("VACUUM ANALYZE")


def fill(*, conversations: int = 100_000, messages: int = 1_000_000, said: Any = sys.stderr) -> None:
    from django.apps import apps
    from django.utils import timezone

    from tests.factories import make_inbox, make_source
    from webhooks.models import Delivery

    now, began = timezone.now(), time.monotonic()
    source = make_source()
    inboxes = [make_inbox(source, inbox_id=number, name=f"Inbox {number}") for number in range(1, 6)]
    year = Year(until=now, conversations=conversations, messages=messages)
    done = 0
    for made in year.stories(source=source, inboxes=inboxes):
        for table in ("Contact", "Conversation", "Message", "AttributeChange", "StatusChange"):
            copy(apps.get_model("webhooks", table), made.get(table, []))
        step = len(made["Conversation"])
        clocks_of(range(done + 1, done + step + 1), now=now)
        done += step
        if done % 10_000 == 0:
            print(f"{done:,} conversations, {time.monotonic() - began:.0f} s", file=said, flush=True)
    copy(Delivery, deliveries(source=source, count=conversations, now=now))
    settle()
    print(
        f"{year.next_message - 1:,} messages, {time.monotonic() - began:.0f} s in all", file=said, flush=True
    )


def main() -> None:
    asked = argparse.ArgumentParser(
        description="Fill an empty, seeded PostgreSQL database with a year of support."
    )
    asked.add_argument("--conversations", type=int, default=100_000)
    asked.add_argument("--messages", type=int, default=1_000_000)
    found = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_site.settings")
    import django

    django.setup()
    fill(conversations=found.conversations, messages=found.messages)


if __name__ == "__main__":
    main()
