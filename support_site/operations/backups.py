"""Backs up the whole database to a file and restores it: SQLite with its online backup, PostgreSQL with pg_dump and psql.

A backup contains neither the encryption keys nor the spool. A restored site does not know what happened after the backup,
so ids continue beyond any that were given since: replies in Chatwoot carry them.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from webhooks.database.encryption import EncryptedTextField
from webhooks.models import Delivery, Source, WorkerHost

APPS = ("webhooks", "knowledge", "reports")
SKIPPED_IDS = 1_000_000  # after a restore; more than are given between two backups
ALIVE = timedelta(seconds=30)
MARGIN = timedelta(minutes=10)  # allows for clock differences and webhooks in transit
FORWARDED = "Restored from a backup. The previous handler may have received it since."


class BackupError(Exception):
    """The text says what to do."""


def backup(path: Path) -> int:
    """Writes a new file that only its owner can read, completely or not at all. Returns its size in bytes. Raises BackupError."""
    if path.exists():
        raise BackupError(f"{path} already exists. Choose a new file name.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            temporary = Path(folder) / path.name
            temporary.touch(mode=0o600)
            (_sqlite_to if connection.vendor == "sqlite" else _postgresql_to)(temporary)
            _sync(temporary)
            temporary.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from error
    return path.stat().st_size


def restore(path: Path, *, replace: bool, now: datetime) -> None:
    """Replaces the database with the backup. Raises BackupError."""
    _check_readable(path)
    if not replace and not is_empty():
        raise BackupError(
            "This database is in use, and restoring deletes everything in it. Back it up first, then add --replace."
        )
    if hosts := _running_workers(now=now):
        raise BackupError(
            f"Workers are running on {', '.join(hosts)}. Stop them and the web processes first."
        )
    (_sqlite_from if connection.vendor == "sqlite" else _postgresql_from)(path)
    _skip_ids()
    _cancel_forwards(now=now)


def is_empty() -> bool:
    """No source was ever connected, whether the tables exist or not."""
    with contextlib.suppress(DatabaseError):
        return not Source.objects.exists()
    return True


def _running_workers(*, now: datetime) -> list[str]:
    with contextlib.suppress(DatabaseError):
        beating = WorkerHost.objects.filter(beat_at__gt=now - ALIVE)
        return list(beating.order_by("host").values_list("host", flat=True))
    return []


# SQLite


def _sqlite_to(path: Path) -> None:
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # a single file, without a write-ahead log


def _sqlite_from(path: Path) -> None:
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
        try:
            copy.backup(connection.connection)
        except sqlite3.Error as error:
            raise BackupError(
                f"The database cannot be written ({error}). Stop web and workers, then try again."
            ) from error
    connection.close()


def _check_readable(path: Path) -> None:
    if not path.is_file():
        raise BackupError(f"The file {path} does not exist.")
    if connection.vendor != "sqlite":
        _run("pg_restore", "--list", str(path))
        return
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
            sound = sound and bool(copy.execute("SELECT 1 FROM django_migrations").fetchone())
    except sqlite3.Error:
        sound = False
    if not sound:
        raise BackupError(f"{path} is not a SQLite backup of this site, or it is damaged.")


# PostgreSQL


def _postgresql_to(path: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}", *_where())


def _postgresql_from(path: Path) -> None:
    """In one transaction: if it fails, the database stays as it was."""
    connection.close()
    with tempfile.TemporaryDirectory() as folder:
        script, rows = Path(folder) / "begin.sql", Path(folder) / "rows.sql"
        script.write_text("DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={rows}", str(path))
        _run(
            "psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
            f"--file={script}", f"--file={rows}", *_where(),
        )  # fmt: skip


def _where() -> list[str]:
    facts = connection.settings_dict
    named = {"host": facts["HOST"], "port": facts["PORT"], "username": facts["USER"], "dbname": facts["NAME"]}
    return [f"--{name}={value}" for name, value in named.items() if value]


def _run(program: str, *arguments: str) -> None:
    """Raises BackupError with the first line of the program's error, which names tables and hosts but never row contents."""
    if shutil.which(program) is None:
        raise BackupError(
            f"{program} is not installed (Debian and Ubuntu: apt-get install postgresql-client)."
        )
    password = connection.settings_dict.get("PASSWORD")
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        said = next(iter(done.stderr.strip().splitlines()), "no error message")
        raise BackupError(f"{program} failed: {said[:300]}")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# After a restore


def _skip_ids() -> None:
    """Markers in Chatwoot contain draft ids, so a new draft must not reuse an id that was given after the backup."""
    for model in (one for app in APPS for one in apps.get_app_config(app).get_models()):
        key = model._meta.pk
        if model._meta.proxy or not isinstance(key, models.BigAutoField):
            continue
        _set_next(
            model._meta.db_table,
            str(key.column),
            (model._base_manager.aggregate(last=Max("pk"))["last"] or 0) + SKIPPED_IDS,
        )


def _set_next(table: str, column: str, next_id: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, column, next_id])
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [next_id, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, next_id])


def _cancel_forwards(*, now: datetime) -> None:
    """The previous handler answers customers itself, so it must not receive the same event twice."""
    waiting = Delivery.objects.filter(event="event.forward", status__in=["PENDING", "HELD"])
    waiting.update(
        status="CANCELLED", held_for="", next_attempt_at=None, finished_at=now, last_error=FORWARDED
    )


def next_steps() -> Iterator[str]:
    """What a person should do after a restore, one line each."""
    if _needs_migrations():
        yield "The backup is from an older version. Run manage.py migrate, then manage.py seed."
        return
    if unreadable := _unreadable():
        yield f"ENCRYPTION_KEYS cannot decrypt {unreadable}. Use the keys from the time of the backup; it contains none."
    for source in Source.objects.order_by("slug"):
        since = (source.deliveries.aggregate(last=Max("received_at"))["last"] or source.created_at) - MARGIN
        yield f"manage.py reconcile_chatwoot --slug {source.slug} --since {since:%Y-%m-%dT%H:%M:%SZ}"
    replies = Delivery.objects.filter(event="reply.send", status__in=["PENDING", "HELD"]).count()
    yield (
        f"{replies} approved replies may not have been sent. The site looks each one up in Chatwoot before it sends it, and"
        " parks it for a person if it is too old. No reply is sent twice."
    )
    yield "Contacts that were erased after the backup are back. Erase them again; the log lists each one (privacy.erased)."
    yield f"Webhooks that were spooled to disk are not in a backup. {settings.SPOOL_DIR} is imported when the web starts."


def _needs_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _unreadable() -> str:
    """Names the first kind of secret that cannot be decrypted."""
    for model in apps.get_models():
        fields = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)]
        if not fields or model._meta.proxy:
            continue
        try:
            list(model._base_manager.values_list(*fields)[:50])
        except ImproperlyConfigured:
            return f"the secrets of {model._meta.verbose_name_plural}"
    return ""
