"""The whole database to a file and back: SQLite by its own online backup, PostgreSQL by pg_dump, pg_restore and psql.

The encryption keys and the spool are not in it. What the site did after the backup is unknown to a restored one, so
numbers go on beyond any that were given meanwhile: Chatwoot has replies that bear them.
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

OURS = ("webhooks", "knowledge", "reports")
FURTHER = 1_000_000  # numbers left out after a restore: more than were given between two backups
ALIVE = timedelta(seconds=30)
MARGIN = timedelta(minutes=10)  # clocks that differ, webhooks on their way
FORWARDED = "Restored from a backup: the previous handler may have had it since."


class Trouble(Exception):
    """The text says what to do."""


def backup(path: Path) -> int:
    """To a new file, for its owner alone; whole or not at all. Returns its size in bytes. Raises Trouble."""
    if path.exists():
        raise Trouble(f"{path} is there already: name a new file.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            aside = Path(folder) / path.name
            aside.touch(mode=0o600)
            (_sqlite_to if connection.vendor == "sqlite" else _postgresql_to)(aside)
            _sync(aside)
            aside.rename(path)
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}.") from error
    return path.stat().st_size


def restore(path: Path, *, replace: bool, now: datetime) -> None:
    """In the place of what is there. Raises Trouble."""
    _check_readable(path)
    if not replace and not is_empty():
        raise Trouble(
            "This database is in use: restoring throws away what is in it. Back it up first, then add --replace."
        )
    if hosts := _working(now=now):
        raise Trouble(f"Workers are running on {', '.join(hosts)}: stop them and the web processes first.")
    (_sqlite_from if connection.vendor == "sqlite" else _postgresql_from)(path)
    _go_on_beyond()
    _end_forwards(now=now)


def is_empty() -> bool:
    """No Chatwoot was ever connected here, whether the tables exist or not."""
    with contextlib.suppress(DatabaseError):
        return not Source.objects.exists()
    return True


def _working(*, now: datetime) -> list[str]:
    with contextlib.suppress(DatabaseError):
        beating = WorkerHost.objects.filter(beat_at__gt=now - ALIVE)
        return list(beating.order_by("host").values_list("host", flat=True))
    return []


# SQLite


def _sqlite_to(path: Path) -> None:
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it


def _sqlite_from(path: Path) -> None:
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
        try:
            copy.backup(connection.connection)
        except sqlite3.Error as error:
            raise Trouble(
                f"The database cannot be written ({error}): stop web and workers, then try again."
            ) from error
    connection.close()


def _check_readable(path: Path) -> None:
    if not path.is_file():
        raise Trouble(f"There is no file {path}.")
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
        raise Trouble(f"{path} is no backup of a SQLite database of this site, or is damaged.")


# PostgreSQL


def _postgresql_to(path: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}", *_where())


def _postgresql_from(path: Path) -> None:
    """In one transaction: where it fails, what was there stays."""
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
    """Raises Trouble with the program's own first words; they name tables and hosts, never what is in a row."""
    if shutil.which(program) is None:
        raise Trouble(f"{program} is not installed (Debian and Ubuntu: apt-get install postgresql-client).")
    password = connection.settings_dict.get("PASSWORD")
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        said = next(iter(done.stderr.strip().splitlines()), "no word why")
        raise Trouble(f"{program} failed: {said[:300]}")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# After a restore


def _go_on_beyond() -> None:
    """A marker in Chatwoot names a draft: a new draft must not bear the number of one that was made after the backup."""
    for model in (one for app in OURS for one in apps.get_app_config(app).get_models()):
        key = model._meta.pk
        if model._meta.proxy or not isinstance(key, models.BigAutoField):
            continue
        _set_next(
            model._meta.db_table,
            str(key.column),
            (model._base_manager.aggregate(last=Max("pk"))["last"] or 0) + FURTHER,
        )


def _set_next(table: str, column: str, number: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, column, number])
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [number, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])


def _end_forwards(*, now: datetime) -> None:
    """It answers customers by itself: what it may have had is not given to it again."""
    waiting = Delivery.objects.filter(event="event.forward", status__in=["PENDING", "HELD"])
    waiting.update(
        status="CANCELLED", held_for="", next_attempt_at=None, finished_at=now, last_error=FORWARDED
    )


def what_next() -> Iterator[str]:
    """What a person should see to, a line each, after a restore."""
    if _needs_migrations():
        yield "The backup is of an older version: run manage.py migrate, then manage.py seed."
        return
    if unreadable := _unreadable():
        yield f"ENCRYPTION_KEYS does not read {unreadable}: put back the keys of the time of the backup; they are not in it."
    for source in Source.objects.order_by("slug"):
        since = (source.deliveries.aggregate(last=Max("received_at"))["last"] or source.created_at) - MARGIN
        yield f"manage.py reconcile_chatwoot --slug {source.slug} --since {since:%Y-%m-%dT%H:%M:%SZ}"
    replies = Delivery.objects.filter(event="reply.send", status__in=["PENDING", "HELD"]).count()
    yield (
        f"{replies} approved replies are not known to have left. Each is looked for in Chatwoot before it is sent, and"
        " parked for a person where it is too old: none is sent twice."
    )
    yield "What was erased after the backup is back: erase it again. The log names each (privacy.erased)."
    yield f"Webhooks that a host kept on disk are not in a backup: {settings.SPOOL_DIR} is imported when the web starts."


def _needs_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _unreadable() -> str:
    """The first kind of secret that cannot be decrypted."""
    for model in apps.get_models():
        fields = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)]
        if not fields or model._meta.proxy:
            continue
        try:
            list(model._base_manager.values_list(*fields)[:50])
        except ImproperlyConfigured:
            return f"the secrets of {model._meta.verbose_name_plural}"
    return ""
