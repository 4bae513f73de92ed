"""Migrations after the last release leave the running code them running; each rule is broken once here."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test import Client

from support_site.operations import migration_rules
from tests.factories import make_source, message_event, signed

pytestmark = pytest.mark.once
UNIQUE = models.UniqueConstraint(fields=["name"], name="one_a_name")


def before() -> ProjectState:
    """One table, as the running code knows it."""
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("note", models.CharField(max_length=20, null=True)),
    ]
    state = ProjectState()
    state.add_model(ModelState("webhooks", "Thing", fields))
    return state


def found(*operations: migrations.operations.base.Operation, why: str = "") -> list[str]:
    migration = Migration("0999_next", "webhooks")
    migration.operations, migration.stops_running_code = list(operations), why
    return migration_rules.breaches(migration, before())


BREAKS = {
    "a column goes": migrations.RemoveField("thing", "name"),
    "a table goes": migrations.DeleteModel("Thing"),
    "a column gets another name": migrations.RenameField("thing", "name", "title"),
    "a table gets another name": migrations.RenameModel("Thing", "Item"),
    "a new column must be given": migrations.AddField("thing", "size", models.IntegerField(default=0)),
    "a column may be empty no more": migrations.AlterField("thing", "note", models.CharField(max_length=20)),
    "a column gets another type": migrations.AlterField("thing", "name", models.IntegerField()),
    "a column gets shorter": migrations.AlterField("thing", "name", models.CharField(max_length=10)),
    "a new constraint": migrations.AddConstraint("thing", UNIQUE),
}
FINE = {
    "a new table": [
        migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("other", "size", models.IntegerField(default=0)),
    ],
    "a new column that may be empty": [migrations.AddField("thing", "size", models.IntegerField(null=True))],
    "a new column that the database fills": [
        migrations.AddField("thing", "size", models.IntegerField(db_default=0))
    ],
    "a new column that is changed at once": [
        migrations.AddField("thing", "size", models.IntegerField(null=True)),
        migrations.AlterField("thing", "size", models.IntegerField(null=True, db_index=True)),
    ],
    "a column gets longer": [migrations.AlterField("thing", "name", models.CharField(max_length=40))],
    "a constraint is put anew": [
        migrations.RemoveConstraint("thing", "one_a_name"),
        migrations.AddConstraint("thing", UNIQUE),
    ],
    "rows are changed": [migrations.RunPython(migrations.RunPython.noop)],
    "an index": [migrations.AddIndex("thing", models.Index(fields=["name"], name="by_name"))],
}


@pytest.mark.parametrize("case", BREAKS)
def test_what_stops_running_code_is_found(case):
    assert len(found(BREAKS[case])) == 1


@pytest.mark.parametrize("case", FINE)
def test_what_running_code_can_live_with_passes(case):
    assert found(*FINE[case]) == []


def test_a_migration_may_say_why_it_breaks_a_rule():
    assert found(BREAKS["a table goes"], why="Nobody has used it since March.") == []


def test_no_migration_since_the_last_release_stops_running_code():
    loader = MigrationLoader(None)
    new = {key: one for key, one in loader.disk_migrations.items() if migration_rules.is_new(one)}

    said = [
        breach
        for key, one in new.items()
        for breach in migration_rules.breaches(one, loader.project_state(key, at_end=False))
    ]

    assert said == []


def test_what_was_released_is_there():
    loader = MigrationLoader(None)

    numbers = {(app, name[:4]) for app, name in loader.disk_migrations}

    assert migration_rules.RELEASED.items() <= numbers


@pytest.mark.django_db(transaction=True)
def test_running_code_whose_table_has_moved_on_keeps_webhooks_on_disk():
    make_source()
    rename = "ALTER TABLE webhooks_delivery RENAME COLUMN {} TO {}"
    with connection.cursor() as cursor:
        cursor.execute(rename.format("event", "what"))
    try:
        answer = Client().post("/webhooks/chatwoot/acme/", **signed(message_event()))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename.format("what", "event"))

    assert (answer.status_code, answer.json()) == (200, {"status": "spooled"})
