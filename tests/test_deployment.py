"""docs/deployment/: its pages and the files beside them name what is there: commands, folders, variables, limits."""

import gc
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from tests.test_layout import ROOMS

pytestmark = pytest.mark.once
ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deployment" / "files"
SERVICES = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
PAGES = sorted(path.name for path in (ROOT / "docs" / "deployment").glob("*.md"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
VARIABLES = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
VENV = "/opt/support-site/.venv/bin/python"
# Of Python and of the database's image, not of the site.
OTHERS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "POSTGRES_PASSWORD"}


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((DEPLOY / "systemd" / name).read_text())
    return parser


def exists(command: list[str]) -> bool:
    """Of a command that begins with Python: its script, its module, and what it is told to load."""
    assert command[0].rpartition("/")[2] == "python"
    if command[1] == "manage.py":
        return command[2] in get_commands()
    loaded = [word.removeprefix("python:").partition(":")[0] for word in command[4:]]
    return command[1] == "-m" and all(find_spec(name) for name in (command[2], *loaded))


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / "docs" / "deployment" / name).read_text()
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_starts_what_there_is(name):
    assert exists(shlex.split(unit(name)["Service"]["ExecStart"]))


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here to check the units with")
    for file in (DEPLOY / "systemd").iterdir():
        (tmp_path / file.name).write_text(file.read_text().replace(VENV, sys.executable))

    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_socket_listens_where_the_proxy_and_the_settings_say():
    listens = unit("support-site-web.socket")["Socket"]["ListenStream"]

    assert listens == "127.0.0.1:8000"
    assert f"server {listens} " in (DEPLOY / "nginx.conf").read_text()


def test_a_service_is_killed_later_than_it_ends_by_itself():
    from support_site.web import server
    from webhooks.management.commands import run_workers

    waits = {name: int(unit(name)["Service"]["TimeoutStopSec"]) for name in SERVICES}

    assert waits["support-site-web.service"] > server.graceful_timeout
    assert waits["support-site-workers.service"] > run_workers.STOP_S


def test_a_web_process_does_not_walk_through_what_it_is_made_of_while_a_webhook_waits():
    from support_site.web import server

    server.post_worker_init(None)
    try:
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_the_proxy_takes_what_the_site_takes_and_answers_before_chatwoot_gives_up():
    text = (DEPLOY / "nginx.conf").read_text()
    (body,) = re.findall(r"client_max_body_size (\d+)m;", text)
    ((webhooks),) = re.findall(r"location /webhooks/ \{(.*?)\}", text, re.DOTALL)

    assert int(body) * 2**20 > settings.WEBHOOK_MAX_BYTES
    assert [int(seconds) < 5 for seconds in re.findall(r" (\d+)s;", webhooks)] == [True, True]


def test_the_image_holds_the_whole_site_and_nothing_else():
    copied = {
        line.split()[1]
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
    }
    let_in = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)

    assert copied == {*ROOMS, "docs", "manage.py", "requirements/run.txt"}
    assert set(let_in) == copied


def test_containers_start_what_there_is():
    commands = [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    written = [*commands, yaml.safe_load(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[0])]
    plain = [part.split() for words in written if words[0] == "sh" for part in words[2].split(" && ")]

    assert all(exists(words) for words in [*plain, *(words for words in written if words[0] != "sh")])


def test_the_image_is_built_from_the_projects_folder():
    build = COMPOSE["x-site"]["build"]

    assert (DEPLOY / build["context"]).resolve() == ROOT.resolve()
    assert (ROOT / build["dockerfile"]).is_file()


def test_containers_are_given_variables_that_are_read():
    given = set(COMPOSE["x-site"]["environment"])
    given |= set(re.findall(r"^(?:ENV| +) *([A-Z_]+)=", DOCKERFILE, re.MULTILINE))

    assert given - VARIABLES - OTHERS == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_variables_that_are_read(name):
    named = {line.strip().partition("=")[0] for block in blocks(name, "env") for line in block.splitlines()}

    assert named - VARIABLES - OTHERS == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_commands_files_and_goals_that_exist(name):
    text = (ROOT / "docs" / "deployment" / name).read_text()
    goals = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    lines = "".join(blocks(name, "console"))

    assert set(re.findall(r"manage\.py ([a-z_]+)", lines)) - get_commands().keys() == set()
    assert set(re.findall(r"(?:\$|support-site) make ([a-z]+)", lines)) - set(goals) == set()
    assert [
        path for path in re.findall(r"\b(?:docs|tests)/[\w/.-]+\.\w+", text) if not (ROOT / path).is_file()
    ] == []
