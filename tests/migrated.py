"""SQLite with every migration applied: one process applies them, the others and the next run copy what came out."""

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


def _fingerprint() -> str:
    """Of all that says which tables, content types and permissions there are."""
    said = hashlib.sha256()
    for pattern in DECIDES:
        for path in sorted(ROOT.glob(pattern)):
            said.update(path.read_bytes())
    return said.hexdigest()[:16]
