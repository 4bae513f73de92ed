"""A year of support on PostgreSQL, made in minutes: DATABASE_URL=postgres://… python -m tests.bench.year

100,000 conversations with 1,000,000 messages, as their mirror, clocks, drafts, escalations, ratings and deliveries would
stand. Not for a database that anybody needs: run `manage.py migrate` and `manage.py seed` on an empty one first.
"""

import argparse
import itertools
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from webhooks.mirror import status_history

AGENTS = [(number, f"Agent {number}") for number in range(1, 13)]
TEAMS = [(number, f"Team {number}") for number in range(1, 5)]
LABELS = ("billing", "refund", "login", "shipping", "bug", "vip")
PRIORITIES = ("", "", "", "low", "medium", "high", "urgent")
HOURS = [1] * 7 + [4, 12, 20, 22, 20, 16, 18, 20, 18, 14, 8, 5, 4, 3, 2, 2, 1]  # when customers write
QUICKLY, SLOWLY = timedelta(minutes=25), timedelta(hours=5)
OPEN_DAYS, OPEN_SHARE = 5, 0.3  # of the newest conversations, some are not resolved yet
DRAFTED, ESCALATED, SURVEYED, RATED = 0.3, 0.08, 0.3, 0.4  # of answers, conversations, resolved ones, surveys
KINDS = ("refund", "policy_exception", "angry_customer", "complex", "legal", "vip", "repeated_contact")
STARS = (1, 2, 3, 4, 4, 5, 5, 5, 5)
CHUNK = 1000
TABLES = {
    "webhooks": ("Contact", "Conversation", "Message", "AttributeChange", "StatusChange"),
    "knowledge": ("Draft", "LearningSignal", "Escalation"),
}


