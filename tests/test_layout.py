"""The shape of the house: where code may stand, who may import whom, and that every variable read is documented."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("webhooks", "knowledge", "reports", "support_site")
# Names that say the kind of code, not what it is about.
SHAPELESS = {"services", "utils", "helpers", "common", "misc", "signals", "managers", "tasks"}


def python_files(*folders):
    return [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_imports_go_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_code_stands_in_its_rooms_only():
    elsewhere = {path.parts[0] for path in python_files(".")} - {*ROOMS, "tests", "manage.py"}

    assert {name for name in elsewhere if not name.startswith(".")} == set()


def test_no_module_has_a_shapeless_name():
    assert [str(path) for path in python_files(*ROOMS) if path.stem in SHAPELESS] == []


@pytest.mark.parametrize("path", ["support_site/settings.py", "support_site/web_server.py"])
def test_every_variable_read_stands_in_the_example(path):
    read = set(re.findall(r"""env\.\w+\(\s*"([A-Z][A-Z_]+)\"""", (ROOT / path).read_text()))
    if "env.database(" in (ROOT / path).read_text():
        read.add("DATABASE_URL")

    listed = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read - listed == set()
