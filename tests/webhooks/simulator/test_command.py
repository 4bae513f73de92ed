"""`manage.py simulate_chatwoot` as a supervisor meets it: it says where it is, answers, and stops."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

MANAGE = Path(__file__).parents[3] / "manage.py"


@pytest.fixture
def running() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, str(MANAGE), "simulate_chatwoot", "--port", "0", "--traffic"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield process, process.stdout.readline().split()[-1]
    process.kill()
    process.communicate()


def test_it_says_where_it_is_lets_customers_write_and_stops(
    running: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = running

    answer = requests.get(
        f"{url}/api/v1/accounts/1/conversations", headers={"api_access_token": "sim-admin-token"}, timeout=5
    )
    process.terminate()

    assert answer.status_code == 200
    assert process.wait(timeout=10) == 0
