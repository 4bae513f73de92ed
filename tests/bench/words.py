"""Many messages with words as often as in a language, and how long the search of every page takes among them."""

import itertools
import random
import time
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from support_site.search import kinds
from tests.factories import make_source, make_user
from webhooks.mirror import message_index
from webhooks.mirror.message_index import Query
from webhooks.models import Contact, Conversation, Inbox, Message

INSIDE = 10  # messages of a conversation
WORDS = 20  # of a message
BATCH = 5_000
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")


def grow(*, rows: int) -> dict[str, Any]:
    """Seconds to index what is there already, and the bytes that the index takes."""
    chance, source, now = random.Random(7), make_source(), timezone.now()
    boxes = [
        Inbox.objects.get_or_create(source=source, inbox_id=number, defaults={"name": f"Inbox {number}"})[0]
        for number in range(1, 11)
    ]
    message_index.remove()
    words = ["".join(one) for one in itertools.product(SYLLABLES, repeat=4)][:30_000]
    chance.shuffle(words)
    for first in range(0, rows // INSIDE, BATCH):
        numbers = range(first + 1, min(first + BATCH, rows // INSIDE) + 1)
        people = Contact.objects.bulk_create(
            Contact(source=source, contact_id=number, name=f"{words[number % 30_000].title()} {words[number % 977].title()}",
                    email=f"{words[number % 30_000]}{number}@example.com", phone_number=f"+49170{number:07}")
            for number in numbers
        )  # fmt: skip
        about = Conversation.objects.bulk_create(
            Conversation(source=source, display_id=person.contact_id, contact=person, inbox=boxes[person.contact_id % 10],
                         last_activity_at=now, clocks_memory={})
            for person in people
        )  # fmt: skip
        for place in range(INSIDE):
            Message.objects.bulk_create(_message(row, place, chance, words, now) for row in about)
    began = time.perf_counter()
    message_index.install()
    built = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as PostgreSQL does by itself
    return {"built_s": built, "bytes": _bytes()}


def _message(row: Conversation, place: int, chance: random.Random, words: list[str], now: Any) -> Message:
    said = [words[min(int(chance.paretovariate(0.6)), 29_999)] for _ in range(WORDS)]
    if chance.random() < 0.3:
        said[3] = "order"
    if row.display_id % 5000 == 0:
        said[5] = "umbrella"
    return Message(
        conversation=row, message_id=row.display_id * INSIDE + place, kind="outgoing" if place % 3 == 2 else "incoming",
        created_at=now - timedelta(seconds=row.display_id), content=" ".join(said),
    )  # fmt: skip


def _bytes() -> int:
    asked = (
        "SELECT pg_relation_size('message_words')"
        if connection.vendor == "postgresql"
        else "SELECT sum(length(block)) FROM webhooks_message_words_data"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return int(cursor.fetchone()[0])


def ask(*, typed: str, inboxes: int | None, times: int) -> dict[str, Any]:
    """ms of each search by a Lead who sees so many inboxes (None: all), and how many hits there were."""
    name = f"lead{inboxes or 'all'}"
    user = User.objects.filter(username=name).first() or make_user(
        name, "Lead", inboxes=None if inboxes is None else list(Inbox.objects.order_by("pk")[:inboxes])
    )
    took = []
    for _ in range(times):
        began = time.perf_counter()
        groups = kinds.find(Query.of(typed), User.objects.get(pk=user.pk), now=timezone.now())
        took.append((time.perf_counter() - began) * 1000)
    return {"ms": took, "hits": sum(len(group.hits) for group in groups)}
