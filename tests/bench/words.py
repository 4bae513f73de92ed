"""Many messages with words as often as in a language, and how long the search of every page takes among them."""

import itertools
import random
import time
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from support_site.search import kinds
from tests.factories import make_source, make_user
from webhooks.mirror import message_index
from webhooks.mirror.message_index import Query
from webhooks.models import Contact, Conversation, Inbox, Message

INBOXES = 10
INSIDE = 10  # messages of a conversation
WORDS = 20  # of a message
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")


def grow(*, rows: int) -> dict[str, Any]:
    """Seconds to index what is there already, and the bytes that the index takes. PostgreSQL makes the rows up itself."""
    source, now = make_source(), timezone.now()
    boxes = [Inbox.objects.create(source=source, inbox_id=100 + n, name=f"Inbox {n}") for n in range(INBOXES)]
    person = Contact.objects.create(source=source, contact_id=0, name="No one")
    about = Conversation.objects.create(
        source=source, display_id=0, contact=person, inbox=boxes[0], clocks_memory={}
    )
    message = Message.objects.create(
        conversation=about, message_id=0, kind="incoming", created_at=now, content="-"
    )
    message_index.remove()
    many = rows // INSIDE
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE said AS SELECT %s::text[] AS words", [_words()])
        copy = "INSERT INTO {0} ({1}) SELECT {2} FROM {0} t, said, generate_series(1, {3}) n WHERE t.id = {4}"
        cursor.execute(_copies(copy, person, many, contact_id="n", name="initcap(left(md5(n::text), 7))",
                               email="left(md5(n::text), 9) || '@example.com'",
                               phone_number="'+49170' || lpad(n::text, 7, '0')"))  # fmt: skip
        cursor.execute(
            _copies(
                copy,
                about,
                many,
                display_id="n",
                contact_id=f"{person.pk} + n",
                inbox_id=f"{boxes[0].pk} + n % {INBOXES}",
            )
        )
        cursor.execute(
            _copies(
                copy,
                message,
                rows,
                message_id="n",
                conversation_id=f"{about.pk} + 1 + n / {INSIDE} % {many}",
                content=SAID,
            )
        )
    began = time.perf_counter()
    message_index.install()
    built = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as PostgreSQL does by itself
        cursor.execute("SELECT pg_relation_size('message_words'), count(*) FROM webhooks_message")
        size, count = cursor.fetchone()
    return {"built_s": built, "bytes": size, "count": count}


# Words as often as in a language: few of them are most of a text. One word is in three of ten messages, one is rare.
SAID = f"""
(SELECT string_agg(words[1 + 0 * g + least(1999, power(1 - random(), -1 / 0.6))::int], ' ')
FROM generate_series(1, {WORDS}) g WHERE n > 0)
|| CASE WHEN random() < 0.3 THEN ' order' ELSE '' END || CASE WHEN n % 5000 = 0 THEN ' umbrella' ELSE '' END"""


def _words() -> list[str]:
    words = ["".join(one) for one in itertools.product(SYLLABLES, repeat=4)][:2_000]
    random.Random(7).shuffle(words)
    return words


def _copies(statement: str, row: Model, many: int, **other: str) -> str:
    """An INSERT of so many rows like this one, except for these columns: SQL, with the place as n."""
    columns = [str(field.column) for field in row._meta.concrete_fields if not field.primary_key]
    values = [other.get(name, f't."{name}"') for name in columns]
    return statement.format(
        row._meta.db_table, ", ".join(f'"{name}"' for name in columns), ", ".join(values), many, row.pk
    )


def ask(*, typed: str, inboxes: int | None, times: int) -> dict[str, Any]:
    """ms of each search by a Lead who sees so many inboxes (None: all), and how many hits there were."""
    name = f"lead{inboxes or 'all'}"
    user = User.objects.filter(username=name).first() or make_user(
        name, "Lead", inboxes=None if inboxes is None else list(Inbox.objects.order_by("-pk")[:inboxes])
    )
    took = []
    for _ in range(times):
        began = time.perf_counter()
        groups = kinds.find(Query.of(typed), User.objects.get(pk=user.pk), now=timezone.now())
        took.append((time.perf_counter() - began) * 1000)
    return {"ms": took, "hits": sum(len(group.hits) for group in groups)}
