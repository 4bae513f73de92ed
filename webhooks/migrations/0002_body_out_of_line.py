"""PostgreSQL: keep bodies out of the row even when small, so that a claim's UPDATE does not copy them."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def set_target(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE webhooks_delivery SET (toast_tuple_target = 256)")


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]
    operations = [migrations.RunPython(set_target, migrations.RunPython.noop)]
