from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0004_size_and_canceller_of_a_replay"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_semantic",
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["semantic_key", "source", "status"], name="delivery_semantic"),
        ),
    ]
