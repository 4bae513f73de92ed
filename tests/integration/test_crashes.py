"""A table of ways to die: whatever becomes of a worker, effects happen once and neighbours lose one attempt at most.

The workers are processes of their own on a database of their own (crashing.py), and end by os._exit.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.conftest import Copies
from tests.site import ROOT, Site

pytestmark = pytest.mark.slow
CRASHED = 9
START = "import django; django.setup(); from tests.integration import crashing; crashing.main()"


class Lab:
    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process

    def run(self, scenario: str, *arguments: str, rows: list[str]) -> dict[str, Any]:
        wanted = {"scenario": scenario, "arguments": arguments, "rows": rows}
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the other process ended"
        return json.loads(answer)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, a_copy: Copies) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("crashes")
    with a_copy(folder, name=f"support_crashes_{os.getpid()}") as url:
        site = Site(folder, database_url=url, port=1, DJANGO_SETTINGS_MODULE="support_site.settings")
        process = subprocess.Popen(
            [sys.executable, "-c", START], cwd=ROOT, env=site.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=site.log,
        )  # fmt: skip
        process.stdout.readline()
        yield Lab(process)
        process.stdin.close()
        process.wait(10)


# Where the worker dies, and how often the row has been tried by the end. After the commit the row is done already.
CRASHES = {
    "between claim and start": 2,
    "before the handler": 2,
    "after its effects": 2,
    "before the commit": 2,
    "after the commit": 1,
}


@pytest.mark.parametrize("point", CRASHES)
def test_a_crash_leaves_every_effect_once(lab, point):
    seen = lab.run("crash", point, rows=["fine", "marked", "fine"])

    assert seen["exit"] == CRASHED
    assert [(row["status"], row["effects"], row["messages"]) for row in seen["rows"]] == [("DONE", 1, 1)] * 3


@pytest.mark.parametrize(("point", "tried"), CRASHES.items())
def test_a_crash_costs_one_attempt_and_says_so(lab, point, tried):
    marked = lab.run("crash", point, rows=["fine", "marked", "fine"])["rows"][1]

    assert marked["outcomes"] == ["crashed"] * (tried - 1) + ["ok"]


@pytest.mark.parametrize("point", CRASHES)
def test_neighbours_of_a_crash_lose_one_attempt_at_most(lab, point):
    first, _, last = lab.run("crash", point, rows=["fine", "marked", "fine"])["rows"]

    assert first["attempts"] <= 2
    assert last["attempts"] <= 2


@pytest.mark.parametrize("point", ["between claim and start", "before the handler", "after its effects"])
def test_of_two_workers_that_have_a_row_after_a_lease_overrun_one_takes_effect(lab, point):
    seen = lab.run("overrun", point, rows=["marked"])

    assert seen["exit"] == [0, 0]
    assert [(row["status"], row["effects"]) for row in seen["rows"]] == [("DONE", 1)]


def test_two_workers_share_the_rows(lab):
    seen = lab.run("two_workers", rows=["fine"] * 60)

    assert seen["exit"] == [0, 0]
    # Not one attempt each: on a busy machine a lease of this short table may end before its row was tried.
    assert [(row["status"], row["effects"]) for row in seen["rows"]] == [("DONE", 1)] * 60


def test_a_row_that_kills_every_worker_dies_alone(lab):
    rows = lab.run("poison", rows=["fine", "fine", "marked", "fine", "fine"])["rows"]

    poison = rows.pop(2)
    assert (poison["status"], poison["outcomes"], poison["effects"]) == ("DEAD", ["crashed"] * 3, 0)
    assert [(row["status"], row["effects"]) for row in rows] == [("DONE", 1)] * 4
    assert max(row["attempts"] for row in rows) <= 2


def test_a_clean_stop_finishes_the_row_at_hand_and_gives_the_others_back(lab):
    seen = lab.run("clean_stop", rows=["marked", "fine", "fine"])

    assert seen["exit"] == -signal.SIGTERM
    assert [(row["status"], row["attempts"]) for row in seen["rows"]] == [
        ("DONE", 1),
        ("PENDING", 0),
        ("PENDING", 0),
    ]


def test_a_replay_while_an_overrun_goes_on_runs_once(lab):
    seen = lab.run("replay_during_an_overrun", rows=["fine"])

    assert seen["died"] == "DEAD"
    (row,) = seen["rows"]
    assert (row["status"], row["effects"], row["outcomes"]) == ("DONE", 1, ["crashed", "permanent", "ok"])
