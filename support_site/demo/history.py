"""Invented conversations of past weeks, as rows: what their mirror would be. Who decided what is in decisions.py.

The same dice give the same history. Nothing here reads or writes the database.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from webhooks.mirror import status_history
from webhooks.simulator.stories import PEOPLE, STORIES, THANKS, Story

from .decisions import Correction, Desk

Row = dict[str, Any]
Rows = Iterator[tuple[str, Row]]

LABELS = ("billing", "refund", "login", "shipping", "bug", "vip")
PRIORITIES = ("", "", "", "low", "medium", "high", "urgent")
HOURS = [1] * 7 + [4, 12, 20, 22, 20, 16, 18, 20, 18, 14, 8, 5, 4, 3, 2, 2, 1]  # when customers write
SLOWLY = timedelta(hours=5)  # a customer's usual answer
AT_FIRST, LATELY = timedelta(minutes=24), timedelta(minutes=12)  # the desk's usual answer, which improves
SURVEYED, RATED = 0.4, 0.5  # of resolved conversations, of surveys
STARS = (1, 2, 3, 4, 4, 5, 5, 5, 5)
SAID = {
    True: ("Quick and friendly.", "Solved at once, thank you.", ""),
    False: ("It took too long.", "Not what I asked.", ""),
}
CHUNK = 250
OFTEN = "refund"  # the topic that twice as many customers write about
UNANSWERED = 0.03  # of conversations: what they ask is in no article
ASKED = (*STORIES, *(story for story in STORIES if story.topic == OFTEN))
STUDENTS = Story(
    "students",
    {
        "en": ("Do you have a student discount?", "Is there a student discount on the Team plan?",
               "How do I get the student discount?", "I am a student. Do I get a discount?"),
        "de": ("Gibt es einen Rabatt für Studierende?", "Haben Sie einen Rabatt für Studierende?",
               "Wie bekomme ich den Rabatt für Studierende?"),
    },
    {
        "en": "Students get 20 % off every plan. Send us a photo of your student card, and we change the price.",
        "de": "Studierende erhalten 20 % Rabatt auf jeden Tarif. Schicken Sie uns dafür ein Foto Ihres Ausweises.",
    },
    ("billing",),
)  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Who takes part. inboxes: (key, number in Chatwoot). agents and teams: (number, name) in Chatwoot.

    reviewers: user ids, the first decides most. titles: of articles, by slug.
    """

    source: int
    inboxes: tuple[tuple[int, int], ...]
    agents: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]
    reviewers: tuple[int, ...]
    titles: Mapping[str, str] = field(default_factory=dict)


