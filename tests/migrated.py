"""A database with every migration applied: one process applies them, the others copy what came out."""

import fcntl
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
DECIDES = (
    "*/migrations/*.py",
    "*/models/*.py",
    "requirements/run.txt",
    "support_site/settings.py",
    "tests/migrated.py",
)


def create(folder: Path) -> None:
    """Connects to an empty database in memory and fills it, from `folder` if a copy is kept there."""
    connection.close()
    name = connection.creation._get_test_db_name()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    kept = folder / f"{_fingerprint()}.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            with closing(sqlite3.connect(kept)) as copy:
                copy.backup(connection.connection)
            return
        call_command("migrate", verbosity=0)
        for outdated in folder.glob("*.sqlite3"):
            outdated.unlink()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [f"{kept}.new"])
        Path(f"{kept}.new").rename(kept)


def make_template(folder: Path) -> bool:
    """Has PostgreSQL make the test databases of this run as copies of one. True if this process made that one.

    folder: the run's own, for its lock. Whoever comes when it was dropped applies the migrations as usual.
    """
    mark = folder / "template"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = not mark.exists()
        if made:
            _apply_migrations(_template(folder))
            mark.write_text(_template(folder))
    connection.settings_dict["TEST"]["TEMPLATE"] = mark.read_text() or None
    return made


def drop_template(folder: Path) -> None:
    (folder / "template").write_text("")
    _as_server(f"DROP DATABASE IF EXISTS {_template(folder)}")


def _template(folder: Path) -> str:
    return f"support_tests_{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def _apply_migrations(name: str) -> None:
    _as_server(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()  # PostgreSQL copies what nobody is connected to
        connection.settings_dict["NAME"] = own


def _as_server(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _fingerprint() -> str:
    """Of all that says which tables, content types and permissions there are."""
    said = hashlib.sha256()
    for pattern in DECIDES:
        for path in sorted(ROOT.glob(pattern)):
            said.update(path.read_bytes())
    return said.hexdigest()[:16]
