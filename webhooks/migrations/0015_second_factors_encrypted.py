"""What django-otp kept in clear goes into our table, encrypted, and its tables go. Released code never used them.

Backwards nothing comes back: whoever had a second factor sets it up anew.
"""

from typing import Any

from django.db import migrations

APP, STATIC, TOKENS = "otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken"


def encrypt(apps: Any, schema_editor: Any) -> None:
    factors = apps.get_model("webhooks", "SecondFactor").objects
    with schema_editor.connection.cursor() as cursor:
        there = set(schema_editor.connection.introspection.table_names(cursor))
        if APP in there:
            cursor.execute(f"SELECT user_id, key, confirmed, last_t, drift FROM {APP} ORDER BY id")  # noqa: S608
            for user, key, confirmed, last_t, drift in cursor.fetchall():
                factors.create(
                    user_id=user, name="app", key=key, confirmed=bool(confirmed), last_t=last_t, drift=drift
                )
        if TOKENS in there:
            query = f"SELECT user_id, token FROM {TOKENS} token JOIN {STATIC} device ON device.id = token.device_id"  # noqa: S608
            codes: dict[int, list[str]] = {}
            cursor.execute(query)
            for user, token in cursor.fetchall():
                codes.setdefault(user, []).append(token)
            for user, theirs in codes.items():
                factors.filter(user_id=user, confirmed=True).update(recovery_codes=" ".join(theirs))
        for table in (TOKENS, STATIC, APP):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0014_second_factors")]

    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
