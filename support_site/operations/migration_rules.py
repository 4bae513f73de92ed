"""Finds operations in a migration that break the running code: during a deployment, old and new code share one database.

Pure. docs/deployment/upgrading.md explains the rules. A migration that must break one says why in `stops_running_code`,
and its release is deployed as described there.
"""

from collections.abc import Iterator

from django.db.migrations import Migration, operations
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED, Field, ManyToManyField

Operation = operations.base.Operation
# The last released migration of each app. Update it with each release: older migrations run everywhere already.
RELEASED = {"knowledge": "0001", "reports": "0001", "webhooks": "0001"}
GONE: dict[type[Operation], str] = {
    operations.RemoveField: "the running code still reads and writes that column",
    operations.DeleteModel: "the running code still reads and writes that table",
    operations.RenameField: "the running code still uses the old name",
    operations.RenameModel: "the running code still uses the old name",
    operations.AlterModelTable: "the running code still uses the old name",
}


def is_new(migration: Migration) -> bool:
    released = RELEASED.get(migration.app_label)
    return released is not None and migration.name[:4] > released


def breaches(migration: Migration, before: ProjectState) -> list[str]:
    """The operations that break the running code, one sentence each. None if the migration declares it."""
    if getattr(migration, "stops_running_code", ""):
        return []
    return [f"{migration}: {operation.describe()}: {why}." for operation, why in _found(migration, before)]


def _found(migration: Migration, before: ProjectState) -> Iterator[tuple[Operation, str]]:
    app, state = migration.app_label, before.clone()
    known = {name for label, name in before.models if label == app}
    replaced = {one.name for one in migration.operations if isinstance(one, operations.RemoveConstraint)}
    for operation in migration.operations:
        # A RenameModel names its table by the old name.
        table = getattr(
            operation, "model_name", getattr(operation, "old_name", getattr(operation, "name", ""))
        )
        why = _why(operation, state.models.get((app, table.lower())), replaced)
        if why and table.lower() in known:  # the running code does not know new tables
            yield operation, why
        operation.state_forwards(app, state)


def _why(operation: Operation, model: ModelState | None, replaced: set[str]) -> str:
    if isinstance(operation, operations.AddField) and _must_be_given(operation.field):
        return "the running code writes no value for it: use null=True or a db_default"
    if isinstance(operation, operations.AlterField) and model:
        return _narrower(model.fields[operation.name], operation.field)
    if isinstance(operation, operations.AddConstraint) and operation.constraint.name not in replaced:
        return "the running code may write what it forbids"
    return next((text for kind, text in GONE.items() if isinstance(operation, kind)), "")


def _must_be_given(field: Field) -> bool:
    """A Python default does not help: Django drops it from the database once the column exists."""
    return not (field.null or field.db_default is not NOT_PROVIDED or isinstance(field, ManyToManyField))


def _narrower(old: Field, new: Field) -> str:
    if old.null and _must_be_given(new):
        return "the running code may leave it empty: use a db_default, or do it one release later"
    if old.get_internal_type() != new.get_internal_type():
        return "the running code writes the old type: add a new column instead"
    if old.max_length and new.max_length and new.max_length < old.max_length:
        return "the running code may write longer values"
    return ""
