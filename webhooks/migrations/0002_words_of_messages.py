from django.db import migrations

from webhooks.mirror import message_index


class Migration(migrations.Migration):
    """Indexes what customers wrote, for the search of all pages. Not one transaction: each batch commits by itself."""

    atomic = False

    dependencies = [("webhooks", "0001_the_wire")]

    operations = [
        migrations.RunPython(lambda apps, editor: message_index.install(), lambda apps, editor: message_index.remove()),
    ]
