"""Believable traffic for the demo: about twenty conversations at once, then a trickle, bounded.

The same seed makes the same customers ask the same things; only the clock differs.
"""

from __future__ import annotations

import random
import threading

from .records import Json, Message
from .stories import NOTES, PEOPLE, STORIES, THANKS, Story
from .world import World

CONVERSATIONS = 30
FIRST_CONVERSATIONS = 20
FIRST_GAP_S = 1.4
TRICKLE_GAP_S = 8.0
TROUBLE_AFTER = 5
# Enough for an hour of demo; after that the world rests, so it cannot grow for ever.
WHATSAPP_INBOX = 3
MOST_EVENTS = 450

QUESTIONS = {"input_select": "What is it about?", "form": "Please tell us your order."}
FIELDS: dict[str, list[Json]] = {
    "input_select": [{"title": "Broken item", "value": "broken"}, {"title": "Refund", "value": "refund"}],
    "form": [{"name": "order", "label": "Order number", "type": "text"}],
}
ANSWERS: dict[str, Json] = {
    "input_select": {"title": "Refund", "value": "refund"},
    "form": {"name": "order", "value": "#48213"},
}
STILL_HERE = "We are still on it and write to you today."


class Traffic:
    """Drives one world. `first_gap` and `gap` are seconds between events; `stop()` ends it."""

    def __init__(
        self,
        world: World,
        seed: int = 7,
        first_gap: float = FIRST_GAP_S,
        gap: float = TRICKLE_GAP_S,
    ) -> None:
        self.world = world
        self.first_gap = first_gap
        self.gap = gap
        self._rng = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self._started = 0
        self._untold: tuple[int, str] | None = None  # a voice message that is not transcribed yet
        self._with_machine: int | None = None  # the conversation that a bot or Captain has
        self._stories: dict[int, tuple[Story, str]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="traffic", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def run(self) -> None:
        while self._started < FIRST_CONVERSATIONS:
            self.begin_conversation()
            if self._started % 4 == 0:
                self.answer_in_chatwoot()
            if self._started == TROUBLE_AFTER:
                self.edit_note_while_reads_fail()
            if self._stopping.wait(self.first_gap):
                return
        for _ in range(MOST_EVENTS):
            if self._stopping.wait(self.gap):
                return
            self.step()

    def step(self) -> None:
        """One event of the trickle."""
        if self._started < CONVERSATIONS and self._rng.random() < 0.3:
            self.begin_conversation()
            return
        acts = (
            self.customer_returns, self.answer_in_chatwoot, self.resolve, self.annotate, self.customer_changes_it, self.put_off,
            self.ask_for_more, self.speak, self.rule_writes, self.bot_takes_over, self.merge,
        )  # fmt: skip
        self._rng.choices(acts, (6, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1))[0]()

    def begin_conversation(self) -> Message:
        """A customer asks; languages, inboxes and topics take turns so that all of them occur."""
        number = self._started
        self._started += 1
        language = ("en", "de")[number % 2]
        story = STORIES[(number * 5) % len(STORIES)]
        inbox_id = (1, 2, 1, 3, 2)[number % 5]
        message = self.world.customer_writes(
            inbox_id=inbox_id,
            contact=_contact(PEOPLE[language][number // 2 % len(PEOPLE[language])], inbox_id, number),
            content=self._rng.choice(story.asks[language]),
            attachments=[_file(story.attachment)] if story.attachment else None,
            email=_mail_headers(story, number) if inbox_id == 1 else None,
        )
        self._stories[message.conversation_id] = (story, language)
        if self._rng.random() < 0.5 and story.labels:
            self.world.add_labels(message.conversation_id, list(story.labels))
        return message

    def answer_in_chatwoot(self) -> None:
        """Maria answers someone herself, as the people behind Chatwoot go on doing."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is None:
            return
        story, language = self._stories[conversation_id]
        if self.world.conversation(conversation_id).inbox_id == WHATSAPP_INBOX:  # from the phone, as many do
            self.world.answer_outside(conversation_id=conversation_id, content=story.answers[language])
            return
        self.world.mark_seen(conversation_id)
        self.world.assign(conversation_id, 2)
        message = self.world.agent_writes(conversation_id=conversation_id, content=story.answers[language])
        self.world.update_status(message.id, "delivered")

    def customer_returns(self) -> None:
        conversation_id = self._pick(waiting=False)
        if conversation_id is None:
            return
        story, language = self._stories[conversation_id]
        text = self._rng.choice(THANKS[language] + story.asks[language])
        self.world.customer_writes(conversation_id=conversation_id, content=text)

    def resolve(self) -> None:
        """Close an answered conversation, ask how it was, and often get a grade."""
        conversation_id = self._pick(waiting=False)
        if conversation_id is None:
            return
        self.world.set_status(conversation_id, "resolved", user_id=2)
        survey = self.world.csat_request(conversation_id)
        if self._rng.random() < 0.6:
            rating = self._rng.choice((5, 5, 4, 4, 3, 2))
            self.world.csat_answer(survey.id, rating, "Quick answer" if rating > 3 else "Took long")

    def customer_changes_it(self) -> None:
        """Somebody edits what they wrote, or deletes it, as some channels let them."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is None:
            return
        wrote = [m for m in self.world.messages_of(conversation_id) if m.message_type == "incoming"]
        if self._rng.random() < 0.3 and len(wrote) > 1:
            self.world.delete_message(wrote[-1].id)
        else:
            self.world.edit_message(wrote[-1].id, f"{wrote[-1].content} (I mean the second one.)")

    def put_off(self) -> None:
        """Snoozed or set to pending by a person: the customer still waits."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is not None:
            self.world.set_status(conversation_id, self._rng.choice(("snoozed", "pending")), user_id=2)

    def annotate(self) -> None:
        conversation_id = self._pick(waiting=True)
        if conversation_id is not None:
            self.world.note(conversation_id=conversation_id, content=self._rng.choice(NOTES))

    def edit_note_while_reads_fail(self) -> None:
        """An edited note carries no version, so a mirror must read it again: here that fails for a while."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is None:
            return
        note = self.world.note(conversation_id=conversation_id, content=NOTES[0])
        path = rf"/conversations/{conversation_id}/messages$"
        self.world.faults.add("status", method="GET", path=path, times=3, code=502)
        self.world.edit_message(note.id, f"{NOTES[0]} (edited)")

    def ask_for_more(self) -> None:
        """The site asks by a choice or a form; most customers answer on it, which is not a message."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is None:
            return
        kind = self._rng.choice(("input_select", "form"))
        asked = self.world.ask(conversation_id, QUESTIONS[kind], kind, FIELDS[kind])
        if self._rng.random() < 0.7:
            self.world.fill_in(asked.id, [ANSWERS[kind]])

    def speak(self) -> None:
        """A voice message, and what it says in words some steps later, as Chatwoot's transcription job has it."""
        if self._untold is not None:
            message_id, text = self._untold
            self._untold = None
            if message_id in self.world.messages:
                self.world.transcribe(message_id, text)
            return
        conversation_id = self._pick(waiting=True)
        if conversation_id is None:
            return
        story, language = self._stories[conversation_id]
        message = self.world.customer_writes(
            conversation_id=conversation_id,
            content=None,
            attachments=[{"file_type": "audio", "extension": "ogg"}],
        )
        self._untold = message.id, self._rng.choice(story.asks[language])

    def rule_writes(self) -> None:
        """A delayed automation: it answers nobody."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is not None:
            self.world.automation_writes(conversation_id=conversation_id, content=STILL_HERE)

    def bot_takes_over(self) -> None:
        """Given to a bot or to Captain, who gives it back after a while."""
        if self._with_machine is not None:
            self.world.hand_over(self._with_machine)
            self._with_machine = None
            return
        conversation_id = self._pick(waiting=True)
        if conversation_id is not None:
            self.world.give_to_bot(conversation_id, captain=self._rng.random() < 0.5)
            self._with_machine = conversation_id

    def merge(self) -> None:
        """Two contacts turn out to be one person."""
        conversation_id = self._pick(waiting=True)
        if conversation_id is None:
            return
        gone = self.world.contacts[self.world.conversation(conversation_id).contact_id]
        kept = self.world.add_contact(gone.name, email=gone.email, phone_number=gone.phone_number)
        self.world.merge_contacts(kept.id, gone.id)

    def _pick(self, *, waiting: bool) -> int | None:
        """An open conversation this traffic began, whose customer does or does not wait."""
        with self.world.lock:
            fitting = [
                conversation.id
                for conversation in self.world.conversations.values()
                if conversation.id in self._stories
                and conversation.status == "open"
                and (conversation.waiting_since is not None) == waiting
            ]
        return self._rng.choice(fitting) if fitting else None


def _contact(name: str, inbox_id: int, number: int) -> Json:
    if inbox_id == 3:
        return {"name": name, "email": None, "phone_number": f"+49151555{number:05d}"}
    plain = name.lower().replace(" ", ".")
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(letter, letters)
    return {"name": name, "email": f"{plain}@customer.example"}


def _mail_headers(story: Story, number: int) -> Json:
    subject = {"subject": story.topic.capitalize()}
    # Some mails have others in copy: an answer that forgets them is a mistake worth seeing.
    return {**subject, "cc": ["accounting@customer.example"]} if number % 3 == 0 else subject


def _file(kind: str) -> Json:
    return {"file_type": kind, "extension": "jpg", "width": 1280, "height": 960}
