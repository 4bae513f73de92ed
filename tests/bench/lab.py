"""A process with Django on a database of its own, which is told what to call and how long that took.

Measuring in the test's own process would measure pytest's database, which on SQLite lies in memory.
"""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.site import ROOT, Site

START = "import django; django.setup(); from tests.bench import lab; lab.main()"
SETTINGS = "tests.bench.bench_settings"


class Lab:
    """database_url: of a database that is migrated and seeded."""

    def __init__(self, folder: Path, *, database_url: str, **environment: str) -> None:
        environment = {"DJANGO_SETTINGS_MODULE": SETTINGS, "LOG_FORMAT": "text"} | environment
        self.site = Site(folder, database_url=database_url, port=1, **environment)
        self.process = subprocess.Popen(
            [sys.executable, "-c", START], cwd=ROOT, env=self.site.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.site.log,
        )  # fmt: skip

    def call(self, name: str, **arguments: Any) -> Any:
        """`name` is a function of tests.bench.work, or module.function of tests.bench, called with plain values, answering with
        one.
        """
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([name, arguments]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"{name} failed: {self.site.log_path.read_text()[-3000:]}"
        return json.loads(answer)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)
        self.site.stop()


def main() -> None:
    for line in sys.stdin:
        name, arguments = json.loads(line)
        module, _, function = name.rpartition(".")
        work = importlib.import_module(f"tests.bench.{module or 'work'}")
        print(json.dumps(getattr(work, function)(**arguments)), flush=True)
