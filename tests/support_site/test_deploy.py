"""How the environment sets the security settings, verified with Django's deployment check."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import KEY

ROOT = Path(__file__).resolve().parents[2]
# One process: what is asked once is looked at by several tests.
pytestmark = [pytest.mark.once, pytest.mark.xdist_group("deploy")]
LOOK = """
from django.conf import settings as s
from django.core.management import call_command
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)
call_command("check", deploy=True, fail_level="WARNING")
"""
URLS = {"https://support.example.com": "True", "http://127.0.0.1:8000": "False"}


@cache
def deployed(public_url: str) -> subprocess.CompletedProcess:
    """One process a site: both rules look at what it says."""
    environment = {
        "PATH": os.environ["PATH"], "SUPPORT_SITE_DOTENV": "0", "SECRET_KEY": "Vt8pQz7Lm4Xc9Rb6Ns3Hd5Jw1" * 2 + "k2",
        "ENCRYPTION_KEYS": KEY, "PUBLIC_URL": public_url, **compiled(),
    }  # fmt: skip
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", LOOK]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def compiled() -> dict[str, str]:
    """Where this run keeps compiled modules: without, the process compiles every one of them."""
    return {name: value for name, value in os.environ.items() if name == "PYTHONPYCACHEPREFIX"}


@pytest.mark.parametrize("public_url", URLS)
def test_djangos_check_of_a_deployment_finds_nothing(public_url):
    done = deployed(public_url)

    assert (done.returncode, "no issues" in done.stdout + done.stderr) == (0, True), done.stderr


@pytest.mark.parametrize(("public_url", "secure"), URLS.items())
def test_cookies_redirect_and_hsts_go_by_the_scheme_of_the_sites_address(public_url, secure):
    assert deployed(public_url).stdout.split()[:4] == [secure] * 4
