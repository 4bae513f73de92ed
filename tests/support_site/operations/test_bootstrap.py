import re
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from support_site.operations import bootstrap


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for key in bootstrap.KEYS:
        monkeypatch.delenv(key, raising=False)


def read(path):
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if not line.startswith("#"))


def test_the_first_dotenv_holds_keys_that_work(tmp_path):
    bootstrap.write_dotenv(tmp_path / ".env")

    values = read(tmp_path / ".env")
    assert len(values["SECRET_KEY"]) >= 50
    assert Fernet(values["ENCRYPTION_KEYS"]).decrypt(Fernet(values["ENCRYPTION_KEYS"]).encrypt(b"x")) == b"x"


def test_only_the_owner_may_read_it(tmp_path):
    bootstrap.write_dotenv(tmp_path / ".env")

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("there", [False, True], ids=["new", "open to all until now"])
def test_only_the_owner_may_look_into_the_folder_of_the_data(tmp_path, there):
    data = tmp_path / "data"
    if there:
        data.mkdir(mode=0o755)

    bootstrap.make_folder(data)

    assert data.stat().st_mode & 0o777 == 0o700


def test_a_dotenv_that_exists_is_left_alone(tmp_path):
    (tmp_path / ".env").write_text("mine")

    bootstrap.write_dotenv(tmp_path / ".env")

    assert (tmp_path / ".env").read_text() == "mine"


@pytest.mark.parametrize("key", bootstrap.KEYS)
def test_no_dotenv_is_written_where_the_environment_has_a_key(tmp_path, monkeypatch, key):
    monkeypatch.setenv(key, "given")

    bootstrap.write_dotenv(tmp_path / ".env")

    assert not (tmp_path / ".env").exists()


class Machine:
    """Answers for the commands that bootstrap tries; `broken` are words of those that fail."""

    def __init__(self, *broken):
        self.broken = broken

    def __call__(self, *command):
        return not any(word in " ".join(command) for word in self.broken)


def test_the_environments_own_pip_is_preferred(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "_works", Machine())

    assert bootstrap._pip_for(tmp_path) == [f"{tmp_path}/bin/python", "-m", "pip"]


def test_without_ensurepip_the_systems_pip_fills_the_environment(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "_works", Machine(f"{tmp_path}/bin/python -m pip"))

    assert bootstrap._pip_for(tmp_path)[1:] == ["-m", "pip", "--python", f"{tmp_path}/bin/python"]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (["-c pass", "-m venv"], "cannot make a virtual environment"),
        (["-m pip"], "pip is missing"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(monkeypatch, tmp_path, broken, sentence):
    monkeypatch.setattr(bootstrap, "_works", Machine(*broken))

    with pytest.raises(SystemExit, match=sentence):
        bootstrap._pip_for(tmp_path)


PIP = """
import pathlib, sys, time
print("\\n".join(f"Collecting p{number}==1" for number in range(30)), flush=True)
print("WARNING: Location https://example is ignored", file=sys.stderr)
print("Installing collected packages: " + ", ".join(f"p{number}" for number in range(30)), flush=True)
for number in range(30):
    folder = pathlib.Path(sys.argv[0]).parent / f"lib/python3.13/site-packages/p{number}.dist-info"
    folder.mkdir(parents=True)
    time.sleep(0.03)
sys.exit(CODE)
"""


def install_with(tmp_path, monkeypatch, code: int) -> bool:
    monkeypatch.setattr(bootstrap, "LOOK_EVERY_S", 0.01)
    (tmp_path / "pip.py").write_text(PIP.replace("CODE", str(code)))
    return bootstrap._install([sys.executable, str(tmp_path / "pip.py")], tmp_path / "lock.txt", tmp_path, 30)


def test_unpacking_shows_how_far_it_is(tmp_path, monkeypatch, capsys):
    assert install_with(tmp_path, monkeypatch, code=0)

    assert re.search(r"  [12]\d of 30 unpacked", capsys.readouterr().out)


def test_what_pip_remarks_is_kept_from_a_newcomer(tmp_path, monkeypatch, capsys):
    install_with(tmp_path, monkeypatch, code=0)

    said = capsys.readouterr()
    assert "WARNING" not in said.out + said.err


def test_what_pip_says_is_shown_where_it_fails(tmp_path, monkeypatch, capsys):
    assert not install_with(tmp_path, monkeypatch, code=1)

    assert "WARNING: Location" in capsys.readouterr().err


def test_a_failed_install_leaves_no_stamp(monkeypatch, tmp_path):
    (tmp_path / "lock.txt").write_text("nothing==1")
    monkeypatch.setattr(bootstrap, "_works", Machine())
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("pip must not be called"))
    monkeypatch.setattr(bootstrap, "_install", lambda *_: False)

    with pytest.raises(SystemExit, match="could not be installed"):
        bootstrap.install(tmp_path, tmp_path / "lock.txt", tmp_path / ".run-2")

    assert not (tmp_path / ".run-2").exists()


def test_a_new_stamp_replaces_that_of_an_older_lock(monkeypatch, tmp_path):
    (tmp_path / "lock.txt").write_text("nothing==1")
    (tmp_path / ".run-1").touch()
    monkeypatch.setattr(bootstrap, "_works", Machine())
    monkeypatch.setattr(bootstrap, "_install", lambda *_: True)

    bootstrap.install(tmp_path, tmp_path / "lock.txt", tmp_path / ".run-2")

    assert [path.name for path in tmp_path.glob(".run-*")] == [".run-2"]
