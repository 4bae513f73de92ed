"""Messages and contacts, found by the words in them. The database itself keeps the index, as it writes a row.

PostgreSQL: a GIN index on an expression, so there is nothing to write and nothing to forget. SQLite: an FTS5 table of the
words alone (the text stays in the message's row), written by triggers. Text is folded: case and accents make no difference,
and each Chinese or Japanese character is a word of its own. Decision 29 says why.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Func, Max, Q, QuerySet, Value
from django.db.models.functions import Greatest

from ..models import Contact, Message

MOST_LETTERS = 20_000  # of a message; a vector over 1 MiB would refuse the message itself
WINDOW = 100_000  # newest messages, which are looked through first: a common word is not sorted among all there ever were
PIECE, PIECES = 1_000, 5  # rows with the words whose rights are checked, in each of both parts
SCANNED = 50_000  # newest messages that SQLite reads for a Chinese or Japanese word
BATCH = 2_000
TERMS = 8
PREFIX_FROM = 3  # letters: shorter words are taken as they stand
DIGITS_FROM = 5  # of a phone number
MARKS = "\u0300-\u036f\u3099\u309a"
BREAKS = "\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f"
EACH = "\u3040-\u3098\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
OF_EACH = re.compile(f"[{EACH}]")
WORD = re.compile(f"[{EACH}]+|[^{BREAKS}{EACH}]+")
DIGITS = re.compile(r"[+(]?\d[\d\s()/.-]*")


def fold(text: str) -> str:
    """As the index has it: without case, accents and width."""
    return re.sub(f"[{MARKS}]", "", unicodedata.normalize("NFKD", text)).lower()


@dataclass(frozen=True)
class Query:
    """What a person typed. words: as typed; digits: of a phone number, without the leading zeros, or empty."""

    text: str
    words: tuple[str, ...]
    digits: str = ""

    @classmethod
    def of(cls, typed: str) -> "Query":
        text = " ".join(typed.replace("\0", "").split())[:200]
        digits = re.sub(r"\D", "", text).lstrip("0") if DIGITS.fullmatch(text) else ""
        words = WORD.findall(unicodedata.normalize("NFKC", text))[:TERMS]
        return cls(text, tuple(words), digits if len(digits) >= DIGITS_FROM else "")

    @property
    def folded(self) -> list[str]:
        return [fold(word) for word in self.words]

    @property
    def number(self) -> int | None:
        """Of a row or a conversation: 123 or #123."""
        found = re.fullmatch(r"#?([0-9]{1,18})", self.text)
        return int(found[1]) if found else None


def messages(query: Query, *, seen: Q, most: int) -> list[Message]:
    """Those that have every word, newest first, of the conversations that `seen` allows.

    Words first, rights second, in pieces: a person's inboxes would lead PostgreSQL to read every message in them.
    """
    found = _with_words(Message.objects.filter(deleted=False).exclude(kind="activity"), query)
    if found is None:
        return []
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    out: list[Message] = []
    for window in (Q(pk__gt=newest - WINDOW), Q(pk__lte=newest - WINDOW)):
        for numbers in _pieces(found.filter(window)):
            rows = Message.objects.filter(seen, pk__in=numbers).order_by("-pk")
            rows = rows.select_related("conversation__contact", "conversation__inbox")
            out += rows.defer("registers", "conversation__registers")[: most - len(out)]
            if len(out) == most:
                return out
    return out


def _pieces(found: QuerySet[Message]) -> Iterator[list[int]]:
    """Numbers of the newest rows, PIECE at a time."""
    below = found
    for _ in range(PIECES):
        numbers = list(below.order_by("-pk").values_list("pk", flat=True)[:PIECE])
        yield numbers
        if len(numbers) < PIECE:
            return
        below = found.filter(pk__lt=numbers[-1])


def _with_words(rows: QuerySet[Message], query: Query) -> QuerySet[Message] | None:
    """None where nothing can be looked for."""
    if connection.vendor == "postgresql":
        asked = " & ".join(_tsquery(query.folded))
        return (
            rows.filter(_Matches(Func("content", function="support_words"), Value(asked))) if asked else None
        )
    words = [word for word in query.words if not OF_EACH.search(word)]
    if scanned := [word for word in query.words if OF_EACH.search(word)]:
        newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
        rows = rows.filter(pk__gt=newest - SCANNED)
        for word in scanned:
            rows = rows.filter(content__contains=word)
    if words:
        asked = " ".join(f'"{word}"{"*" if len(word) >= PREFIX_FROM else ""}' for word in words)
        rows = rows.filter(_InIndex("id", Value(asked)))
    return rows if query.words else None


def contacts(query: Query, *, seen: Q) -> QuerySet[Contact]:
    """By name, address or phone number, those that changed last first."""
    changed = Greatest("name_version", "email_version", "phone_number_version")
    rows = Contact.objects.filter(seen).annotate(changed=changed).order_by("-changed", "-pk").distinct()
    if not query.words:
        return rows.none()
    if connection.vendor == "postgresql":
        words = [f"r{query.digits[::-1]}"] if query.digits else query.folded
        vector = Func("name", "email", "phone_number", function="support_contact_words")
        return rows.filter(_Matches(vector, Value(" & ".join(_tsquery(words)))))
    if query.digits:
        return rows.filter(_PhoneEnds("phone_number", Value(f"%{query.digits}")))
    for word in query.words:
        rows = rows.filter(
            Q(name__icontains=word) | Q(email__icontains=word) | Q(phone_number__contains=word)
        )
    return rows


