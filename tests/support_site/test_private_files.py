"""What the site writes to disk is for its own account, whatever the shell that started it allows."""

import json
import os
import subprocess
import sys

import pytest

from tests.site import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.once]
# The files are looked at while the database is open: SQLite removes two of them when it closes.
WRITES = """
import json, os, sys
os.umask(0o022)
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.db import connection
connection.cursor().execute("CREATE TABLE note (text)")
from webhooks.receiver import spool
from webhooks.receiver.requests import Arrival
from django.utils import timezone
spool.store(Arrival("acme", "", b"{}", {}, "key", "", timezone.now()), verified=True)
Path(settings.SPOOL_DIR, "any").write_text("any")
found = Path(sys.argv[1]).rglob("*")
print(json.dumps({str(path): oct(path.stat().st_mode & 0o777) for path in found}))
"""


def test_files_are_readable_by_their_owner_alone(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-c", WRITES, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {
            "DJANGO_SETTINGS_MODULE": "support_site.settings", "SUPPORT_SITE_DOTENV": "0",
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3", "SPOOL_DIR": f"{folder}/below/spool",
        },
    )  # fmt: skip
    modes = json.loads(done.stdout.splitlines()[-1])

    assert {name.rpartition("/")[2] for name in modes} >= {
        "site.sqlite3",
        "site.sqlite3-wal",
        "site.sqlite3-shm",
    }
    assert {mode for name, mode in modes.items() if not os.path.isdir(name)} == {"0o600"}
    assert {mode for name, mode in modes.items() if os.path.isdir(name)} == {"0o700"}
