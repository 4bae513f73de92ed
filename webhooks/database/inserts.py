"""INSERT with a cached statement: building one for 30 columns with the ORM costs more than running it (decision 0018)."""

import functools
from typing import Any

from django.db import connection, transaction
from django.db.models import Field, Model


def insert(row: Model, *, unless_known: bool = False) -> bool:
    """Like row.save(force_insert=True). unless_known: False, and nothing happens, if a unique constraint has such a row."""
    own = transaction.get_connection()  # the connection itself: `connection` looks it up at each use
    statement, fields = _statement(own.vendor, type(row), unless_known)
    values = [
        ready if (value := getattr(row, field.attname)) == default else field.get_db_prep_save(value, own)
        for field, default, ready in fields
    ]
    # On PostgreSQL this sends bytes as binary data instead of as text inside the statement.
    with getattr(own, "binding_cursor", own.cursor)() as cursor:
        cursor.execute(statement, values)
        inserted = cursor.fetchone()
    if inserted:
        row.pk, row._state.adding, row._state.db = inserted[0], False, own.alias
    return bool(inserted)


@functools.cache
def _statement(
    vendor: str, model: type[Model], unless_known: bool
) -> tuple[str, list[tuple[Field, Any, Any]]]:
    """The statement, and its columns in order: (field, its default, that as the database takes it)."""
    name = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(name(str(field.column)) for field in fields)
    places = ", ".join("%s" for _ in fields)
    conflict = "ON CONFLICT DO NOTHING " if unless_known else ""
    table = name(model._meta.db_table)
    known = [
        (field, default, field.get_db_prep_save(default, connection))
        for field, default in ((field, field.get_default()) for field in fields)
    ]
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) {conflict}RETURNING id", known  # noqa: S608  (only names)