def _tsquery(words: list[str]) -> Iterator[str]:
    for word in words:
        if OF_EACH.search(word):
            yield "(" + " <-> ".join(f"'{letter}'" for letter in word) + ")"
        else:
            yield f"'{word}'{':*' if len(word) >= PREFIX_FROM else ''}"


class _Condition(Func):
    output_field = BooleanField()


class _Matches(_Condition):
    """A vector, and what is asked of it."""

    template = "(%(expressions)s))"
    arg_joiner = " @@ to_tsquery('simple', "


class _InIndex(_Condition):
    template = "(%(expressions)s))"
    arg_joiner = " IN (SELECT rowid FROM webhooks_message_words WHERE webhooks_message_words MATCH "


class _PhoneEnds(_Condition):
    template = "(replace(replace(replace(replace(%(expressions)s)"
    arg_joiner = ", ' ', ''), '-', ''), '(', ''), ')', '') LIKE "


# Keeping it


def install() -> None:
    """Indexes what is there, in batches that each commit, while others read and write. Called by a migration; can be repeated."""
    _install_postgresql() if connection.vendor == "postgresql" else _install_sqlite()


def remove() -> None:
    statements = _REMOVE_POSTGRESQL if connection.vendor == "postgresql" else _REMOVE_SQLITE
    for statement in statements:
        _run(statement)


def drop_erased() -> None:
    """After texts were erased. FTS5 only marks old words as gone until it merges its parts: this merges them now.

    PostgreSQL has the words in the index of the row's old version alone, which goes with it.
    """
    if connection.vendor == "sqlite":
        _run("INSERT INTO webhooks_message_words(webhooks_message_words) VALUES ('optimize')")


def _run(statement: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# Not in SQL, which would be inlined: then PostgreSQL takes it for cheap, and walks the table instead of the index.
# Each is whole in itself: a dump is restored without a search path.
_FUNCTION = rf"""
CREATE OR REPLACE FUNCTION %s RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
BEGIN
  RETURN to_tsvector('simple'::regconfig, regexp_replace(
    regexp_replace(normalize(left(%s, {MOST_LETTERS}), NFKD), '[{MARKS}]', '', 'g'),
    '([{EACH}])|[{BREAKS}]+', ' \1 ', 'g'));
END $$"""
# A phone number is kept backwards too: people type its end, without the country.
_REVERSED = r"' r' || reverse(regexp_replace(phone, '\D', '', 'g'))"
_FUNCTIONS = (
    _FUNCTION % ("support_words(content text)", "content"),
    _FUNCTION
    % (
        "support_contact_words(name text, email text, phone text)",
        f"name || ' ' || email || ' ' || phone || {_REVERSED}",
    ),
)
_INDEXES = {
    "message_words": "webhooks_message USING gin (support_words(content))",
    "contact_words": "webhooks_contact USING gin (support_contact_words(name, email, phone_number))",
}
_REMOVE_POSTGRESQL = (
    *(f"DROP INDEX CONCURRENTLY IF EXISTS {name}" for name in _INDEXES),
    "DROP FUNCTION IF EXISTS support_contact_words(text, text, text)",
    "DROP FUNCTION IF EXISTS support_words(text)",
)


def _install_postgresql() -> None:
    for statement in _FUNCTIONS:
        _run(statement)
    for name, columns in _INDEXES.items():
        # An index that a stopped build left behind is not used, and in the way.
        _run(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        _run(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
        _run(f"ANALYZE {columns.split()[0]}")


_TRIGGERS = ("inserted", "changed", "deleted")
_REMOVE_SQLITE = (
    *(f"DROP TRIGGER IF EXISTS webhooks_message_{name}" for name in _TRIGGERS),
    "DROP TABLE IF EXISTS webhooks_message_words",
)
_TABLE = """
CREATE VIRTUAL TABLE webhooks_message_words USING fts5(
  content, content='webhooks_message', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"""
_GOES = "INSERT INTO webhooks_message_words(webhooks_message_words, rowid, content) VALUES ('delete', old.id, old.content);"
_COMES = "INSERT INTO webhooks_message_words(rowid, content) VALUES (new.id, new.content);"


def _install_sqlite() -> None:
    """From the newest message back. The triggers act for what is indexed already, so no row comes in twice or goes unseen."""
    with transaction.atomic():
        for statement in (*_REMOVE_SQLITE, _TABLE):
            _run(statement)
        above = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
        _set_triggers(above)
    while above:
        with transaction.atomic():
            numbers = list(
                Message.objects.filter(pk__lte=above).order_by("-pk").values_list("pk", flat=True)[:BATCH]
            )
            if numbers:
                _run(
                    "INSERT INTO webhooks_message_words(rowid, content) SELECT id, content FROM webhooks_message "
                    "WHERE id BETWEEN %s AND %s", [numbers[-1], above],
                )  # fmt: skip
            above = numbers[-1] - 1 if len(numbers) == BATCH else 0
            _set_triggers(above)


def _set_triggers(above: int) -> None:
    """A later migration that rebuilds the table of messages drops them: it must call install() again."""
    for statement in _REMOVE_SQLITE[: len(_TRIGGERS)]:
        _run(statement)
    _run(
        "CREATE TRIGGER webhooks_message_inserted AFTER INSERT ON webhooks_message "
        f"WHEN new.id > {above} BEGIN {_COMES} END"
    )
    _run(
        "CREATE TRIGGER webhooks_message_changed AFTER UPDATE OF content ON webhooks_message "
        f"WHEN old.id > {above} AND old.content IS NOT new.content BEGIN {_GOES} {_COMES} END"
    )
    _run(
        "CREATE TRIGGER webhooks_message_deleted AFTER DELETE ON webhooks_message "
        f"WHEN old.id > {above} BEGIN {_GOES} END"
    )
