"""The oracle against the site: random histories told as Chatwoot tells them, mixed up, and the rows that come of it.

Each change comes as the pair that it makes: one dated by itself, one by a payload that may be built long after it. Some come
twice; all come in any order.
"""

import random
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from knowledge.calendars import inbox_calendars
from knowledge.models import BusinessCalendar
from reports.clocks import clocks
from reports.models import Clock, SLAPolicy
from reports.policies import versions
from tests.factories import make_inbox, make_source
from tests.reports.sla.oracle import MINUTE, OpenMinutes, Oracle, Promise
from tests.reports.sla.test_oracle import (
    BEGINS,
    DAY,
    LENGTH,
    LONG,
    METRICS,
    OFFICE,
    ZONE,
    closed_on,
    history,
    told,
)
from webhooks.mirror import handlers
from webhooks.models import Conversation

pytestmark = pytest.mark.django_db
AGENTS, TEAMS = {"Ann": 3, "Bob": 4, "Cid": 5}, {"billing": 1, "orders": 2}
ATTRIBUTES = {
    "labels": "label_list",
    "team": "team_id",
    "assign": "assignee_id",
    "priority": "priority",
    "status": "status",
}


class Chatwoot:
    """The state of one conversation over time, and the events that tell of it."""

    def __init__(
        self, dice: random.Random, begin: datetime, events: list[tuple[int, str, Any]], *, first: str
    ) -> None:
        self.dice, self.begin, self.first = dice, begin, first
        self.events = events
        self.micros = [dice.randrange(1_000_000) for _ in events]
        for place in range(1, len(events)):  # what happens in one minute happens in its order
            if events[place][0] == events[place - 1][0]:
                self.micros[place] = max(self.micros[place], self.micros[place - 1] + 2000) % 1_000_000_000

    def at(self, place: int) -> datetime:
        return self.begin + self.events[place][0] * MINUTE + timedelta(microseconds=self.micros[place])

    def payloads(self) -> list[dict[str, Any]]:
        found = []
        for place, (_, kind, value) in enumerate(self.events):
            if kind in ("customer", "answer"):
                found.append(self.message(place, kind, value))
            elif kind == "delete":
                found.append(
                    {"event": "conversation_deleted", "id": 7, "deleted_at": int(self.at(place).timestamp())}
                )
            else:
                found += self.pair(place, kind, value)
        twice = self.dice.sample(found, k=len(found) // 3)
        mixed = [*found, *twice]
        self.dice.shuffle(mixed)
        return mixed

    def message(self, place: int, kind: str, who: Any) -> dict[str, Any]:
        incoming = kind == "customer"
        sender = {"id": 5, "name": "Ada"} if incoming else {"id": AGENTS[who], "name": who, "type": "user"}
        return {
            "event": "message_created", "id": 100 + place, "content": "Words", "private": False, "content_type": "text",
            "message_type": "incoming" if incoming else "outgoing", "content_attributes": {}, "sender": sender,
            "created_at": iso(self.at(place)), "inbox": {"id": 2, "name": "Chat"}, "conversation": self.state(self.later(place)),
        }  # fmt: skip

    def pair(self, place: int, kind: str, value: Any) -> list[dict[str, Any]]:
        before = self.value(kind, place - 1)
        change = {
            ATTRIBUTES[kind]: {
                "previous_value": self.shown(kind, before),
                "current_value": self.shown(kind, value),
            }
        }
        itself = {"updated_at": {"previous_value": None, "current_value": iso(self.at(place))}}
        pair = [
            {"event": "conversation_updated", "changed_attributes": [change, itself]}
            | self.state(self.later(place))
        ]
        if kind == "status":
            pair.append(
                {"event": "conversation_status_changed", "changed_attributes": [change]}
                | self.state(self.later(place))
            )
        return pair

    def later(self, place: int) -> int:
        """What has happened by when the payload is built."""
        return min(place + self.dice.choice([0, 0, 0, 1, 3]), len(self.events) - 1)

    def value(self, kind: str, place: int) -> Any:
        starts = {"status": self.first, "labels": frozenset()}
        return next(
            (value for _, name, value in reversed(self.events[: place + 1]) if name == kind),
            starts.get(kind, ""),
        )

    def shown(self, kind: str, value: Any) -> Any:
        if kind == "labels":
            return sorted(value)
        return (
            {"assign": AGENTS, "team": TEAMS}.get(kind, {}).get(value, None)
            if kind in ("assign", "team")
            else value or None
        )

    def state(self, place: int) -> dict[str, Any]:
        assignee, team = self.value("assign", place), self.value("team", place)
        return {
            "id": 7, "inbox_id": 2, "channel": "Channel::WebWidget", "status": self.value("status", place),
            "labels": sorted(self.value("labels", place)), "priority": self.value("priority", place) or None, "can_reply": True,
            "updated_at": self.at(place).timestamp(), "created_at": int(self.begin.timestamp()), "messages": [],
            "meta": {
                "sender": {"id": 5, "name": "Ada", "type": "contact"},
                "assignee": {"id": AGENTS[assignee], "name": assignee, "type": "user"} if assignee else None,
                "team": {"id": TEAMS[team], "name": team} if team else None,
            },
        }  # fmt: skip


def iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def week(hours: dict[int, list[tuple[int, int]]]) -> dict[str, list[list[str]]]:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {days[day]: [[clock(start), clock(end)] for start, end in ranges] for day, ranges in hours.items()}


def promised(begin: datetime) -> list[Promise]:
    """A policy by label on the default calendar, where the inbox keeps the long hours; all others on the office's."""
    SLAPolicy.objects.all().delete()
    facts = {"zone": ZONE, "closures": [{"date": day, "name": "Closed"} for day in closed_on(begin)]}
    office = BusinessCalendar.objects.create(name="Office", weekly=week(OFFICE), **facts)
    inbox_calendars.keep(
        BusinessCalendar.objects.create(name="Long", zone=ZONE, weekly=week(LONG)), [make_inbox()]
    )
    default = BusinessCalendar.objects.get(is_default=True)
    early = begin - timedelta(days=9)
    rows = [
        SLAPolicy.objects.create(
            name=name, order=order, calendar=calendar, conditions={"labels": labels}, valid_from=early,
            **{f"{metric}_s": int(minutes * share) * 60 for metric, minutes in METRICS},
        )
        for name, order, calendar, labels, share in (("VIP", 1, default, ["VIP"], 0.5), ("All", 2, office, [], 1))
    ]  # fmt: skip
    hours = {
        "VIP": OpenMinutes(begin, LENGTH, ZONE, LONG, set()),
        "All": OpenMinutes(begin, LENGTH, ZONE, OFFICE, closed_on(begin)),
    }
    targets = {"VIP": 0.5, "All": 1}
    return [
        Promise(
            row.pk, 1, 0, {metric: int(minutes * targets[row.name]) for metric, minutes in METRICS},
            lambda start, name=row.name: hours[name],
            lambda labels, priority, team, name=row.name: name == "All" or "vip" in labels,
        )
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_rows_of_mixed_up_events_are_what_the_oracle_counts(seeded, seed):
    dice = random.Random(seed)
    begin = BEGINS[dice.choice(list(BEGINS))]
    promises, source = promised(begin), make_source()
    policies = versions.all_versions()
    for number in range(2):
        first = dice.choice(["open", "pending"])
        events = [event for event in history(dice, first=first) if event[1] != "status" or event[2]]
        Clock.objects.all().delete()
        Conversation.objects.all().delete()
        hear(source, Chatwoot(dice, begin, events, first=first).payloads())
        as_of = 36 * DAY

        clocks.keep_up(
            Conversation.objects.select_related("inbox").get(), policies, now=begin + as_of * MINUTE
        )

        rows = Clock.objects.order_by("started_at", "metric", "number")
        expected = Oracle(events, promises, first=first).ask(as_of)
        assert [whole(told(row, begin)) for row in rows] == [whole(one) for one in expected], (
            seed,
            number,
            first,
            events,
        )


def whole(one: dict[str, Any]) -> dict[str, Any]:
    """Seconds within the minute are the event's own; which minute it is, and the state, must not depend on them."""
    times = ("start", "due", "stop", "reopened", "decided", "used")
    return one | {name: None if one[name] is None else round(one[name]) for name in times}


def hear(source: Any, payloads: list[dict[str, Any]]) -> None:
    Conversation.objects.locked(source, 7)
    for number, payload in enumerate(payloads):
        delivery = SimpleNamespace(source=source, conversation_id=7, pk=number)
        apply = (
            handlers.apply_message if payload["event"].startswith("message_") else handlers.apply_conversation
        )
        apply(delivery, payload, now=datetime.now().astimezone())
