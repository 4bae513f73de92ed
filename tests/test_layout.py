"""The structure of the code: where it may be, what may import what, and that every variable is documented."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("webhooks", "knowledge", "reports", "support_site")
# Commands that other commands start, not people.
INTERNAL = {"run_lane", "run_site", "seed"}
# Names that say the kind of code, not what it is about.
SHAPELESS = {"services", "utils", "helpers", "common", "misc", "signals", "managers", "tasks"}


def python_files(*folders):
    return [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_imports_go_one_way():
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_that_climbs_a_floor_breaks_the_layers_contract(tmp_path):
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("*.html", "static", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "webhooks/deliveries/claiming.py").open("a") as claiming:
        claiming.write("\nfrom ..receiver import spool\n")

    done = lint_imports(tmp_path)

    assert done.returncode == 1
    assert "webhooks.deliveries is not allowed to import webhooks.receiver" in done.stdout


def test_code_stands_in_its_rooms_only():
    elsewhere = {path.parts[0] for path in python_files(".")} - {*ROOMS, "tests", "manage.py"}

    assert {name for name in elsewhere if not name.startswith(".")} == set()


def test_no_module_has_a_shapeless_name():
    assert [str(path) for path in python_files(*ROOMS) if path.stem in SHAPELESS] == []


def test_the_example_lists_the_variables_that_are_read_and_no_others():
    code = "\n".join((ROOT / path).read_text() for path in python_files(*ROOMS))
    read = set(re.findall(r"""\b(?:env\.\w+|text)\(\s*"([A-Z][A-Z_]+)\"""", code))

    listed = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read == listed


def test_the_map_lists_every_folder_of_the_apps_and_no_others():
    tree = (ROOT / "README.md").read_text().partition("```text\n")[2].partition("```")[0]
    blocks = {block.splitlines()[0].split()[0]: block for block in tree.split("\n\n")}
    listed = {name: set(re.findall(r"^  ([a-z_]+)/", block, re.MULTILINE)) for name, block in blocks.items()}

    there = {
        room: {
            path.relative_to(ROOT / room).parts[0]
            for path in (ROOT / room).glob("*/**/*")
            if path.is_file() and path.suffix != ".pyc"
        }
        for room in ROOMS
    }

    assert {room: folders - listed["in"] for room, folders in there.items()} == {
        room: listed[f"{room}/"] for room in ROOMS
    }


def test_the_map_lists_every_command_of_manage_py_and_of_make():
    readme = (ROOT / "README.md").read_text()
    rows = [
        re.findall(r"`([a-z0-9_]+)", row) for row in re.findall(r"^\| (`[a-z_].*?`) \|", readme, re.MULTILINE)
    ]

    listed = {name for row in rows for name in row}

    commands = {path.stem for room in ROOMS for path in (ROOT / room).glob("management/commands/[a-z]*.py")}
    targets = set(re.findall(r"^([a-z0-9_]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert listed == (commands - INTERNAL) | (targets - {"help", "lock", "dev"})
