"""Random but repeatable scripts of what happens in an account, as the webhooks it would send.

For property tests of a fold: the clock often stands still (ties), events are built late (equal
states), and some changes never send a version (notes edited, older messages updated).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from . import payloads
from .records import OUTSIDE, STATUSES, Event, Json, Message
from .world import World

START = 1_780_000_000.0
CHOICES: list[Json] = [{"title": "Broken item", "value": "broken"}, {"title": "Refund", "value": "refund"}]
LABELS = ("billing", "refund", "shipping", "vip")

Step = Callable[[random.Random, World], object]


class StepClock:
    """A clock that moves only when told to."""

    def __init__(self, start: float = START) -> None:
        self.time = start

    def __call__(self) -> float:
        return self.time

    def move(self, rng: random.Random) -> None:
        # Two in five changes share a moment with the one before; some differ by microseconds only.
        self.time += rng.choice((0.0, 0.0, 0.000_123, 0.4, 61.5))


def generate_history(
    rng: random.Random, steps: int = 20, *, versions: bool = True
) -> tuple[list[Json], World]:
    """Webhook payloads in the order they were built, and the world they led to. versions: those of conversations."""
    clock = StepClock()
    world = World(now=clock, seed=rng.randrange(2**31))
    world.versions = versions
    world.renders = rng.random() < 0.3
    if rng.random() < 0.5:
        world.bot_inboxes.add(2)
    waiting: list[Event] = []
    history: list[Json] = []
    for _ in range(steps):
        clock.move(rng)
        _settle(world)
        rng.choices([step for step, _ in STEPS], [weight for _, weight in STEPS])[0](rng, world)
        waiting += world.outbox.take_all()
        history += _build_some(world, waiting, rng)
    _settle(world)
    rng.shuffle(waiting)
    return history + [p for event in waiting if (p := payloads.build(world, event))], world


def _build_some(world: World, waiting: list[Event], rng: random.Random) -> list[Json]:
    """Some of the waiting events, in no order; the others will show a later state."""
    rng.shuffle(waiting)
    chosen = [waiting.pop() for _ in range(rng.randint(0, len(waiting)))]
    return [payload for event in chosen if (payload := payloads.build(world, event))]


def _customer_writes(rng: random.Random, world: World) -> None:
    known = [*world.conversations, None] if len(world.conversations) < 3 else [*world.conversations]
    inbox_id = rng.choice(list(world.inboxes))
    world.customer_writes(
        content=_text(rng),
        inbox_id=inbox_id,
        contact=rng.choice(("Ann Lee", "Bo Weber")),
        conversation_id=rng.choice(known),
    )


def _post(rng: random.Random, world: World, private: bool) -> None:
    sender = rng.choice([*world.users.values(), world.bot, world.captain])
    world.post_message(conversation_id=_any(rng, world), sender=sender, content=_text(rng), private=private)


def _reply(rng: random.Random, world: World) -> None:
    _post(rng, world, private=False)


def _note(rng: random.Random, world: World) -> None:
    _post(rng, world, private=True)


def _answer_outside(rng: random.Random, world: World) -> None:
    where = rng.choice(list(OUTSIDE))
    world.answer_outside(conversation_id=_any(rng, world), content=_text(rng), where=where)


def _call_back(rng: random.Random, world: World) -> None:
    world.call_back(conversation_id=_any(rng, world), status=rng.choice(("no-answer", "completed")))


def _automate(rng: random.Random, world: World) -> None:
    world.automation_writes(conversation_id=_any(rng, world), content=_text(rng))


def _bot(rng: random.Random, world: World) -> None:
    number = _any(rng, world)
    if rng.random() < 0.5:
        world.hand_over(number)
    else:
        world.give_to_bot(number, captain=rng.random() < 0.5)


def _merge(rng: random.Random, world: World) -> None:
    if len(world.contacts) > 1:
        world.merge_contacts(*rng.sample(sorted(world.contacts), 2))


def _change_status(rng: random.Random, world: World) -> None:
    world.set_status(_any(rng, world), rng.choice(STATUSES), settle=rng.random() < 0.5)


def _settle(world: World) -> None:
    """The bare column update that follows a resolve; what was built before it still shows a wait."""
    for conversation in world.conversations.values():
        if conversation.status == "resolved":
            world.clear_waiting(conversation.id)


def _label(rng: random.Random, world: World) -> None:
    world.set_labels(_any(rng, world), rng.sample(LABELS, rng.randint(0, 2)))


def _prioritise(rng: random.Random, world: World) -> None:
    world.set_priority(_any(rng, world), rng.choice((None, "low", "urgent")))


def _assign(rng: random.Random, world: World) -> None:
    world.assign(_any(rng, world), rng.choice((None, *world.users)))


def _see(rng: random.Random, world: World) -> None:
    world.mark_seen(_any(rng, world))


def _edit(rng: random.Random, world: World) -> None:
    message = _spoken(rng, world)
    if not message.content_attributes.get("deleted"):
        world.edit_message(message.id, _text(rng))


def _delete(rng: random.Random, world: World) -> None:
    world.delete_message(_spoken(rng, world).id)


def _deliver(rng: random.Random, world: World) -> None:
    world.update_status(_spoken(rng, world).id, rng.choice(("sent", "delivered", "read")))


def _fail(rng: random.Random, world: World) -> None:
    world.fail_message(_spoken(rng, world).id, rng.choice(("Mailbox full", "Blocked")))


def _retry(rng: random.Random, world: World) -> None:
    message = _spoken(rng, world)
    if message.status == "failed" and not message.content_attributes.get("deleted"):
        world.retry_message(message.id)


def _survey(rng: random.Random, world: World) -> None:
    message = world.csat_request(_any(rng, world))
    world.csat_answer(message.id, rng.randint(1, 5), rng.choice(("", "Quick, thank you")))


def _ask(rng: random.Random, world: World) -> None:
    """A choice, a form or a question for an address; some are answered, at once or after more has happened."""
    kind = rng.choice(("input_select", "form", "input_email"))
    by = rng.choice(({"by_bot": True}, {"user_id": 2}, {}))
    world.ask(_any(rng, world), "What is it about?", kind, CHOICES, **by)
    if rng.random() < 0.5:
        _fill_in(rng, world)


def _fill_in(rng: random.Random, world: World) -> None:
    asked = [m for m in world.messages.values() if m.content_type in ("input_select", "form", "input_email")]
    if not asked:
        return
    message = rng.choice(asked)
    if message.content_type == "input_email":
        world.fill_in(message.id, email=rng.choice(("ann@home.example", "bo@home.example")))
    else:
        world.fill_in(message.id, [rng.choice(CHOICES)])


def _speak(rng: random.Random, world: World) -> None:
    world.customer_writes(
        content=None, conversation_id=_any(rng, world), attachments=[{"file_type": "audio"}]
    )


def _transcribe(rng: random.Random, world: World) -> None:
    spoken = [m for m in world.messages.values() if any(one["file_type"] == "audio" for one in m.attachments)]
    if spoken:
        world.transcribe(rng.choice(spoken).id, _text(rng))


STEPS: list[tuple[Step, int]] = [
    (_customer_writes, 5),
    (_reply, 4),
    (_answer_outside, 3),
    (_call_back, 1),
    (_automate, 1),
    (_bot, 2),
    (_merge, 1),
    (_note, 2),
    (_change_status, 4),
    (_label, 2),
    (_prioritise, 1),
    (_assign, 2),
    (_see, 1),
    (_edit, 2),
    (_delete, 1),
    (_deliver, 3),
    (_fail, 1),
    (_retry, 1),
    (_survey, 1),
    (_ask, 2),
    (_fill_in, 1),
    (_speak, 1),
    (_transcribe, 2),
]


def _any(rng: random.Random, world: World) -> int:
    if not world.conversations:
        _customer_writes(rng, world)
    return rng.choice(list(world.conversations))


def _spoken(rng: random.Random, world: World) -> Message:
    """Any message a webhook would tell of, not only the newest."""
    conversation_id = _any(rng, world)
    messages = [m for m in world.messages_of(conversation_id) if m.message_type != "activity"]
    return rng.choice(messages)


def _text(rng: random.Random) -> str:
    return rng.choice(("Hello", "Where is my order?", "Grüße & Dank <3", "We look into it."))