class Year:
    """Rows of one conversation after another; the same dice give the same year."""

    def __init__(self, *, until: datetime, conversations: int, messages: int, seed: int = 1) -> None:
        self.until, self.count, self.dice = until, conversations, random.Random(seed)
        self.messages_each = messages / conversations
        self.next_message = self.next_draft = 1

    def stories(
        self, *, source: Any, inboxes: list[Any], lead: Any
    ) -> Iterator[dict[str, list[dict[str, Any]]]]:
        """Table → rows, CHUNK conversations at a time."""
        made: dict[str, list[dict[str, Any]]] = {}
        for number in range(1, self.count + 1):
            for table, row in self._story(number, source, self.dice.choice(inboxes), lead):
                made.setdefault(table, []).append(row)
            if number % CHUNK == 0 or number == self.count:
                yield made
                made = {}

    def _story(self, number: int, source: Any, inbox: Any, lead: Any) -> Iterator[tuple[str, dict[str, Any]]]:
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
            "status": status, "labels": labels, "assignee": agent[1], "assignee_key": f"user/{agent[0]}",
            f"user/{agent[0]}": agent[1], "team": team[1], "team_key": f"team/{team[0]}", f"team/{team[0]}": team[1],
            "priority": dice.choice(PRIORITIES),
        }  # fmt: skip
        told = [status_history.register(at, "open", "resolved", by_itself=True, status="")] if ended else []
        waits = not ended and said[-1]["is_customer_message"]
        yield "Contact", {
            "id": number, "source_id": source.pk, "contact_id": number, "name": f"Customer {number}",
            "email": f"customer{number}@example.com",
        }  # fmt: skip
        yield "Conversation", {
            "id": number, "source_id": source.pk, "display_id": number, "inbox_id": inbox.pk, "contact_id": number,
            "status": status, "labels": labels, "assignee": agent[1], "team": team[1], "priority": state["priority"],
            "created_at": begun, "last_activity_at": ended or last, "waiting_since": last if waits else None,
            "waiting_message_id": said[-1]["id"] if waits else None,
            "registers": {field: [at, value] for field, value in state.items()} | dict(told),
        }  # fmt: skip
        for row in said:
            yield "Message", row | {"conversation_id": number}
        yield "AttributeChange", {
            "conversation_id": number, "at": begun + timedelta(minutes=2), "field": "assignee_id", "current": agent[0],
        }  # fmt: skip
        if ended:
            change = {"at": ended, "previous": "open", "current": "resolved"}
            yield "StatusChange", change | {"conversation_id": number}
            if dice.random() < SURVEYED:
                yield "Message", {"conversation_id": number} | self._survey(ended)
        yield from self._desk(number, said, lead)

    def _survey(self, at: datetime) -> dict[str, Any]:
        answer = {"submitted_values": {"csat_survey_response": {"rating": self.dice.choice(STARS)}}}
        rated = (at + timedelta(hours=self.dice.randint(1, 48))).timestamp()
        attributes = answer if self.dice.random() < RATED and rated < self.until.timestamp() else {}
        return self._message(at) | {
            "kind": "template", "content_type": "input_csat", "content_attributes": attributes,
            "registers": {"content_attributes": [rated, attributes]} if attributes else {},
        }  # fmt: skip

    def _desk(
        self, number: int, said: list[dict[str, Any]], lead: Any
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """What our own people did: drafts approved and graded, one proposed where a customer waits, escalations."""
        dice = self.dice
        if dice.random() < ESCALATED:
            raised = said[0]["created_at"] + timedelta(minutes=30)
            closed = raised + timedelta(hours=dice.randint(1, 30))
            yield "Escalation", {
                "conversation_id": number, "kind": dice.choice(KINDS), "reason": "As the customer asks.", "owner_id": lead,
                "raised_by_id": lead, "raised_at": raised, "due_at": raised + timedelta(hours=2),
                "closed_at": closed if closed < self.until else None,
            }  # fmt: skip
        for asked, answer in itertools.pairwise([*said, None]):
            open_still = answer is None and asked["is_customer_message"]
            answered = answer and asked["is_customer_message"] and answer["is_person_answer"]
            if (answered or open_still) and dice.random() < DRAFTED:
                yield from self._draft(number, asked, answer, lead)

    def _draft(
        self, number: int, asked: dict[str, Any], answer: dict[str, Any] | None, lead: Any
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        draft = {
            "id": self.next_draft, "conversation_id": number, "in_reply_to_id": asked["id"], "author": "drafter",
            "author_kind": "drafter", "proposed_text": "Words proposed.", "body": "Words proposed.", "confidence": 0.7,
            "created_at": asked["created_at"] + timedelta(seconds=30),
        }  # fmt: skip
        self.next_draft += 1
        if answer is None:
            yield "Draft", draft
            return
        edited, at = self.dice.random() < 0.3, answer["created_at"]
        grades = {name: self.dice.choice((3, 4, 5, 5, 5)) for name in ("tone", "accuracy", "policy")}
        yield "Draft", draft | grades | {
            "status": "SENT", "approval": 1, "approved_text": answer["content"], "decided_by_id": lead, "decided_at": at,
            "sent_message_id": answer["message_id"],
        }  # fmt: skip
        yield "LearningSignal", grades | {
            "draft_id": draft["id"], "conversation_id": number, "decision": "approved", "approval": 1, "at": at,
            "kind": "tone_improvement" if edited else "template_refinement", "question": asked["content"],
            "proposal": "Words proposed.", "final_text": answer["content"], "distance": 12 if edited else 0,
            "ratio": 0.3 if edited else 0.0, "author": "drafter", "author_kind": "drafter", "reviewer_id": lead,
            "waited_s": self.dice.randint(30, 3000),
        }  # fmt: skip

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
            yield self._message(at) | {
                "kind": "incoming" if by_customer else "outgoing",
                "sender_id": None if by_customer else agent[0], "sender_name": "" if by_customer else agent[1],
                "sender_type": "" if by_customer else "user", "status": "sent",
                "is_customer_message": by_customer, "is_person_answer": not by_customer,
            }  # fmt: skip
            by_customer = not by_customer if dice.random() < 0.85 else by_customer

    def _message(self, at: datetime) -> dict[str, Any]:
        number = self.next_message
        self.next_message += 1
        return {
            "id": number,
            "message_id": number,
            "created_at": at,
            "content": f"Words of message {number}.",
        }


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
    from reports import sla
    from reports.clocks import clocks
    from reports.models import Clock
    from reports.policies import versions
    from webhooks.models import Conversation

    policies, changed = versions.all_versions(), []
    made: list[dict[str, Any]] = []
    batch = list(Conversation.objects.filter(pk__in=keys).select_related("inbox").order_by("pk"))
    for conversation, (facts, as_of) in zip(batch, clocks.known(batch, now=now), strict=True):
        numbered, _ = sla.from_scratch(facts, policies, as_of=as_of)
        for row in clocks.rows(conversation, numbered, facts, as_of):
            made.append({name: value for name, value in vars(row).items() if name not in ("_state", "id")})
        for name, value in clocks.deadlines([clock for _, clock in numbered]).items():
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

    numbered = {
        "Contact": "webhooks",
        "Conversation": "webhooks",
        "Message": "webhooks",
        "Draft": "knowledge",
    }
    tables = [apps.get_model(app, name)._meta.db_table for name, app in numbered.items()]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))", [table]
            )
        cursor.execute("VACUUM ANALYZE")


def fill(*, conversations: int = 100_000, messages: int = 1_000_000, said: Any = sys.stderr) -> None:
    from django.apps import apps
    from django.contrib.auth.models import User
    from django.db import transaction
    from django.utils import timezone

    from reports.attainment import daily_rollup
    from tests.factories import make_inbox, make_source
    from webhooks.models import Delivery

    now, began = timezone.now(), time.monotonic()
    source, lead = make_source(), User.objects.order_by("pk").values_list("pk", flat=True)[0]
    inboxes = [make_inbox(source, inbox_id=number, name=f"Inbox {number}") for number in range(1, 6)]
    year = Year(until=now, conversations=conversations, messages=messages)
    done = 0
    for made in year.stories(source=source, inboxes=inboxes, lead=lead):
        with transaction.atomic():  # a waiting conversation and its message name each other
            for app, tables in TABLES.items():
                for table in tables:
                    copy(apps.get_model(app, table), made.get(table, []))
        step = len(made["Conversation"])
        clocks_of(range(done + 1, done + step + 1), now=now)
        done += step
        if done % 10_000 == 0:
            print(f"{done:,} conversations, {time.monotonic() - began:.0f} s", file=said, flush=True)
    copy(Delivery, deliveries(source=source, count=conversations, now=now))
    daily_rollup.keep_up(now=now, most=1000)  # as the chore has by then
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
