from datetime import UTC, datetime

from django.db import migrations

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


def look_at_all(apps, schema_editor):
    """The sweep reckons them, oldest first."""
    apps.get_model("webhooks", "Conversation").objects.update(clocks_look_at=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_policies_and_clocks"),
        ("webhooks", "0006_what_clocks_are_reckoned_from"),
    ]

    operations = [migrations.RunPython(look_at_all, migrations.RunPython.noop)]
