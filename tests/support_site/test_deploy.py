"""How the environment sets the security settings, verified with Django's deployment check."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import KEY

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once
COOKIES = (
    "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, "
    "s.SECURE_HSTS_SECONDS > 0)"
)


def manage(*words: str, public_url: str) -> subprocess.CompletedProcess:
    environment = {
        "PATH": os.environ["PATH"], "SUPPORT_SITE_DOTENV": "0", "SECRET_KEY": "Vt8pQz7Lm4Xc9Rb6Ns3Hd5Jw1" * 2 + "k2",
        "ENCRYPTION_KEYS": KEY, "PUBLIC_URL": public_url,
    }  # fmt: skip
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("public_url", ["https://support.example.com", "http://127.0.0.1:8000"])
def test_djangos_check_of_a_deployment_finds_nothing(public_url):
    done = manage("check", "--deploy", "--fail-level", "WARNING", public_url=public_url)

    assert (done.returncode, "no issues" in done.stdout + done.stderr) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("public_url", "secure"), [("https://support.example.com", "True"), ("http://127.0.0.1:8000", "False")]
)
def test_cookies_redirect_and_hsts_go_by_the_scheme_of_the_sites_address(public_url, secure):
    done = manage("shell", "-v0", "-c", COOKIES, public_url=public_url)

    assert done.stdout.split() == [secure] * 4, done.stderr
