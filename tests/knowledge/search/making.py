"""An embedder whose vectors can be read, for tests that need no model; and confirmed questions."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from knowledge.models import Article, Question
from knowledge.search import embedders
from knowledge.search.embedders import EmbedderError
from tests.factories import later, make_editor, make_inbox
from webhooks.models import Contact, Conversation, Inbox

TOPICS = ("password", "refund", "parcel", "invoice")


class FakeEmbedder:
    """One dimension per topic word; counts what it is asked."""

    def __init__(self, *, name: str = "fake", extra: int = 1) -> None:
        self.name, self.dims, self.asked, self.fails = name, len(TOPICS) + extra, 0, False

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if self.fails:
            raise EmbedderError("the fake one fails")
        self.asked += len(texts)
        rows = [
            [text.lower().count(topic) for topic in TOPICS] + [1.0] * (self.dims - len(TOPICS))
            for text in texts
        ]
        return embedders.unit(np.array(rows, dtype=np.float32).reshape(len(texts), self.dims))

    def knows(self, word: str) -> bool:
        return False


numbers = count(5000)


def make_question(
    article: Article, text: str, *, inbox: Inbox | None = None, customer: int = 0, **facts: Any
) -> Question:
    """Confirmed, each by a customer of its own; the later, the newer."""
    number, inbox = next(numbers), inbox or make_inbox()
    contact, _ = Contact.objects.get_or_create(source=inbox.source, contact_id=customer or number)
    conversation = Conversation.objects.create(
        source=inbox.source, display_id=number, inbox=inbox, contact=contact
    )
    facts = {"confirmed_by": make_editor(), "at": later(number)} | facts
    return Question.objects.create(article=article, conversation=conversation, text=text, **facts)
