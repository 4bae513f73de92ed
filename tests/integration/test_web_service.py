"""The web process as the delivered unit files run it: on a socket that systemd holds, and behind nginx. No request is refused."""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import urllib3

from tests.factories import SECRET, message_event
from tests.integration.conftest import Copies
from tests.site import ROOT, WEB, Site
from tests.waiting import eventually
from webhooks.simulator.sender import signed_headers

pytestmark = [pytest.mark.slow, pytest.mark.once]
# What systemd does: the socket is number 3, and whose it is stands in the environment.
ACTIVATED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
NAME = "support.example.com"
MIB = 2**20
SOURCE = f"""
from webhooks.models import Source, SourceSecret
source = Source.objects.create(slug="acme", base_url="http://127.0.0.1:1", account_id=1, api_token="token", sender_id=1)
SourceSecret.objects.create(source=source, secret="{SECRET}")
"""
numbers = itertools.count(100)


class Service:
    """The socket and the web service behind it."""

    def __init__(self, site: Site, listener: socket.socket) -> None:
        self.site, self.listener = site, listener
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.settimeout(30)
        self.notified.bind(str(site.log_path.parent / "notify"))

    def start(self) -> bytes:
        """The first word of the process to systemd."""
        number = self.listener.fileno()
        self.site.processes["web"] = subprocess.Popen(
            [sys.executable, "-c", ACTIVATED, str(number), *WEB], cwd=ROOT, pass_fds=[number],
            env=self.site.environment | {"NOTIFY_SOCKET": self.notified.getsockname()},
            stdout=self.site.log, stderr=self.site.log, start_new_session=True,
        )  # fmt: skip
        return self.notified.recv(1000)

    def restart(self) -> None:
        self.site.end("web")
        self.start()

    def reload(self) -> None:
        self.site.processes["web"].send_signal(signal.SIGHUP)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, a_copy: Copies) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with (
        a_copy(folder, name=f"support_service_{os.getpid()}") as url,
        socket.create_server(("127.0.0.1", 0), backlog=128) as listener,
    ):
        site = Site(
            folder, database_url=url, port=listener.getsockname()[1],
            PUBLIC_URL=f"https://{NAME}", TRUSTED_PROXIES="127.0.0.1", WEB_WORKERS="1",
        )  # fmt: skip
        site.manage("shell", "-v0", "-c", SOURCE)
        service = Service(site, listener)
        try:
            assert service.start().startswith(b"READY=1")
            webhook(site.url)  # a process's first request takes longest
            yield service
        finally:
            site.stop()


def webhook(url: str, *, text: str = "Hello", **options: object) -> requests.Response:
    body = json.dumps(message_event(next(numbers), content=text)).encode()
    headers = signed_headers(body, SECRET, str(uuid.uuid4()), int(time.time())) | {"Host": NAME}
    return requests.post(f"{url}/webhooks/chatwoot/acme/", data=body, headers=headers, timeout=20, **options)


@pytest.mark.parametrize("move", [Service.restart, Service.reload], ids=["restart", "reload"])
def test_a_web_process_that_is_replaced_refuses_nobody(service, move: Callable[[Service], None]):
    before = service.site.log_path.read_text().count("Booting worker")
    waiting = [socket.create_connection(service.listener.getsockname()) for _ in range(3)]

    move(service)

    assert [webhook(service.site.url).status_code for _ in range(5)] == [200] * 5
    eventually(lambda: service.site.log_path.read_text().count("Booting worker") > before)
    for connection in waiting:
        connection.close()


@pytest.fixture(scope="module")
def proxy(service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The delivered nginx.conf on ports of its own, with a second web host that is down. Its https address."""
    if not (shutil.which("nginx") and shutil.which("openssl")):
        pytest.skip("no nginx (and openssl) here to try docs/deployment/files/nginx.conf with")
    folder = tmp_path_factory.mktemp("nginx")
    plain, secure = free_port(), free_port()
    folder.joinpath("nginx.conf").write_text(wrapped(service.site.port, folder, plain=plain, secure=secure))
    certificate(folder)
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _listens(secure), each_s=0.05)
        yield f"https://127.0.0.1:{secure}"
    finally:
        process.terminate()
        process.wait()


def wrapped(site_port: int, folder: Path, *, plain: int, secure: int) -> str:
    """The file as it is delivered, but for ports and paths, inside the frame that nginx.conf gives it on a host."""
    text = (ROOT / "docs" / "deployment" / "files" / "nginx.conf").read_text()
    changes = {
        "server 127.0.0.1:8000 ": f"server 127.0.0.1:{free_port()} {{}}; server 127.0.0.1:{site_port} ",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "/etc/ssl/support-site/": f"{folder}/",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new.replace("{}", "max_fails=2 fail_timeout=5s"))
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.getuid() == 0 else ""
    frame = f"{user}daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
    return f"{frame}http {{\naccess_log off;\n{paths}{text}}}\n"


def certificate(folder: Path) -> None:
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN={NAME}"
    )
    subprocess.run(
        [*command.split(), "-keyout", "privkey.pem", "-out", "fullchain.pem"], cwd=folder, check=True,
        capture_output=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def through(proxy, monkeypatch) -> Callable[..., requests.Response]:
    """A request by way of the proxy, as a visitor of https://support.example.com."""
    urllib3.disable_warnings()
    monkeypatch.setenv("NO_PROXY", "*")

    def get(path: str, **headers: str) -> requests.Response:
        return requests.get(
            f"{proxy}{path}",
            headers={"Host": NAME} | headers,
            verify=False,
            allow_redirects=False,
            timeout=20,
        )

    return get


@pytest.mark.parametrize("size", [10, 2 * MIB], ids=["small", "two MiB"])
def test_a_webhook_comes_through_the_proxy_past_a_host_that_is_down(proxy, size):
    urllib3.disable_warnings()

    said = [webhook(proxy, text="x" * size, verify=False) for _ in range(3)]

    assert [(answer.status_code, answer.json()["status"]) for answer in said] == [(200, "accepted")] * 3


def test_the_site_knows_that_the_visitor_came_by_https(through):
    answer = through("/admin/login/")

    assert answer.status_code == 200
    assert "secure" in answer.headers["Set-Cookie"].lower()
    assert answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "claimed", [{}, {"X-Forwarded-For": "127.0.0.1"}], ids=["plainly", "claiming to be local"]
)
def test_a_visitor_is_not_told_what_is_missing(through, claimed):
    assert set(through("/readyz", **claimed).json()) == {"status"}


@pytest.mark.parametrize("path", ["/metrics", "/healthz/workers"])
def test_what_is_for_the_monitoring_is_closed_to_visitors(through, path):
    assert through(path).status_code == 403
