"""Hosts as network namespaces of this machine (Linux, root, iproute2), all on one PostgreSQL and Redis.

Each has two cables: at the front Chatwoot reaches its web process, at the back it reaches the database and the broker. A
cable that is cut swallows what is sent, as a real one does, without an error.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bench.night import CLOCK_OFF
from tests.cutter import Cutter
from tests.site import REDIS, ROOT, WEB, Site

FRONT, BACK = "10.213.1", "10.213.2"
PORT = 8000


def need_namespaces() -> None:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("hosts are network namespaces: needs root and ip (iproute2)")
    try:
        _ip("netns", "add", _name("probe"))
        _ip("netns", "del", _name("probe"))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr.strip()}")


class Host:
    """ahead_s: how far its clock is ahead of everybody's."""

    def __init__(self, number: int, site: Site, folder: Path, *, ahead_s: float) -> None:
        self.number, self.site, self.folder, self.ahead_s = number, site, folder, ahead_s
        self.space, self.url = _name(f"h{number}"), f"http://{FRONT}.{number}:{PORT}"
        self.processes: list[subprocess.Popen] = []
        _ip("netns", "add", self.space)
        self._in("link", "set", "lo", "up")
        for side, net in (("f", FRONT), ("b", BACK)):
            cable, plug = self._cable(side), _name(f"{side}{number}p")
            _ip("link", "add", cable, "type", "veth", "peer", "name", plug, "netns", self.space)
            _ip("link", "set", cable, "master", _name(side), "up")
            self._in("addr", "add", f"{net}.{number}/24", "dev", plug)
            self._in("link", "set", plug, "up")

    def _cable(self, side: str) -> str:
        return _name(f"{side}{self.number}")

    def _in(self, *words: str) -> None:
        _ip("-n", self.space, *words)

    def start(self) -> None:
        own = {
            "PYTHONPATH": CLOCK_OFF, "CLOCK_OFF_S": str(self.ahead_s), "HOST_NAME": f"host-{self.number}",
            "SPOOL_DIR": str(self.folder / f"spool-{self.number}"), "BIND": f"{FRONT}.{self.number}", "PORT": str(PORT),
        }  # fmt: skip
        for command in (WEB, ("manage.py", "run_workers")):
            within = ("ip", "netns", "exec", self.space, sys.executable, *command)
            self.processes.append(
                subprocess.Popen(
                    within, cwd=ROOT, env=self.site.environment | own, start_new_session=True,
                    stdout=self.site.log, stderr=self.site.log,
                )
            )  # fmt: skip

    def cut(self) -> None:
        """From the database and the broker; Chatwoot still reaches it."""
        _ip("link", "set", self._cable("b"), "down")

    def restore(self) -> None:
        for side in "fb":
            _ip("link", "set", self._cable(side), "up")

    def die(self) -> None:
        """The power fails: nobody hears another word from it, not even that its connections end."""
        for side in "fb":
            _ip("link", "set", self._cable(side), "down")
        for pid in _ip("netns", "pids", self.space).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        for process in self.processes:
            process.wait(15)
        self.processes.clear()

    def remove(self) -> None:
        self.die()
        _ip("netns", "del", self.space)
        for side in "fb":
            subprocess.run(["ip", "link", "del", self._cable(side)], capture_output=True, check=False)


@contextlib.contextmanager
def network(site: Site, folder: Path, ahead_s: tuple[float, ...]) -> Iterator[list[Host]]:
    """Hosts of this site with such clocks; not started. The database and the broker answer them at the back."""
    hosts: list[Host] = []
    with contextlib.ExitStack() as stack:
        for side, net in (("f", FRONT), ("b", BACK)):
            _ip("link", "add", _name(side), "type", "bridge")
            stack.callback(_ip, "link", "del", _name(side))
            _ip("addr", "add", f"{net}.254/24", "dev", _name(side))
            _ip("link", "set", _name(side), "up")
        for variable, url, port in (("DATABASE_URL", site.database_url, 5432), ("QUEUE_URL", REDIS, 6379)):
            site.environment[variable] = stack.enter_context(_at_the_back(url, port))
        for number, ahead in enumerate(ahead_s, 1):
            hosts.append(Host(number, site, folder, ahead_s=ahead))
            stack.callback(hosts[-1].remove)
        yield hosts


@contextlib.contextmanager
def _at_the_back(url: str, port: int) -> Iterator[str]:
    parts = urlsplit(url)
    with Cutter((parts.hostname or "127.0.0.1", parts.port or port), address=f"{BACK}.254") as passage:
        user = f"{parts.username}@" if parts.username else ""
        yield parts._replace(netloc=f"{user}{BACK}.254:{passage.port}").geturl()


def _name(what: str) -> str:
    """An interface's name has 15 characters at most."""
    return f"s{os.getpid() % 100_000}{what}"


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout
