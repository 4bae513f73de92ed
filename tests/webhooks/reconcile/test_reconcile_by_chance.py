"""Whatever happened while nobody received, in whatever order its webhooks come afterwards: one and the same mirror."""

import random
from collections import Counter

import pytest

from tests.factories import deliver
from tests.webhooks.reconcile.reconciling import Wire, build
from webhooks.models import Conversation, Delivery, Message

pytestmark = pytest.mark.django_db
ACTS = 15


class Night:
    """Customers, agents and surveys by chance; `seed` makes it the same night again."""

    def __init__(self, wire: Wire, seed: int) -> None:
        self.wire, self.world, self.chance = wire, wire.world, random.Random(seed)
        self.surveys: list[int] = []

    def act(self) -> None:
        self.wire.tick(self.chance.uniform(1, 120))
        acts = (self.write, self.answer, self.resolve, self.change, self.spoil, self.survey, self.delete)
        self.chance.choices(acts, (6, 4, 2, 3, 2, 2, 1))[0]()

    def write(self) -> None:
        known = [*self.world.conversations, None]
        self.wire.write("A question.", to=self.chance.choice(known), contact=f"C{self.chance.random()}")

    def answer(self) -> None:
        if self.world.conversations:
            self.world.agent_writes(conversation_id=self._one(), content="An answer.")

    def resolve(self) -> None:
        if self.world.conversations:
            self.world.set_status(self._one(), self.chance.choice(["open", "resolved", "snoozed", "pending"]))

    def change(self) -> None:
        if self.world.conversations:
            number = self._one()
            self.world.set_priority(number, self.chance.choice([None, "high"]))
            self.world.add_labels(number, [self.chance.choice(["vip", "refund"])])
            self.world.assign(number, self.chance.choice([None, 2]))

    def spoil(self) -> None:
        answers = [one.id for one in self.world.messages.values() if one.message_type == "outgoing"]
        if answers:
            fate = self.chance.choice([self.world.delete_message, self.world.fail_message])
            fate(self.chance.choice(answers))

    def survey(self) -> None:
        if self.world.conversations and self.chance.random() < 0.5:
            self.surveys.append(self.world.csat_request(self._one()).id)
        elif self.surveys:
            self.world.csat_answer(self.surveys.pop(), self.chance.randint(1, 5))

    def delete(self) -> None:
        if len(self.world.conversations) > 3:
            self.world.delete_conversation(self._one())

    def _one(self) -> int:
        return self.chance.choice(list(self.world.conversations))


@pytest.fixture(params=range(3))
def night(wire, request) -> Night:
    """The first third is received, of the rest nothing: its webhooks are what the fixture's user may send late."""
    night = Night(wire, request.param)
    for _ in range(ACTS // 3):
        night.act()
    wire.webhooks()
    for _ in range(ACTS):
        night.act()
    return night


def test_nothing_is_missing_and_what_comes_late_changes_nothing(night):
    wire = night.wire
    late = build(wire)
    wire.tick(600)

    wire.search()

    found = wire.ours()
    assert found == wire.chatwoots()
    night.chance.shuffle(late)
    for payload in late:
        deliver(payload, source=wire.source, now=wire.now)
    assert wire.ours() == found


def test_a_message_is_there_once_and_drafted_for_once_at_most(night):
    wire = night.wire
    wire.lose()
    wire.tick(600)

    wire.search()
    wire.search()

    told = Counter(Message.objects.values_list("message_id", flat=True))
    drafted = Counter(Delivery.objects.filter(event="draft.request").values_list("message_id", flat=True))
    assert set((told | drafted).values()) == {1}


def test_what_was_missed_is_drafted_for_where_it_waits_alone(night):
    wire = night.wire
    before = set(Delivery.objects.filter(event="draft.request").values_list("message_id", flat=True))
    wire.lose()
    wire.tick(600)

    wire.search()

    waiting = Conversation.objects.filter(status="open").values_list("waiting_message__message_id", flat=True)
    asked = Delivery.objects.filter(event="draft.request").values_list("message_id", flat=True)
    assert set(asked) - before <= set(waiting)
