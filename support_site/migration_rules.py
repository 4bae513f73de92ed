"""Which operations of a migration the code before it cannot live with: while a release is put out, both run on one database.

Pure. For people it is written down in docs/deployment/upgrading.md. A migration that must break a rule says why in
`stops_running_code`, and its release is put out in the way described there.
"""

from collections.abc import Iterator

from django.db.migrations import Migration, operations
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED, Field, ManyToManyField

Operation = operations.base.Operation
# What the last release migrates to: raise it with each release, since what came before runs everywhere already.
RELEASED = {"knowledge": "0001", "reports": "0001", "webhooks": "0001"}
GONE: dict[type[Operation], str] = {
    operations.RemoveField: "the code before still reads and writes that column",
    operations.DeleteModel: "the code before still reads and writes that table",
    operations.RenameField: "the code before still uses the old name",
    operations.RenameModel: "the code before still uses the old name",
    operations.AlterModelTable: "the code before still uses the old name",
}


def is_new(migration: Migration) -> bool:
    released = RELEASED.get(migration.app_label)
    return released is not None and migration.name[:4] > released


def breaches(migration: Migration, before: ProjectState) -> list[str]:
    """What of it stops the code that runs, a sentence each; nothing where it says so itself."""
    if getattr(migration, "stops_running_code", ""):
        return []
    return [f"{migration}: {operation.describe()}: {why}." for operation, why in _found(migration, before)]


def _found(migration: Migration, before: ProjectState) -> Iterator[tuple[Operation, str]]:
    app, state = migration.app_label, before.clone()
    known = {name for label, name in before.models if label == app}
    anew = {one.name for one in migration.operations if isinstance(one, operations.RemoveConstraint)}
    for operation in migration.operations:
        # A RenameModel names its table by the old name.
        table = getattr(
            operation, "model_name", getattr(operation, "old_name", getattr(operation, "name", ""))
        )
        why = _why(operation, state.models.get((app, table.lower())), anew)
        if why and table.lower() in known:  # the code before does not know the others
            yield operation, why
        operation.state_forwards(app, state)


def _why(operation: Operation, model: ModelState | None, anew: set[str]) -> str:
    if isinstance(operation, operations.AddField) and _must_be_given(operation.field):
        return "a row of the code before has no value for it: null=True or a db_default"
    if isinstance(operation, operations.AlterField) and model:
        return _narrower(model.fields[operation.name], operation.field)
    if isinstance(operation, operations.AddConstraint) and operation.constraint.name not in anew:
        return "the code before may write what it forbids"
    return next((text for kind, text in GONE.items() if isinstance(operation, kind)), "")


def _must_be_given(field: Field) -> bool:
    """A Python default is none of the database's: Django takes it away once the column is there."""
    return not (field.null or field.db_default is not NOT_PROVIDED or isinstance(field, ManyToManyField))


def _narrower(old: Field, new: Field) -> str:
    if old.null and _must_be_given(new):
        return "the code before may leave it empty: a db_default, or a release later"
    if old.get_internal_type() != new.get_internal_type():
        return "the code before writes the old type: add a new column instead"
    if old.max_length and new.max_length and new.max_length < old.max_length:
        return "the code before may write longer values"
    return ""
