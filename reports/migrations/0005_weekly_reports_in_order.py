from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_weekly_reports")]

    operations = [
        migrations.RenameField("weeklyreport", "snapshot", "kept"),
        migrations.AlterField(
            "weeklyreport",
            "kept",
            models.TextField(help_text="JSON, as text: PostgreSQL would put its keys in another order"),
        ),
    ]