class History:
    """Conversations up to `until` that began within `days` before it. open_share: of the last five days', not resolved."""

    def __init__(
        self, cast: Cast, *, until: datetime, days: int, conversations: int, messages: int, open_share: float = 0.0,
        seed: int = 1, correction: Correction | None = None,
    ) -> None:  # fmt: skip
        self.cast, self.until, self.days, self.count = cast, until.replace(microsecond=0), days, conversations
        self.messages_each, self.open_share = messages / conversations, open_share
        self.dice = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self.desk = Desk(cast.reviewers, cast.titles, self.dice, until=self.until, correction=correction)
        self.next_message = 1

    def chunks(self) -> Iterator[dict[str, list[Row]]]:
        """Table → rows, CHUNK conversations at a time."""
        made: dict[str, list[Row]] = {}
        for number, begun in enumerate(sorted(self._begun() for _ in range(self.count)), start=1):
            for table, row in self._conversation(number, begun):
                made.setdefault(table, []).append(row)
            if number % CHUNK == 0 or number == self.count:
                yield made
                made = {}

    def _conversation(self, number: int, begun: datetime) -> Rows:
        dice, cast = self.dice, self.cast
        story = STUDENTS if dice.random() < UNANSWERED else dice.choice(ASKED)
        language = dice.choice(("en", "en", "de"))
        agent, team = dice.choice(cast.agents), dice.choice(cast.teams)
        person = dice.choice(PEOPLE[language])
        said = list(self._said(begun, agent, story, language))
        ended = self._ended(begun, said)
        contact = {"name": person, "email": f"customer{number}@customer.example"}
        yield "Contact", {"id": number, "source_id": cast.source, "contact_id": number} | contact
        yield "Conversation", self._state(number, begun, said, ended, story, agent, team, contact)
        # Before the messages: an approved answer has another text and sender.
        work = list(
            self.desk.worked_on(number, said, ended, story, person, language, skill=self._skill(begun))
        )
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
        yield from work

    def _state(
        self, number: int, begun: datetime, said: list[Row], ended: datetime | None, story: Story,
        agent: tuple[int, str], team: tuple[int, str], contact: Row,
    ) -> Row:  # fmt: skip
        last = said[-1]["created_at"]
        status, at = ("resolved" if ended else "open"), (ended or last).timestamp()
        labels = sorted({*story.labels, *self.dice.sample(LABELS, self.dice.choice((0, 0, 1)))})
        inbox, inbox_number = self.dice.choice(self.cast.inboxes)
        state = {
            "status": status, "labels": labels, "assignee": agent[1], "assignee_key": f"user/{agent[0]}",
            "assignee_kind": "user", f"user/{agent[0]}": agent[1], "inbox_id": inbox_number, "custom_attributes": {},
            "contact": contact | {"id": number, "phone_number": ""}, "snoozed_until": None,
            "team": team[1], "team_key": f"team/{team[0]}", f"team/{team[0]}": team[1],
            "priority": self.dice.choice(PRIORITIES),
        }  # fmt: skip
        told = [status_history.register(at, "open", "resolved", by_itself=True, status="")] if ended else []
        waits = not ended and said[-1]["is_customer_message"]
        return {
            "id": number, "source_id": self.cast.source, "display_id": number,
            "inbox_id": inbox, "contact_id": number,
            "status": status, "labels": labels, "assignee": agent[1], "team": team[1], "priority": state["priority"],
            "created_at": begun, "last_activity_at": ended or last, "waiting_since": last if waits else None,
            "waiting_message_id": said[-1]["id"] if waits else None,
            "registers": {field: [at, value] for field, value in state.items()} | dict(told),
        }  # fmt: skip

    def _begun(self) -> datetime:
        """More on weekdays, and by day."""
        day = self.until - timedelta(days=self.dice.randrange(self.days))
        if day.weekday() > 4 and self.dice.random() < 0.7:
            day -= timedelta(days=2)
        hour = self.dice.choices(range(24), HOURS)[0]
        begun = day.replace(hour=hour, minute=self.dice.randrange(60), second=self.dice.randrange(60))
        return begun if begun < self.until else begun - timedelta(days=1)

    def _skill(self, at: datetime) -> float:
        """From 0 in the first week to 1 today: the desk learns, and its figures show it."""
        return max(0.0, 1 - (self.until - at) / timedelta(days=self.days))

    def _said(self, at: datetime, agent: tuple[int, str], story: Story, language: str) -> Iterator[Row]:
        dice, by_customer, follows = self.dice, True, False
        quickly = AT_FIRST + (LATELY - AT_FIRST) * self._skill(at)
        most = max(2, round(dice.triangular(1, 2 * self.messages_each - 1)))
        for place in range(most):
            if place:
                usual = SLOWLY if by_customer else quickly
                at += timedelta(seconds=round(dice.lognormvariate(0, 1) * usual.total_seconds()) + 1)
            if at >= self.until:
                return
            asks = THANKS[language][:2] if follows and place == most - 1 else story.asks[language]
            yield self._message(at, dice.choice(asks) if by_customer else story.answers[language]) | {
                "kind": "incoming" if by_customer else "outgoing",
                "sender_id": None if by_customer else agent[0], "sender_name": "" if by_customer else agent[1],
                "sender_type": "" if by_customer else "user", "status": "sent",
                "is_customer_message": by_customer, "is_person_answer": not by_customer,
            }  # fmt: skip
            follows = follows or by_customer
            by_customer = not by_customer if dice.random() < 0.85 else by_customer

    def _ended(self, begun: datetime, said: list[Row]) -> datetime | None:
        young = self.until - begun < timedelta(days=5)
        if young and self.dice.random() < self.open_share:
            return None
        longest = 200 if said[-1]["is_customer_message"] else 600  # nobody waits for an answer to a thank you
        ended: datetime = said[-1]["created_at"] + timedelta(minutes=self.dice.randint(1, longest))
        if ended < self.until:
            return ended
        return None if self.open_share else self.until - timedelta(seconds=1)

    def _survey(self, at: datetime) -> Row:
        stars = self.dice.choice(STARS)
        answer = {"rating": stars, "feedback_message": self.dice.choice(SAID[stars > 3])}
        rated = (at + timedelta(hours=self.dice.randint(1, 48))).timestamp()
        known = self.dice.random() < RATED and rated < self.until.timestamp()
        attributes = {"submitted_values": {"csat_survey_response": answer}} if known else {}
        return self._message(at, "Please rate this conversation") | {
            "kind": "template", "content_type": "input_csat", "content_attributes": attributes,
            "registers": {"content_attributes": [rated, attributes]} if attributes else {},
        }  # fmt: skip

    def _message(self, at: datetime, content: str) -> Row:
        number = self.next_message
        self.next_message += 1
        return {"id": number, "message_id": number, "created_at": at, "content": content}
