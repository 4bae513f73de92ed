"""The rows an installation is seeded with. The command makes them once a process; after that they are put in again as it
made them, which costs a tenth: most tests of a page want them, and the command takes longer than the page.
"""

import io
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
KEPT: dict[int, Rows] = {}  # by the newest permission: a test that empties the tables has them numbered anew


def seed() -> None:
    """What the command does, with the sample articles. A database that holds rows already is the command's own to judge."""
    if not _is_empty():
        call_command("seed", samples=True, stdout=io.StringIO())
        return
    numbered = Permission.objects.aggregate(newest=Max("pk"))["newest"]
    if numbered not in KEPT:
        call_command("seed", samples=True, stdout=io.StringIO())
        KEPT[numbered] = _rows()
        return
    # In one transaction: an article and its version refer to each other.
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in KEPT[numbered].items():
            names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def _tables() -> list[str]:
    """All but those that a migration fills."""
    models = set(apps.get_models(include_auto_created=True)) - {ContentType, Permission}
    return sorted(
        {connection.ops.quote_name(model._meta.db_table) for model in models if model._meta.managed}
    )


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in _tables()))
        return not cursor.fetchone()[0]


def _rows() -> Rows:
    kept = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {table}")
            columns = [connection.ops.quote_name(column[0]) for column in cursor.description]
            if rows := cursor.fetchall():
                kept[table] = (columns, rows)
    return kept
