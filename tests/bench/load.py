"""Webhooks sent as fast as they are answered (wrk, or threads where there is none), or at a steady rate."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.work import message
from tests.factories import SECRET
from webhooks.simulator.sender import signed_headers

CONNECTIONS = 8
SCRIPT = """
local threads = 0
function setup(thread) threads = threads + 1; thread:set("id", threads) end
local sent = 0
function request()
  sent = sent + 1
  wrk.headers["X-Chatwoot-Delivery"] = "%s-" .. id .. "-" .. sent
  return wrk.format("POST", nil, wrk.headers, wrk.body)
end
"""


def rate(url: str, *, seconds: float, name: str, folder: Path) -> float:
    """Answers a second. `name` keeps the delivery ids of one measurement apart from those of others."""
    body = message(1, conversation=1)
    headers = signed_headers(body, SECRET, "", int(time.time()))
    if shutil.which("wrk"):
        return _by_wrk(url, body, headers, seconds=seconds, name=name, folder=folder)
    return _by_threads(url, body, headers, seconds=seconds, name=name)


def _by_wrk(
    url: str, body: bytes, headers: dict[str, str], *, seconds: float, name: str, folder: Path
) -> float:
    script = folder / f"{name}.lua"
    lines = [f'wrk.headers["{key}"] = "{value}"' for key, value in headers.items()]
    script.write_text("\n".join([*lines, f"wrk.body = [==[{body.decode()}]==]", SCRIPT % name]))
    command = [
        "wrk",
        "-t2",
        f"-c{CONNECTIONS}",
        f"-d{seconds:g}s",
        "--timeout",
        "10s",
        "-s",
        str(script),
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout
    assert done.returncode == 0, done.stderr
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def _by_threads(url: str, body: bytes, headers: dict[str, str], *, seconds: float, name: str) -> float:
    ends, counts = time.monotonic() + seconds, []

    def send(thread: int) -> None:
        line, sent = _connection(url), 0
        while time.monotonic() < ends:
            _post(line, url, body, headers | {"X-Chatwoot-Delivery": f"{name}-{thread}-{sent}"})
            sent += 1
        counts.append(sent)

    began = time.monotonic()
    threads = [threading.Thread(target=send, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == CONNECTIONS, "a request was not answered 2xx"
    return sum(counts) / (time.monotonic() - began)


def acks(url: str, *, seconds: float, each_s: float, first: int) -> list[float]:
    """Milliseconds to each answer, of webhooks sent at a steady rate, each on a connection of its own as Chatwoot does."""
    count, began = int(seconds / each_s), time.monotonic() + 0.2

    def send(number: int) -> float:
        body = message(first + number, conversation=first + number)
        headers = signed_headers(body, SECRET, f"ack-{first + number}", int(time.time()))
        time.sleep(max(0.0, began + number * each_s - time.monotonic()))
        sent = time.monotonic()
        line = _connection(url)
        _post(line, url, body, headers)
        line.close()
        return (time.monotonic() - sent) * 1000

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(send, range(count)))


def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)


def _post(line: http.client.HTTPConnection, url: str, body: bytes, headers: dict[str, str]) -> None:
    line.request("POST", urlsplit(url).path, body, headers)
    answer = line.getresponse()
    answer.read()
    assert answer.status < 300, answer.status
