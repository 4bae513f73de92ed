"""Makes the virtual environment and the first .env. Standard library only: it runs before anything is installed."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEYS = ("SECRET_KEY", "ENCRYPTION_KEYS")
LOOK_EVERY_S = 0.5


def install(venv: Path, lock: Path, stamp: Path) -> None:
    pip = _pip_for(venv)
    total = sum("==" in line for line in lock.read_text().splitlines())
    print(
        f"Installing the packages of {lock} (about {total}) into {venv}; this can take a minute or two.",
        flush=True,
    )
    if not _install(pip, lock, venv, total):
        sys.exit(
            "The packages could not be installed; pip's message is above. pip needs a package index: check the network,"
            " or name a mirror (PIP_INDEX_URL) or a folder of wheels (PIP_FIND_LINKS, PIP_NO_INDEX=1), and run make again."
        )
    # The stamp of an older lock no longer says what is installed.
    for old in venv.glob(f"{stamp.name.split('-')[0]}-*"):
        old.unlink()
    stamp.touch()
    print(f"Installed {lock}.", flush=True)


def _pip_for(venv: Path) -> list[str]:
    """The command that installs into `venv`: its own pip, or this Python's where the system packages no ensurepip."""
    python = str(venv / "bin" / "python")
    if not _works(python, "-c", "pass"):
        print(f"Making a virtual environment in {venv} with Python {sys.version.split()[0]}.", flush=True)
        plain = ("-m", "venv", "--clear", str(venv))
        if not _works(sys.executable, *plain) and not _works(sys.executable, *plain, "--without-pip"):
            sys.exit(
                f"{sys.executable} cannot make a virtual environment in {venv}: its venv module is missing (Debian and"
                " Ubuntu: apt-get install python3-venv), or the folder cannot be written. Another Python:"
                " make PYTHON=..."
            )
    if _works(python, "-m", "pip", "--version"):
        return [python, "-m", "pip"]
    if _works(sys.executable, "-m", "pip", "--version"):
        return [sys.executable, "-m", "pip", "--python", python]
    sys.exit(
        f"pip is missing, for {venv} as for {sys.executable} (Debian and Ubuntu: apt-get install python3-pip"
        " python3-venv). Another Python: make PYTHON=..."
    )


def _install(pip: list[str], lock: Path, venv: Path, total: int) -> bool:
    """pip's notices are for people who use pip: its errors are shown where it fails, and nothing else of it."""
    options = ["--require-hashes", "--no-input", "--disable-pip-version-check", "--no-warn-script-location"]
    command = [*pip, "install", *options, "-r", str(lock)]
    seen = 0
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, text=True, env=os.environ | {"PIP_ROOT_USER_ACTION": "ignore"}
        ) as process,
    ):  # fmt: skip
        assert process.stdout  # noqa: S101  (asked for with PIPE)
        for line in process.stdout:
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                seen += 1
                if seen % 10 == 0:
                    print(f"  {seen} of about {total} packages found", flush=True)
            elif line.startswith("Installing collected"):
                _show_unpacking(process, venv, line.count(",") + 1)
        if process.wait():
            complaints.seek(0)
            sys.stderr.write(complaints.read())
    return process.returncode == 0


def _show_unpacking(process: "subprocess.Popen[str]", venv: Path, total: int) -> None:
    """pip is silent for the minute that this takes: count the packages that are in their place."""
    before, shown = _unpacked(venv), 0
    print("  unpacking them", flush=True)
    while process.poll() is None:
        time.sleep(LOOK_EVERY_S)
        done = _unpacked(venv) - before
        if done >= shown + 10:
            shown = done
            print(f"  {min(done, total)} of {total} unpacked", flush=True)


def _unpacked(venv: Path) -> int:
    return len(list(venv.glob("lib/python3*/site-packages/*.dist-info")))


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def write_dotenv(path: Path) -> None:
    """Random keys for a first start. Leaves a file that exists, and an environment that has keys, alone."""
    if path.exists() or any(os.environ.get(key) for key in KEYS):
        return
    values = (secrets.token_urlsafe(50), base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            "# Made by make, once. Keep it: without ENCRYPTION_KEYS the stored secrets cannot be read again.\n"
        )
        file.write("# .env.example lists everything else that can stand here.\n")
        file.writelines(f"{key}={value}\n" for key, value in zip(KEYS, values, strict=True))
    print(f"Wrote {path} with fresh keys for this installation.", flush=True)


def make_folder(path: Path) -> None:
    """For what customers wrote: the database, the spool. Only the owner may look into it, even into an older one."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install", venv, lock, stamp]:
            install(Path(venv), Path(lock), Path(stamp))
        case ["dotenv", path]:
            write_dotenv(Path(path))
        case ["folder", path]:
            make_folder(Path(path))
        case _:
            sys.exit("usage: bootstrap.py install VENV LOCK STAMP | dotenv PATH | folder PATH")
