import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support_site.operations.supervisor import ChildExited, Stopped, Supervisor

STAY = "import time; time.sleep(60)"
IGNORE_TERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
)
# Leaves a child of its own behind on purpose, and says its number.
FATHER = f"""
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", {IGNORE_TERM!r}]).pid)
time.sleep(60)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def ends(pid: int) -> bool:
    """Gone within two seconds, or a zombie that whoever adopted it has yet to collect: SIGKILL takes a moment."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def wait_for(out: io.StringIO, text: str, site: Supervisor) -> None:
    assert site.wait(lambda: text in out.getvalue(), within_s=10)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


def test_lines_carry_the_name_of_their_child(out):
    with Supervisor(out=out) as site:
        site.run("web", python("print('one'); import sys; print('two', file=sys.stderr)"))

    assert sorted(out.getvalue().splitlines()) == ["web | one", "web | two"]


def test_a_short_command_returns_its_status(out):
    with Supervisor(out=out) as site:
        assert site.run("connect", python("raise SystemExit(3)")) == 3


def test_a_child_that_ends_by_itself_is_named_and_the_others_are_stopped(out):
    with (
        pytest.raises(ChildExited, match=r"workers exited unexpectedly \(exit status 4\)"),
        Supervisor(out=out) as site,
    ):
        other = site.start("web", python(STAY))
        site.start("workers", python("raise SystemExit(4)"))
        site.wait(within_s=10)

    assert other.process.poll() == -signal.SIGTERM


def test_a_killed_child_is_said_to_be_killed(out):
    with pytest.raises(ChildExited, match="killed by SIGKILL"), Supervisor(out=out) as site:
        os.kill(site.start("web", python(STAY)).process.pid, signal.SIGKILL)
        site.wait(within_s=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_every_child(out, number):
    with pytest.raises(Stopped), Supervisor(out=out) as site:
        children = [site.start(name, python(STAY)) for name in ("web", "workers")]
        os.kill(os.getpid(), number)
        site.wait(within_s=10)

    assert [child.process.poll() for child in children] == [-signal.SIGTERM] * 2


def test_a_child_may_finish_its_work_before_it_stops(out):
    finish = "import signal, sys, time; signal.signal(15, lambda *_: (time.sleep(0.3), print('finished'), sys.exit(0)))"
    with Supervisor(out=out) as site:
        child = site.start("workers", python(f"{finish}; print('ready'); time.sleep(60)"))
        wait_for(out, "ready", site)

    assert (child.process.poll(), "workers | finished" in out.getvalue()) == (0, True)


def test_a_child_that_ignores_the_request_is_killed_after_the_grace(out):
    with Supervisor(out=out, grace_s=0.5) as site:
        child = site.start("workers", python(IGNORE_TERM))
        wait_for(out, "deaf", site)
        started = time.monotonic()

    assert child.process.poll() == -signal.SIGKILL
    assert 0.4 < time.monotonic() - started < 3
    assert "workers | did not stop in time and was killed" in out.getvalue()


def test_a_second_signal_does_not_wait_for_the_grace(out):
    started = time.monotonic()
    with pytest.raises(Stopped), Supervisor(out=out, grace_s=30) as site:
        site.start("workers", python(IGNORE_TERM))
        wait_for(out, "deaf", site)
        subprocess.Popen(["sh", "-c", f"kill {os.getpid()}; sleep 0.5; kill {os.getpid()}"])
        site.wait(within_s=10)

    assert time.monotonic() - started < 10


def test_no_grandchild_is_left_behind(out):
    with Supervisor(out=out, grace_s=0.5) as site:
        site.start("workers", python(FATHER))
        wait_for(out, "deaf", site)

    numbers = [int(line.split(" | ")[1]) for line in out.getvalue().splitlines() if line[-1].isdigit()]
    assert [ends(pid) for pid in numbers] == [True]


def test_signals_mean_again_what_they_meant_before(out):
    before = signal.getsignal(signal.SIGTERM)

    with Supervisor(out=out):
        pass

    assert signal.getsignal(signal.SIGTERM) == before


def test_a_reader_that_went_away_does_not_block_the_children():
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    with Supervisor(out=Gone()) as site:
        assert site.run("web", python("print('x\\n' * 200_000)")) == 0
